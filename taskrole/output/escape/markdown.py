"""GitHub's Markdown: values as code, and sentences with only plain words outside of code.

Code is the one place where GitHub makes no links of `@names`, `#1`, addresses and commits. Escaping by backslash or by
entity does not help: GitHub looks for names and addresses in the rendered page.

Source: https://github.github.com/gfm/#code-spans
"""

from __future__ import annotations

import re

from taskrole.output.escape.plain import cut, visible
from taskrole.output.escape.words import spans

_RUN = re.compile("`+")
_ITEM = re.compile(r"[0-9]+[.)](?= |$)")
_LONGEST_PROSE = 2_000


def code(value: str, longest: int = 300) -> str:
    """Return a value as a code span, safe in a table too; after `…`, the length of what was cut."""
    return _span(cut(visible(value), longest)) if value else ""


def bold(markdown: str) -> str:
    """Return escaped text in bold, nothing for nothing: stars around nothing would be stars."""
    return f"**{markdown}**" if markdown else ""


def prose(sentence: str, longest: int = _LONGEST_PROSE) -> str:
    """Return a sentence with all but its plain words in code spans, safe in a table too."""
    parts = spans(cut(sentence, longest))
    text = "".join(_span(part.text) if part.is_code else part.text for part in parts).strip()
    # At the start of a block this alone of all words would be markup: an item of a list.
    number = _ITEM.match(text)
    return f"{_span(number.group())}{text[number.end() :]}" if number else text


def fence(text: str, language: str) -> str:
    """Return lines of text as a fenced block that nothing in them can close."""
    lines = "\n".join(map(visible, text.split("\n")))
    bar = "`" * max(3, _longest_run(lines) + 1)
    return f"{bar}{language}\n{lines}\n{bar}"


def marker_text(value: str) -> str:
    """Return a text for an HTML comment: whatever could end it, or be markup, is percent-encoded."""
    return "".join(
        character if character.isascii() and (character.isalnum() or character in "._/") else _percent(character)
        for character in value
    )


def _percent(character: str) -> str:
    return "".join(f"%{byte:02X}" for byte in character.encode("utf-8", "surrogatepass"))


def _span(text: str) -> str:
    # A table is split into cells before code spans are read: parsers disagree about `\\|`, and none sees \x7c.
    text = text.replace("|", "\\x7c")
    bar = "`" * (_longest_run(text) + 1)
    # One space at each side is taken off again; a text of spaces only keeps them.
    padding = " " if text[0] in "` " or text[-1] in "` " else ""
    return f"{bar}{padding}{text}{padding}{bar}" if text.strip() else f"{bar}{text}{bar}"


def _longest_run(text: str) -> int:
    return max(map(len, _RUN.findall(text))) if "`" in text else 0
