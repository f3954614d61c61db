"""Reads a stream of JSON values of any length.

Items of the array under a known first key, such as `{"Records": [`, are yielded one by one. Memory holds one value and
the read-ahead buffer.
"""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Callable, Iterator
from typing import Any

from taskrole.buffered_text import BufferedText
from taskrole.strict_json import RefusedError, parse_constant, parse_float, parse_int

_CHUNK = 1 << 20  # bytes
LARGEST_VALUE = 64 << 20  # characters
LARGEST_ITEM = 4 << 20  # characters; CloudTrail limits events to 256 KB, CloudTrail Lake to 1 MB

# The first keys of AWS's files and responses: delivered files, lookup-events, CloudTrail Lake results.
LISTS = ("Records", "Events", "QueryResultRows")
_LIST = re.compile(r'\{\s*"(' + "|".join(LISTS) + r')"\s*:\s*\[')
_LONGEST_START = 4_096  # characters

Read = Callable[[int], bytes]


class BrokenError(Exception):
    """An error in a stream, as a clause; the values before it were read."""


class JsonValues(BufferedText):
    """The values of a stream of bytes, each with the key of its list, or an empty string."""

    _spaces = re.compile(r"[\s\x1e]*")

    def __init__(self, read: Read) -> None:
        super().__init__()
        self._read = read
        self._decode = codecs.getincrementaldecoder("utf-8-sig")()
        self._decoder = json.JSONDecoder(
            parse_constant=parse_constant, parse_float=parse_float, parse_int=parse_int
        ).raw_decode

    def lines(self) -> Iterator[str]:
        """Yield the remaining lines. Raises BrokenError."""
        while True:
            *lines, self._text = self._text[self._at :].splitlines(keepends=True) or [""]
            self._at = 0
            yield from lines
            if not self._more():
                break
        if self._text:
            yield self._text

    def values(self) -> Iterator[tuple[str, Any]]:
        """Yield each value with the key of its list. Raises BrokenError."""
        while True:
            character = self.peek()
            if not character:
                return
            if character == "[":
                self._at += 1
                yield from self._items("")
                continue
            while len(self._text) - self._at < _LONGEST_START and self._more():
                pass
            match = _LIST.match(self._text, self._at)
            if match:
                self._at = match.end()
                yield from self._items(match[1])
                self._rest_of_object()
            else:
                yield "", self._value(LARGEST_VALUE)

    def _items(self, key: str) -> Iterator[tuple[str, Any]]:
        if self._skip("]"):
            return
        while True:
            yield key, self._value(LARGEST_ITEM)
            if self._skip("]"):
                return
            if not self._skip(","):
                raise BrokenError("is not JSON: a comma or ] is missing after an item" if self._text else _CUT_SHORT)

    def _rest_of_object(self) -> None:
        while self._skip(","):
            self._value(LARGEST_ITEM)
            if not self._skip(":"):
                raise BrokenError("is not JSON: a colon is missing after a key")
            self._value(LARGEST_ITEM)
        if not self._skip("}"):
            raise BrokenError(_CUT_SHORT)

    def _value(self, largest: int) -> Any:
        self._space()
        while True:
            try:
                value, end = self._decoder(self._text, self._at)
            except RefusedError as error:
                raise BrokenError(str(error)) from None
            except RecursionError:
                raise BrokenError("is nested too deeply") from None
            except json.JSONDecodeError as error:
                if len(self._text) - self._at > largest:
                    raise BrokenError(
                        f"has a value of more than {largest >> 20} Mi characters, or is not JSON"
                    ) from None
                if not self._more(len(self._text) - self._at):
                    raise BrokenError(_CUT_SHORT if self._is_cut(error) else f"is not JSON: {error.msg}") from None
                continue
            # A number at the end of the buffer may continue.
            if end == len(self._text) and self._more():
                continue
            self._at = end
            return value

    def _is_cut(self, error: json.JSONDecodeError) -> bool:
        return error.pos >= len(self._text) - 1 or error.msg.startswith("Unterminated string")

    def _more(self, size: int = _CHUNK) -> bool:
        """Read more of the stream; return whether there was any."""
        if self._is_at_end:
            return False
        data = self._read(max(_CHUNK, size))
        self._is_at_end = not data
        try:
            text = self._decode.decode(data, final=self._is_at_end)
        except UnicodeDecodeError as error:
            raise BrokenError("is not UTF-8") from error
        self._text = self._text[self._at :] + text
        self._at = 0
        return bool(data)


_CUT_SHORT = "ends too early: the file is cut short"
