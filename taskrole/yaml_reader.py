"""Reads untrusted YAML: plain data with the position of each value, or all problems.

Scalars are read by the YAML 1.2 core rules, so that `off` and `no` stay strings, and keys are always strings. Tags
(other than those a caller names), cycles, merge keys and several documents in one file are refused; size, depth and the
growth of aliases are limited.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import field
from functools import cached_property
from pathlib import Path
from typing import Any, TypeAlias

import yaml

from taskrole.dataclass import dataclass
from taskrole.errors import InputError, Place, Problem, quote
from taskrole.reading import read_declared

_DEEPEST_NESTING = 32
MOST_VALUES = 200_000  # with aliases expanded

Keys: TypeAlias = tuple[str | int, ...]
Position: TypeAlias = tuple[int, int]

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_TEXT_TAGS = (None, "!", "tag:yaml.org,2002:str")
_Scalars: TypeAlias = "tuple[tuple[re.Pattern[str], Any], ...]"
_WORDS: _Scalars = (
    (re.compile(r"|~|null|Null|NULL"), lambda _: None),
    (re.compile(r"true|True|TRUE"), lambda _: True),
    (re.compile(r"false|False|FALSE"), lambda _: False),
)
_CORE: _Scalars = (
    *_WORDS,
    (re.compile(r"[-+]?[0-9]{1,300}"), int),
    (re.compile(r"0o[0-7]{1,300}"), lambda text: int(text, 0)),
    (re.compile(r"0x[0-9a-fA-F]{1,300}"), lambda text: int(text, 0)),
    (re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?"), float),
)
# The first characters of scalars that are not strings; an empty scalar is null.
_FIRST_OF_OTHERS = frozenset(("", *"~nNtTfF+-.0123456789"))


@dataclass(frozen=True)
class YamlDialect:
    """The tags and types that are read in addition to plain data.

    A value with one of the `tags` becomes an object with one key, that of the tag: `!Ref X` is `{"Ref": "X"}` with
    `{"!Ref": "Ref"}`. `shared` is the fix for a merge key. Without `has_numbers`, numbers are read as strings:
    `0123`, `1.10`.
    """

    tags: Mapping[str, str] = field(default_factory=dict)
    deepest: int = _DEEPEST_NESTING
    shared: str = "move shared settings to defaults"
    has_numbers: bool = True


ROLES_YAML = YamlDialect()


@dataclass
class _Marks:
    """The positions of a mapping's or sequence's entries: the parser's marks, including those within entries."""

    entries: dict[str, Any] | list[Any]
    inner: list[tuple[str | int, _Marks]] = field(default_factory=list)


@dataclass
class Tree:
    """A file's data, with the line and column (from 1) of each key or item, and the source text of scalars."""

    file: str
    data: Any = None
    source_texts: dict[Keys, str] = field(default_factory=dict)
    marks: _Marks | None = None

    @cached_property
    def positions(self) -> Mapping[Keys, Position]:
        """The line and column of each key or item; computed on demand, because valid files rarely need it."""
        return dict(_positions(self.marks, ())) if self.marks else {}

    def place(self, keys: Keys) -> Place:
        """Return the place of a value, or of its nearest parent with one."""
        known = keys
        while known and known not in self.positions:
            known = known[:-1]
        line, column = self.positions.get(known, (1, 1))
        return Place(self.file, line, column, dotted(keys))


def _positions(marks: _Marks, keys: Keys) -> Iterator[tuple[Keys, Position]]:
    entries = marks.entries.items() if isinstance(marks.entries, dict) else enumerate(marks.entries)
    for key, mark in entries:
        yield (*keys, key), _position(mark)
    for key, inner in marks.inner:
        yield from _positions(inner, (*keys, key))


def _position(mark: Any) -> Position:
    return mark.line + 1, mark.column + 1


def dotted(keys: Keys) -> str:
    """Return a path of keys as text: `stacks.prod.roles.web.tags`, items as `[0]`."""
    text = ""
    for key in keys:
        text += f"[{key}]" if isinstance(key, int) else f".{key}" if text else str(key)
    return text


def read_file(path: Path, fix: str = "set another with --config") -> bytes:
    """Return the content of a file. Raises InputError if it cannot be read or is larger than 5 MiB.

    `fix` is the fix for a missing file.
    """
    return read_declared(path, missing=f"no such file; {fix}")


def read_yaml(content: bytes, file: str, dialect: YamlDialect = ROLES_YAML) -> Tree:
    """Return the data of a YAML document. Raises InputError with all problems."""
    builder = _Builder(file, dialect)
    try:
        # Like yaml.parse, which calls the parser twice per event.
        for event in iter(_LOADER(content.decode("utf-8-sig")).get_event, None):
            builder.take(event)
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        builder.problem(f"must be UTF-8 text; byte {error.start} is not", (line, 1))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = (mark.line + 1, mark.column + 1) if mark else None
        builder.problem(f"is not YAML: {error.problem or error.context}", where)
    except yaml.YAMLError as error:
        builder.problem(f"is not YAML: {' '.join(str(error).split())}", None)
    except _StopReadingError:
        pass
    if builder.problems:
        raise InputError(builder.problems)
    return builder.tree


class _StopReadingError(Exception):
    """Stops reading at a problem that makes the rest meaningless or dangerous."""


@dataclass
class _Open:
    """A mapping or sequence being read; `key` is that of the next value."""

    value: dict[str, Any] | list[Any]
    is_mapping: bool
    marks: _Marks
    anchor: str | None
    long_form: str | None = None
    key: str | None = None
    values: int = 1


