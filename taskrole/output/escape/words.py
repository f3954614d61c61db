"""Splits sentences into words and values, to show values as code. `errors.py` limits the length of values.

Messages are sentences with values of the plan in them, without marks around the values. A token that can only be a word
is one; all other tokens are values, which targets show as code. Content that an attacker hides in a sentence is
therefore in code, where it has no effect, and ARNs are easy to see.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from taskrole.output.escape.plain import visible

# Letters with inner apostrophes and hyphens, small numbers, dashes. Seven hexadecimal digits could name a commit, also
# next to a hyphen.
_WORD = re.compile(
    r"(?!(?:.*['\u2019-])?[0-9a-fA-F]{7,}(?:['\u2019-]|$))"
    r"(?:[A-Za-z]+(?:['\u2019-][A-Za-z]+)*|[A-Za-z]+[0-9]{1,4}"
    r"|[+-]?(?:[0-9]{1,6}|[0-9]{1,3}(?:,[0-9]{3})+)|[\u2013\u2014\u2192\u2026\xb7])"
)
_TOKEN = re.compile(r"""([("\u201c']*)(.*?)([).,;:!?"\u201d'\u2026]*)""", re.DOTALL)
# GitHub turns this prefix into a link, whatever follows.
_ADDRESS = re.compile(r"www\.", re.IGNORECASE)
_SPACES = re.compile("( +)")
# Code in Markdown syntax, which messages may use.
_MARKED = re.compile("`([^`]+)`")


class Span(NamedTuple):
    """A part of a sentence: words, or a value to show as code."""

    is_code: bool
    text: str


def spans(sentence: str) -> Iterator[Span]:
    """Yield the parts of a sentence in order, with visible characters; words and code alternate, and none is empty."""
    text = ""
    was_code = False
    for is_code, part in _parts(visible(sentence)):
        if text and is_code != was_code:
            yield Span(was_code, text)
            text = ""
        text += part
        was_code = is_code
    if text:
        yield Span(was_code, text)


def _parts(text: str) -> list[Span]:
    if "`" not in text:
        return _words(text)
    parts: list[Span] = []
    position = 0
    for marked in _MARKED.finditer(text):
        parts += _words(text[position : marked.start()])
        parts.append(Span(is_code=True, text=marked.group(1)))
        position = marked.end()
    return parts + _words(text[position:])


def _words(text: str) -> list[Span]:
    return [part for token in _SPACES.split(text) for part in _token(token)]


@lru_cache(maxsize=4_096)
def _token(token: str) -> tuple[Span, ...]:
    matched = _TOKEN.fullmatch(token)
    assert matched is not None  # noqa: S101 - the pattern matches every text
    opening, value, closing = matched.groups()
    if ":" in value:
        # Colons at the end of an ARN belong to it, not to the sentence.
        rest = closing.lstrip(":")
        value, closing = f"{value}{closing[: len(closing) - len(rest)]}", rest
    is_word = not value.strip() or (_WORD.fullmatch(value) is not None and not _ADDRESS.search(token))
    value = " " if value.isspace() else value
    parts = (Span(is_code=False, text=opening), Span(not is_word, value), Span(is_code=False, text=closing))
    return tuple(part for part in parts if part.text)
