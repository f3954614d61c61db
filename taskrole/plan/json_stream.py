"""Reads large JSON files value by value, down to the depth that the caller selects.

Other values are skipped while reading, so memory grows with the selected values, not with the file.
"""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from itertools import accumulate
from typing import Any, BinaryIO, Literal, NoReturn, TypeAlias

from taskrole.buffered_text import BufferedText
from taskrole.errors import InputError, Place, Problem, quote
from taskrole.strict_json import RefusedError, parse_constant, parse_float, parse_int, refuse_lone_surrogates

CHUNK = 1 << 20  # bytes
LARGEST_INPUT = 512 << 20  # bytes
_DEEPEST_NESTING = 200

# What to do with a value: yield it whole, yield its items one by one, or skip it.
Mode = Literal["value", "open", "skip"]

# Keys from the outermost object inward; ITEM is every item of an array.
ITEM = "[]"
Path: TypeAlias = tuple[str, ...]

# Converts each object after it is read, the innermost first.
Keep: TypeAlias = Callable[[dict[str, Any]], Any]

_ENDS = {"{": "}", "[": "]"}
# Null items of an array, each with its comma.
_NULLS = re.compile(r"[ \t\n\r]*(?:null[ \t\n\r]*,[ \t\n\r]*)+")
# The characters that can continue a number.
_REST_OF_NUMBER = re.compile(r"[0-9.eE+-]*")
_NO_MARKS = re.compile(r"[^{}\[\]]+")
_TEXT_OR_MARK = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\]]', re.DOTALL)
_REST_OF_TEXT = re.compile(r'(?:[^"\\]|\\.)*"', re.DOTALL)

_CUT_SHORT = "ends too early: the file is cut short"
_TOO_DEEP = f"must be nested at most {_DEEPEST_NESTING} levels deep; it is deeper"

# An error at least this far before the end of the buffer is not caused by the buffer's end.
_LONGEST_TOKEN = 1 << 10


def keep_all(value: dict[str, Any]) -> Any:
    """Return an object unchanged."""
    return value


