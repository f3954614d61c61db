"""JSON larger than one would like to hold: an object's members one after the other, long arrays item by item.

What nobody asked for is dropped while it is read, so that memory follows what is kept, not the file.
"""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Callable, Iterator
from typing import Any, BinaryIO, NoReturn, TypeAlias

from taskrole.errors import InputError, Place, Problem, shown

CHUNK = 1 << 20  # bytes
LARGEST_INPUT = 512 << 20  # bytes
DEEPEST_NESTING = 200

# What is to become of an object that has been read; called for the innermost first.
Keep: TypeAlias = Callable[[dict[str, Any]], Any]

_SPACE = re.compile(r"[ \t\n\r]*")
# An error that lies this far before the end of what has been read is none of its being cut there.
_LONGEST_TOKEN = 1 << 10


def keep_all(found: dict[str, Any]) -> Any:
    """Keep an object as it is."""
    return found


def keep_none(_: dict[str, Any]) -> None:
    """Drop an object."""


class JsonStream:
    """A JSON object in a stream of bytes. Raises InputError for whatever is wrong with it, with line and column."""

    def __init__(self, stream: BinaryIO, file: str) -> None:
        self._stream = stream
        self._file = file
        self._decode = codecs.getincrementaldecoder("utf-8")()
        self._text = ""
        self._at = 0
        self._read_bytes = 0
        self._is_at_end = False
        self._lines = 0
        self._columns = 0

    def members(self, arrays: frozenset[str], keep: Callable[[str], Keep]) -> Iterator[tuple[str, Any]]:
        """Yield each member's key and value; those named in `arrays` once for each item. `keep` is asked by key."""
        self._begin()
        self._expect("{", "must be a JSON object")
        if self._skip("}"):
            self._end()
            return
        while True:
            key = self._value(keep_all)
            if not isinstance(key, str):
                self._fail("must have text as keys")
            self._expect(":", "must have a colon after a key")
            if key in arrays and self._peek() == "[":
                yield from ((key, item) for item in self._items(keep(key)))
            else:
                yield key, self._value(keep(key))
            if self._skip("}"):
                break
            self._expect(",", "must have a comma or a brace after a value")
        self._end()

    def _items(self, keep: Keep) -> Iterator[Any]:
        self._expect("[", "must be an array")
        if self._skip("]"):
            return
        while True:
            yield self._value(keep)
            if self._skip("]"):
                return
            self._expect(",", "must have a comma or a bracket after an item")

    def _value(self, keep: Keep) -> Any:
        def hook(pairs: list[tuple[str, Any]]) -> Any:
            found = dict(pairs)
            if len(found) != len(pairs):
                raise _RefusedError(f"must have each key once in an object; got one of {shown(list(found))} twice")
            return keep(found)

        decoder = json.JSONDecoder(object_pairs_hook=hook, parse_constant=_constant)
        while True:
            self._space()
            try:
                value, end = decoder.raw_decode(self._text, self._at)
            except _RefusedError as error:
                self._fail(str(error))
            except json.JSONDecodeError as error:
                if self._is_at_end or not _may_be_cut(error, len(self._text)):
                    self._fail_at(error.pos, _reason(error, is_at_end=self._is_at_end))
                self._more()
                continue
            except RecursionError:
                self._fail(f"must be nested at most {DEEPEST_NESTING} levels deep; it is deeper")
            except ValueError as error:  # a number of more digits than Python takes
                self._fail(f"holds a value that cannot be read: {error}")
            # A number may go on in what has not been read yet: `0.` is the beginning of one.
            if not self._is_at_end and not self._text[end:].strip("0123456789.eE+-"):
                self._more()
                continue
            self._at = end
            return value

    def _begin(self) -> None:
        self._more()
        if self._text.startswith("\ufeff"):
            self._at = 1
        self._space()
        if self._at == len(self._text):
            self._fail("is empty; write it with: terraform show -json PLANFILE > plan.json")

    def _end(self) -> None:
        self._space()
        if self._at < len(self._text):
            self._fail("must hold one JSON object; more follows it")

    def _space(self) -> None:
        while True:
            found = _SPACE.match(self._text, self._at)
            self._at = found.end() if found else self._at
            if self._at < len(self._text) or self._is_at_end:
                return
            self._more()

    def _peek(self) -> str:
        self._space()
        return self._text[self._at : self._at + 1]

    def _skip(self, character: str) -> bool:
        if self._peek() != character:
            return False
        self._at += 1
        return True

    def _expect(self, character: str, rule: str) -> None:
        if not self._skip(character):
            self._fail("ends too early: the file is cut short" if not self._peek() else rule)

    def _more(self) -> None:
        """Read as much again as is still to be looked at, and forget what is behind."""
        done = self._text[: self._at]
        lines = done.count("\n")
        self._lines += lines
        self._columns = len(done) - done.rfind("\n") - 1 if lines else self._columns + len(done)
        self._text = self._text[self._at :]
        self._at = 0
        content = self._stream.read(max(CHUNK, len(self._text)))
        self._read_bytes += len(content)
        if self._read_bytes > LARGEST_INPUT:
            self._fail(f"must be at most {LARGEST_INPUT >> 20} MiB large; it is larger; split the configuration")
        self._is_at_end = not content
        if self._read_bytes == len(content) and content[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
            self._fail("is UTF-16, as PowerShell writes it; save it as UTF-8: … | Out-File -Encoding utf8 plan.json")
        try:
            self._text += self._decode.decode(content, final=self._is_at_end)
        except UnicodeDecodeError:
            self._fail("must be UTF-8")

    def _fail(self, message: str) -> NoReturn:
        self._fail_at(self._at, message)

    def _fail_at(self, position: int, message: str) -> NoReturn:
        before = self._text[:position]
        lines = before.count("\n")
        column = len(before) - before.rfind("\n") - 1 if lines else self._columns + len(before)
        raise InputError([Problem(Place(self._file, self._lines + lines + 1, column + 1), message)])


class _RefusedError(ValueError):
    """JSON that Python would take and that means different things to different readers."""


def _constant(name: str) -> NoReturn:
    raise _RefusedError(f"must hold no {name}, which is no JSON")


def _may_be_cut(error: json.JSONDecodeError, length: int) -> bool:
    """Tell whether reading on may help: the text ends inside of what could not be read."""
    return error.msg.startswith("Unterminated string") or error.pos >= length - _LONGEST_TOKEN


def _reason(error: json.JSONDecodeError, *, is_at_end: bool) -> str:
    if is_at_end and (error.msg.startswith("Unterminated string") or error.pos >= len(error.doc)):
        return "ends too early: the file is cut short"
    return f"is no JSON: {error.msg[:1].lower()}{error.msg[1:]}"


def too_deep(value: Any) -> bool:
    """Tell whether data are nested deeper than anything that Terraform writes."""
    level: list[Any] = [value]
    for _ in range(DEEPEST_NESTING):
        level = [
            child
            for one in level
            if isinstance(one, (dict, list))
            for child in (one.values() if isinstance(one, dict) else one)
        ]
        if not level:
            return False
    return True
