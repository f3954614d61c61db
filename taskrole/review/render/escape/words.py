"""Sentences, told apart into words and values.

Messages are sentences of ours with values of the plan in them, and nothing marks where these begin. A token that can
only be a word is one; whatever else stands between spaces is a value, and targets show it as code. What somebody
hides in a sentence therefore ends in code, where nothing takes effect, and ARNs stand out for the reader.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from taskrole.review.render.escape.plain import visible

# Letters with inner apostrophes and hyphens, small numbers, dashes. Seven hexadecimal digits would be a commit's name.
_WORD = re.compile(
    r"(?![0-9a-f]{7,}$)(?:[A-Za-z]+(?:['\u2019-][A-Za-z]+)*|[0-9]{1,6}|[0-9]{1,3}(?:,[0-9]{3})+|[\u2013\u2014\u2192\u2026\xb7])"
)
_TOKEN = re.compile(r"""([("\u201c']*)(.*?)([).,;:!?"\u201d'\u2026]*)""", re.DOTALL)
# Code as Markdown marks it, which messages may use.
_MARKED = re.compile(r"`([^`]+)`")


class Span(NamedTuple):
    """A part of a sentence: words as they are, or a value to be shown as code."""

    is_code: bool
    text: str


def spans(sentence: str) -> Iterator[Span]:
    """Yield a sentence's parts, made visible, in their order; joined without a separator they read as the sentence."""
    position = 0
    text = visible(sentence)
    for marked in _MARKED.finditer(text):
        yield from _merged(_words(text[position : marked.start()]))
        yield Span(is_code=True, text=marked.group(1))
        position = marked.end()
    yield from _merged(_words(text[position:]))


def _words(text: str) -> Iterator[Span]:
    for token in re.split(r"( +)", text):
        if not token:
            continue
        if token.isspace():
            yield Span(is_code=False, text=" ")
            continue
        opening, value, closing = _parts(token)
        if not value or _WORD.fullmatch(value):
            yield Span(is_code=False, text=token)
            continue
        yield from (Span(is_code=False, text=opening),) if opening else ()
        yield Span(is_code=True, text=value)
        yield from (Span(is_code=False, text=closing),) if closing else ()


def _parts(token: str) -> tuple[str, str, str]:
    matched = _TOKEN.fullmatch(token)
    assert matched is not None  # noqa: S101 - the pattern matches every text
    opening, value, closing = matched.groups()
    return opening, value, closing


def _merged(parts: Iterator[Span]) -> Iterator[Span]:
    words = ""
    for part in parts:
        if not part.is_code:
            words += part.text
            continue
        if words:
            yield Span(is_code=False, text=words)
            words = ""
        yield part
    if words:
        yield Span(is_code=False, text=words)
