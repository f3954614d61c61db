"""HTML: builds elements from parts; all text is escaped, and no markup comes from a report."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from functools import lru_cache

from taskrole.errors import BadValueError
from taskrole.output.escape.plain import visible
from taskrole.output.escape.words import spans

_NAME = re.compile(r"[a-zA-Z][a-zA-Z0-9-]*")
_BREAK = re.compile("(?<=:)(?=[^:/])|(?<=[^:/])(?=/)")
_EMPTY = frozenset({"meta", "br", "hr", "input", "rect"})

_LINES = frozenset(
    {
        "head",
        "title",
        "style",
        "header",
        "main",
        "section",
        "article",
        "footer",
        "table",
        "thead",
        "tr",
        "li",
        "h1",
        "h2",
        "h3",
        "p",
        "ul",
        "details",
        "svg",
        "g",
        "label",
    }
)


class Markup(str):
    """Text that is already HTML. Only this module creates it from other text."""

    __slots__ = ()


def element(tag: str, *children: str, **attributes: str | bool) -> Markup:
    """Return an element. Plain children and attribute values are escaped; True creates an empty attribute.

    `class_` and `for_` are attributes that Python reserves, `data_role` is `data-role`; an attribute that is False is
    omitted.
    """
    text = "".join(_attribute(name, value) for name, value in attributes.items() if value is not False)
    if tag in _EMPTY:
        return Markup(f"<{tag}{text}/>" if tag == "rect" else f"<{tag}{text}>")
    # Block elements go on separate lines, so that pages can be compared.
    end = "\n" if tag in _LINES else ""
    return Markup(f"<{tag}{text}>{join(children)}</{tag}>{end}")


def asset(tag: str, source: str) -> Markup:
    """Return a style or script element with source code of this package, which browsers do not unescape."""
    if f"</{tag}" in source.lower() or "<!--" in source:
        raise BadValueError(f"must not contain the end tag of {tag}")
    return Markup(f"<{tag}>{source}</{tag}>")


def join(children: Iterable[str]) -> Markup:
    """Return children concatenated, plain ones escaped."""
    return Markup("".join(child if isinstance(child, Markup) else escaped(child) for child in children))


def escaped(text: str) -> Markup:
    """Return text as HTML that displays it."""
    return Markup(html.escape(visible(text), quote=True))


def code(value: str) -> Markup:
    """Return a value as code that wraps only after a colon or before a slash."""
    parts = _BREAK.split(visible(value))
    return element("code", Markup("<wbr>".join(map(escaped, parts))))


def prose(sentence: str) -> Markup:
    """Return a sentence with its values in code elements."""
    return join(code(part.text) if part.is_code else part.text for part in spans(sentence))


def _attribute(name: str, value: str | bool) -> str:
    return f" {_name(name)}" if value is True else f' {_name(name)}="{escaped(str(value))}"'


@lru_cache(maxsize=256)
def _name(name: str) -> str:
    attribute = name.rstrip("_").replace("_", "-")
    if not _NAME.fullmatch(attribute):
        raise BadValueError(f"must be an attribute's name; got {name!r}")
    return attribute
