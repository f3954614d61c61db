"""The frame of a page: a single file that loads nothing, with the style and script that all pages share.

Its Content Security Policy allows only its own style and script, by their hashes.

Source: https://www.w3.org/TR/CSP3/#framework-directive-source-list
"""

from __future__ import annotations

import base64
import hashlib
from importlib.resources import files

from taskrole.output.escape.html import Markup, asset, element


def framed_page(title: str, *content: Markup) -> str:
    """Return a page with this content and the script."""
    body = element("body", *content, asset("script", _source("page.js")))
    return f"<!doctype html>\n{element('html', _head(title), body, lang='en')}\n"


def content_security_policy() -> str:
    """Return the Content Security Policy of a page: nothing external, and only its own style and script."""
    style, script = (_hash(_source(name)) for name in ("page.css", "page.js"))
    return (
        f"default-src 'none'; style-src 'sha256-{style}'; script-src 'sha256-{script}'; "
        "base-uri 'none'; form-action 'none'"
    )


def _head(title: str) -> Markup:
    return element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", http_equiv="Content-Security-Policy", content=content_security_policy()),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="color-scheme", content="light dark"),
        element("meta", name="referrer", content="no-referrer"),
        element("title", title),
        asset("style", _source("page.css")),
    )


def _source(name: str) -> str:
    return files(__package__).joinpath(name).read_text("utf-8")


def _hash(source: str) -> str:
    return base64.b64encode(hashlib.sha256(source.encode("utf-8")).digest()).decode("ascii")