class JsonStream(BufferedText):
    """A JSON object in a stream of bytes. Raises InputError, with line and column, if it is malformed."""

    _spaces = re.compile(r"[ \t\n\r]*")

    def __init__(self, stream: BinaryIO, file: str) -> None:
        super().__init__()
        self._stream = stream
        self._file = file
        self._decode = codecs.getincrementaldecoder("utf-8")()
        self._read_bytes = 0
        self._lines = 0
        self._columns = 0

    def walk(self, mode: Callable[[Path], Mode], keep: Callable[[Path], Keep]) -> Iterator[tuple[Path, Any]]:
        """Yield the values that `mode` selects whole, each with its path; `keep` reduces their objects."""
        self._begin()
        if self.peek() != "{":
            self._fail("must be a JSON object")
        yield from self._walk((), mode, keep)
        self._space()
        if self._at < len(self._text):
            self._fail("must hold one JSON object; more follows it")

    def _walk(
        self, path: Path, mode: Callable[[Path], Mode], keep: Callable[[Path], Keep]
    ) -> Iterator[tuple[Path, Any]]:
        if len(path) > _DEEPEST_NESTING:
            self._fail(_TOO_DEEP)
        wanted, begins = mode(path), self.peek()
        if wanted == "skip" and begins in _ENDS:
            self._pass_over()
        elif wanted == "open" and begins in _ENDS:
            for key in self._keys(begins):
                yield from self._walk((*path, key), mode, keep)
        else:
            value = self._value(keep(path))
            if wanted != "skip":
                yield path, value

    def _keys(self, begins: str) -> Iterator[str]:
        """Yield the keys of an object, or ITEM for each item of an array, positioned before its value."""
        is_object = begins == "{"
        self._skip(begins)
        if self._skip(_ENDS[begins]):
            return
        while True:
            nulls = None if is_object else _NULLS.match(self._text, self._at)
            if nulls:
                self._at = nulls.end()
            yield self._key() if is_object else ITEM
            if self._skip(_ENDS[begins]):
                return
            self._expect(",", f"must have a comma or {_ENDS[begins]} after a value")

    def _key(self) -> str:
        if self.peek() not in ("", '"'):
            self._fail("must have text as keys")
        key = self._value(keep_all)
        self._expect(":", "must have a colon after a key")
        return str(key)

    def _pass_over(self) -> None:
        """Skip an object or array without building it; errors inside it are not reported."""
        depth, in_text, escaped = 0, False, ""
        while True:
            chunk = escaped + self._text[self._at :]
            pieces = chunk.replace("\\\\", "").replace('\\"', "").split('"')
            marks = _NO_MARKS.sub("", "".join(pieces[1 if in_text else 0 :: 2]))
            depths = list(accumulate((1 if mark in _ENDS else -1 for mark in marks), initial=depth))
            if 0 in depths[1:]:
                self._at = self._end_of(depth, in_text=in_text, escapes=bool(escaped))
                return
            backslashes = len(chunk) - len(chunk.rstrip("\\"))
            escaped = "\\" if backslashes % 2 else ""
            depth, in_text = depths[-1], in_text is (len(pieces) % 2 == 1)
            self._at = len(self._text)
            if self._is_at_end:
                self._fail(_CUT_SHORT)
            self._more()

    def _end_of(self, depth: int, *, in_text: bool, escapes: bool) -> int:
        """Return where the open object or array of a depth ends in the buffer."""
        # A string that began earlier ends here; a preceding backslash may escape its first character.
        begin = _REST_OF_TEXT.match(self._text, self._at + escapes) if in_text else None
        for match in _TEXT_OR_MARK.finditer(self._text, begin.end() if begin else self._at):
            mark = match.group()
            depth += (mark in _ENDS) - (mark in "}]")
            if depth == 0:
                return match.end()
        return len(self._text)

    def _value(self, keep: Keep) -> Any:
        decoder = _decoder(keep)
        while True:
            self._space()
            try:
                value, end = decoder.raw_decode(self._text, self._at)
                refuse_lone_surrogates(self._text, value, self._at, end)
            except RefusedError as error:
                self._fail(str(error))
            except json.JSONDecodeError as error:
                if self._is_at_end or not _may_be_cut(error, len(self._text)):
                    self._fail_at(error.pos, _reason(error, is_at_end=self._is_at_end))
                self._more()
                continue
            except RecursionError:
                self._fail(_TOO_DEEP)
            # A number may continue after the buffer: `0.` is the beginning of one.
            if not self._is_at_end and _number_end(self._text, end) == len(self._text):
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

    def _expect(self, character: str, rule: str) -> None:
        if not self._skip(character):
            self._fail(_CUT_SHORT if not self.peek() else rule)

    def _more(self) -> bool:
        """Read about as much again as is still unread, and discard what has been used; return whether there was any."""
        if self._is_at_end:
            return False
        done = self._text[: self._at]
        lines = done.count("\n")
        self._lines += lines
        self._columns = len(done) - done.rfind("\n") - 1 if lines else self._columns + len(done)
        self._text = self._text[self._at :]
        self._at = 0
        try:
            content = self._stream.read(max(CHUNK, len(self._text)))
        except OSError as error:
            raise InputError([Problem(Place(self._file), f"cannot be read: {error.strerror}")]) from error
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
        return not self._is_at_end

    def _fail(self, message: str) -> NoReturn:
        self._fail_at(self._at, message)

    def _fail_at(self, position: int, message: str) -> NoReturn:
        before = self._text[:position]
        lines = before.count("\n")
        column = len(before) - before.rfind("\n") - 1 if lines else self._columns + len(before)
        raise InputError([Problem(Place(self._file, self._lines + lines + 1, column + 1), message)])


@lru_cache(maxsize=8)
def _decoder(keep: Keep) -> json.JSONDecoder:
    """Return a decoder that reads a value and reduces its objects."""

    def hook(pairs: list[tuple[str, Any]]) -> Any:
        value = dict(pairs)
        if len(value) != len(pairs):
            raise RefusedError(f"must have each key once in an object; got one of {quote(list(value))} twice")
        return value if keep is keep_all else keep(value)

    return json.JSONDecoder(
        object_pairs_hook=hook, parse_constant=parse_constant, parse_int=parse_int, parse_float=parse_float
    )


def _number_end(text: str, start: int) -> int:
    """Return the end of the characters, from a position on, that can be part of a number."""
    rest = _REST_OF_NUMBER.match(text, start)
    return rest.end() if rest else start


def _may_be_cut(error: json.JSONDecodeError, length: int) -> bool:
    """Return whether the end of the buffer may have caused the error: the text ends within the failed value."""
    return error.msg.startswith("Unterminated string") or error.pos >= length - _LONGEST_TOKEN


def _reason(error: json.JSONDecodeError, *, is_at_end: bool) -> str:
    if is_at_end and (error.msg.startswith("Unterminated string") or error.pos >= len(error.doc)):
        return _CUT_SHORT
    return f"is not valid JSON: {error.msg[:1].lower()}{error.msg[1:]}"


def too_deep(value: Any) -> bool:
    """Return whether data is nested more deeply than anything that Terraform writes."""
    level: list[dict[str, Any] | list[Any]] = [value] if isinstance(value, (dict, list)) else []
    for _ in range(_DEEPEST_NESTING - 1):
        if not level:
            return False
        level = [
            child
            for item in level
            for child in (item.values() if isinstance(item, dict) else item)
            if isinstance(child, (dict, list))
        ]
    return any(level)
