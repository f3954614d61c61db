"""GitHub's Markdown: values as code, and sentences with only plain words outside code.

Only in code does GitHub not create links for `@names`, `#1`, addresses and commits. Escaping with backslashes or
entities does not prevent them: GitHub searches the rendered page for names and addresses.

Source: https://github.github.com/gfm/#code-spans
"""

from __future__ import annotations

import re
from functools import lru_cache

from taskrole.output.escape.plain import cut, visible
from taskrole.output.escape.words import spans

_RUN = re.compile("`+")
_ITEM = re.compile(r"[0-9]+[.)](?= |$)")
_LONGEST_PROSE = 2_000


# Many sections of a page have the same values and sentences.
@lru_cache(maxsize=1_024)
def code(value: str, longest: int = 300) -> str:
    """Return a value as a code span, also safe in tables; a cut value ends with `…` and the number of characters."""
    return _span(cut(visible(value), longest)) if value else ""


def bold(markdown: str) -> str:
    """Return escaped text in bold; an empty text stays empty."""
    return f"**{markdown}**" if markdown else ""


@lru_cache(maxsize=1_024)
def prose(sentence: str, longest: int = _LONGEST_PROSE) -> str:
    """Return a sentence with everything but its plain words in code spans, also safe in tables."""
    parts = spans(cut(sentence, longest))
    text = "".join(_span(part.text) if part.is_code else part.text for part in parts).strip()
    # At the start of a block, this word alone would be markup: a list item.
    number = _ITEM.match(text)
    return f"{_span(number.group())}{text[number.end() :]}" if number else text


def fence(text: str, language: str) -> str:
    """Return lines of text as a fenced block that its content cannot close."""
    lines = "\n".join(map(visible, text.split("\n")))
    bar = "`" * max(3, _longest_run(lines) + 1)
    return f"{bar}{language}\n{lines}\n{bar}"


def marker_text(value: str) -> str:
    """Return a text for an HTML comment: characters that could end it, or be markup, are percent-encoded."""
    return "".join(
        character if character.isascii() and (character.isalnum() or character in "._/") else _percent(character)
        for character in value
    )


def _percent(character: str) -> str:
    return "".join(f"%{byte:02X}" for byte in character.encode("utf-8", "surrogatepass"))


def _span(text: str) -> str:
    # Tables are split into cells before code spans are parsed: parsers differ on `\\|`, and all treat \x7c as text.
    text = text.replace("|", "\\x7c")
    bar = "`" * (_longest_run(text) + 1)
    # One space on each side is removed in rendering; a text of only spaces keeps them.
    padding = " " if text[0] in "` " or text[-1] in "` " else ""
    return f"{bar}{padding}{text}{padding}{bar}" if text.strip() else f"{bar}{text}{bar}"


def _longest_run(text: str) -> int:
    return max(map(len, _RUN.findall(text))) if "`" in text else 0
