"""Parses untrusted JSON strictly."""

from __future__ import annotations

import json
from codecs import BOM_UTF8
from collections.abc import Iterable
from typing import Any

from taskrole.errors import InputError, Place, Problem, quote
from taskrole.reading import LARGEST_FILE
from taskrole.strict_json import RefusedError, parse_constant, parse_float, parse_int, refuse_lone_surrogates

DEEPEST_NESTING = 64


def parse_json(content: bytes, file: str) -> Any:
    """Return the data of a JSON text in UTF-8, with or without a byte order mark.

    Raises InputError for text that is larger than 5 MiB, not UTF-8, not JSON, nested deeper than 64 levels, or that
    has a duplicate key, NaN, infinity, an excessive number, or a lone surrogate.
    """
    try:
        return _parse(content)
    except UnicodeDecodeError as error:
        message = f"must be UTF-8; byte {error.start} is not; save it as UTF-8"
        place = Place(file)
    except json.JSONDecodeError as error:
        message = f"is not valid JSON: {error.msg[:1].lower()}{error.msg[1:]}"
        place = Place(file, error.lineno, error.colno)
    except RecursionError:
        message, place = _too_deep(), Place(file)
    except RefusedError as error:
        message, place = str(error), Place(file)
    raise InputError([Problem(place, message)])


def _parse(content: bytes) -> Any:
    if len(content) > LARGEST_FILE:
        raise RefusedError(f"must be at most {LARGEST_FILE // 1024 // 1024} MiB large; it is larger; split it")
    text = content.removeprefix(BOM_UTF8).decode()
    if not text.strip():
        raise RefusedError("is empty; it must hold a task definition")
    data = _DECODER.decode(text)
    level = [data] if type(data) in _CONTAINERS else []
    for _ in range(DEEPEST_NESTING):
        # Not isinstance, which takes twice as long: this runs for every value, all of them from the parser.
        level = [child for value in level for child in _children(value) if type(child) in _CONTAINERS]
        if not level:
            refuse_lone_surrogates(text, data)
            return data
    raise RefusedError(_too_deep())


_CONTAINERS = frozenset({dict, list})


def _children(value: Any) -> Iterable[Any]:
    children: Iterable[Any] = value.values() if type(value) is dict else value
    return children


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    data = dict(pairs)
    if len(data) != len(pairs):
        seen: set[str] = set()
        twice = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
        raise RefusedError(f"must have each key once in an object; got {quote(twice)} twice")
    return data


def _too_deep() -> str:
    return f"must be nested at most {DEEPEST_NESTING} levels deep; it is deeper"


_DECODER = json.JSONDecoder(
    object_pairs_hook=_object, parse_constant=parse_constant, parse_int=parse_int, parse_float=parse_float
)
