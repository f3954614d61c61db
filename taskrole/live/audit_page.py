"""The page of an audit around its content: it loads nothing, with the look and the script of the review's.

Its policy lets run only the style and the script that it holds, by their hashes.
"""

from __future__ import annotations

import base64
import hashlib
from importlib.resources import files

from taskrole.review.render.escape.html import Markup, asset, element


def audit_page(title: str, header: Markup, *sections: Markup | None) -> str:
    """Return a page with a header and those of its sections that are there."""
    body = element(
        "body",
        header,
        element("main", *(section for section in sections if section)),
        asset("script", _source("page.js")),
    )
    return f"<!doctype html>\n{element('html', _head(title), body, lang='en')}\n"


def content_security_policy() -> str:
    """Return the page's policy: nothing from anywhere, and of what is inside only our own style and script."""
    style, script = (_hash(_source(name)) for name in ("page.css", "page.js"))
    return (
        f"default-src 'none'; style-src 'sha256-{style}'; script-src 'sha256-{script}'; "
        "base-uri 'none'; form-action 'none'"
    )


def _hash(source: str) -> str:
    return base64.b64encode(hashlib.sha256(source.encode()).digest()).decode("ascii")


def _source(name: str) -> str:
    return files("taskrole.review.render.html").joinpath(name).read_text("utf-8")


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