class _Builder:
    """Converts parser events to data, without recursion, so that the stack does not limit the depth."""

    def __init__(self, file: str, dialect: YamlDialect) -> None:
        self.tree = Tree(file)
        self.dialect = dialect
        self.tags = dialect.tags
        self.scalars = _CORE if dialect.has_numbers else _WORDS
        self.problems: list[Problem] = []
        self.open: list[_Open] = []
        self.anchors: dict[str, tuple[Any, int]] = {}
        self.documents = 0
        self.takers: Mapping[type, Callable[[Any], None]] = {
            yaml.ScalarEvent: self.take_scalar,
            yaml.MappingStartEvent: self.open_collection,
            yaml.SequenceStartEvent: self.open_collection,
            yaml.MappingEndEvent: self.close_collection,
            yaml.SequenceEndEvent: self.close_collection,
            yaml.AliasEvent: self.take_alias,
            yaml.DocumentStartEvent: self.start_document,
        }

    def problem(self, message: str, position: Position | None) -> None:
        line, column = position or (0, 0)
        keys = dotted(self.keys()[:-1]) if self.open else ""
        self.problems.append(Problem(Place(self.tree.file, line, column, keys), message))

    def stop(self, message: str, event: Any) -> None:
        self.problem(message, _position(event.start_mark))
        raise _StopReadingError

    def keys(self) -> Keys:
        """Return the path of the next value."""
        return tuple(top.key or "" if top.is_mapping else len(top.value) for top in self.open)

    def take(self, event: Any) -> None:
        taker = self.takers.get(type(event))
        if taker:
            taker(event)

    def start_document(self, event: Any) -> None:
        self.documents += 1
        if self.documents > 1:
            self.stop("must be a single YAML document; a second begins here", event)

    def open_collection(self, event: Any) -> None:
        if len(self.open) >= self.dialect.deepest:
            self.stop(f"must be nested at most {self.dialect.deepest} deep", event)
        if event.tag not in (None, "!", *self.tags):
            self.problem(f"must not use YAML tags; got {quote(event.tag)}", _position(event.start_mark))
        is_mapping = isinstance(event, yaml.MappingStartEvent)
        marks = _Marks({} if is_mapping else [])
        if self.open:
            top = self.open[-1]
            if top.is_mapping and top.key is None:
                self.stop("must have strings as keys; got a mapping or list", event)
            self.mark_item(top, event)
            top.marks.inner.append((top.key or "" if top.is_mapping else len(top.value), marks))
        else:
            self.tree.marks = marks
        self.open.append(_Open({} if is_mapping else [], is_mapping, marks, event.anchor, self.tags.get(event.tag)))

    def close_collection(self, event: Any) -> None:
        closed = self.open.pop()
        value = {closed.long_form: closed.value} if closed.long_form else closed.value
        self.store(value, closed.values, closed.anchor, event)

    def take_scalar(self, event: Any) -> None:
        tag, text = event.tag, event.value
        if tag not in _TEXT_TAGS and tag not in self.tags:
            self.problem(f"must not use YAML tags; got {quote(tag)}", _position(event.start_mark))
        if self.open:
            top = self.open[-1]
            if top.is_mapping and top.key is None:
                self.take_key(top, text, event)
                return
            self.mark_item(top, event)
        value = _resolve(text, self.scalars) if event.implicit[0] and not event.style else text
        if tag in self.tags:
            value = {self.tags[tag]: text}
        elif not isinstance(value, str):
            self.tree.source_texts[self.keys()] = text
        self.store(value, 1, event.anchor, event)

    def take_key(self, top: _Open, key: str, event: Any) -> None:
        entries: Any = top.marks.entries
        if key == "<<":
            self.problem(f"merge keys (<<) are not read; {self.dialect.shared}", _position(event.start_mark))
        elif key in top.value:
            first, _ = _position(entries[key])
            self.problem(f"duplicate key {quote(key)}, first in line {first}", _position(event.start_mark))
        else:
            entries[key] = event.start_mark
        top.key = key

    def take_alias(self, event: Any) -> None:
        top = self.open[-1] if self.open else None
        if top and top.is_mapping and top.key is None:
            self.stop("must have strings as keys; got an alias", event)
        if event.anchor not in self.anchors:
            self.stop(f"alias {quote(event.anchor)} is undefined or recursive", event)
        value, values = self.anchors[event.anchor]
        if top:
            self.mark_item(top, event)
        self.store(value, values, None, event)

    def mark_item(self, top: _Open, event: Any) -> None:
        """Store the position of a sequence item; the position of a mapping's value is that of its key."""
        if not top.is_mapping:
            entries: Any = top.marks.entries
            entries.append(event.start_mark)

    def store(self, value: Any, values: int, anchor: str | None, event: Any) -> None:
        if anchor:
            self.anchors[anchor] = (value, values)
        if not self.open:
            self.tree.data = value
            return
        top = self.open[-1]
        top.values += values
        if top.values > MOST_VALUES:
            self.stop(f"must have at most {MOST_VALUES} values, with aliases expanded", event)
        if isinstance(top.value, list):
            top.value.append(value)
        else:
            top.value.setdefault(top.key or "", value)
            top.key = None


def _resolve(text: str, scalars: _Scalars) -> Any:
    if text[:1] not in _FIRST_OF_OTHERS:
        return text
    for pattern, convert in scalars:
        if pattern.fullmatch(text):
            return convert(text)
    return text
