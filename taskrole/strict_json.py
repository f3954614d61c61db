"""Rejects JSON that Python accepts, but that other programs read differently or not at all."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from typing import Any, NoReturn

LONGEST_NUMBER = 300  # digits; parsing time grows faster than the length

_SURROGATE_ESCAPE = re.compile(r"\\u[dD][89a-fA-F]")


class RefusedError(ValueError):
    """JSON that Python accepts, but that other readers interpret differently; the text is the rule."""


def parse_constant(name: str) -> NoReturn:
    """Raise RefusedError for NaN, Infinity and -Infinity."""
    raise RefusedError(f"must not contain {name}, which is not JSON")


def parse_int(digits: str) -> int:
    """Return an integer. Raises RefusedError for one of more than 300 digits."""
    if len(digits) > LONGEST_NUMBER:
        raise RefusedError(f"must not contain numbers of more than {LONGEST_NUMBER} digits; got {len(digits)}")
    return int(digits)


def parse_float(digits: str) -> float:
    """Return a number with a fraction or exponent. Raises RefusedError for one that is infinite as a double."""
    number = float(digits)
    if math.isinf(number):
        raise RefusedError("must not contain numbers beyond 1.8e308, which many programs read as infinity")
    return number


def refuse_lone_surrogates(text: str, value: Any, start: int = 0, end: int | None = None) -> None:
    r"""Raise RefusedError for a value with half of a surrogate pair, such as `\ud800`, which is not valid Unicode.

    `text` from `start` to `end` is the JSON of the value. The value is searched only if the text contains surrogate
    escapes.
    """
    end = len(text) if end is None else end
    # A single character is found much faster than two, and most texts have no escapes.
    if text.find("\\", start, end) != -1 and _SURROGATE_ESCAPE.search(text, start, end) and _has_surrogate(value):
        raise RefusedError("must be valid Unicode; got half of a surrogate pair, such as \\ud800")


def _has_surrogate(value: Any) -> bool:
    level: list[Any] = [value]
    while level:
        if any(isinstance(item, str) and not _is_unicode(item) for item in level):
            return True
        level = [part for item in level for part in _parts(item)]
    return False


def _parts(value: Any) -> Iterable[Any]:
    if isinstance(value, dict):
        return (*value.keys(), *value.values())
    return value if isinstance(value, list) else ()


def _is_unicode(text: str) -> bool:
    return not any("\ud800" <= character <= "\udfff" for character in text)
