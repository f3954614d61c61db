"""Reading untrusted YAML: plain data with the position of each value, or all problems.

Scalars are read by the YAML 1.2 core rules, so that `off` and `no` stay words, and keys are always text. Tags (other
than those a caller names), cycles, merge keys and several documents in one file are refused; size, depth and the growth
of aliases are limited.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import field
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
class Tree:
    """A file's data, with the line and column (from 1) of each key or item, and the source text of scalars."""

    file: str
    data: Any = None
    positions: dict[Keys, Position] = field(default_factory=dict)
    source_texts: dict[Keys, str] = field(default_factory=dict)

    def place(self, keys: Keys) -> Place:
        """Return the place of a value, or of the nearest parent that has one."""
        known = keys
        while known and known not in self.positions:
            known = known[:-1]
        line, column = self.positions.get(known, (1, 1))
        return Place(self.file, line, column, dotted(keys))


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
        for event in yaml.parse(content.decode("utf-8-sig"), Loader=_LOADER):
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
    """Stops reading at a problem that makes the rest meaningless or dangerous to read."""


@dataclass
class _Open:
    """A mapping or sequence that is being read."""

    value: dict[str, Any] | list[Any]
    keys: Keys
    anchor: str | None
    long_form: str | None = None
    key: str | None = None
    values: int = 1


class _Builder:
    """Turns the parser's events into data, without recursion, so that the stack does not limit the depth."""

    def __init__(self, file: str, dialect: YamlDialect) -> None:
        self.tree = Tree(file)
        self.dialect = dialect
        self.tags = dialect.tags
        self.scalars = _CORE if dialect.has_numbers else _WORDS
        self.problems: list[Problem] = []
        self.open: list[_Open] = []
        self.anchors: dict[str, tuple[Any, int]] = {}
        self.documents = 0

    def problem(self, message: str, position: Position | None) -> None:
        line, column = position or (0, 0)
        keys = dotted(self.open[-1].keys) if self.open else ""
        self.problems.append(Problem(Place(self.tree.file, line, column, keys), message))

    def stop(self, message: str, position: Position) -> None:
        self.problem(message, position)
        raise _StopReadingError

    def take(self, event: Any) -> None:
        position = (event.start_mark.line + 1, event.start_mark.column + 1)
        if isinstance(event, yaml.DocumentStartEvent):
            self.documents += 1
            if self.documents > 1:
                self.stop("must be a single YAML document; a second begins here", position)
        elif isinstance(event, yaml.ScalarEvent):
            self.take_scalar(event, position)
        elif isinstance(event, yaml.AliasEvent):
            self.take_alias(event, position)
        elif isinstance(event, yaml.CollectionStartEvent):
            self.open_collection(event, position)
        elif isinstance(event, yaml.CollectionEndEvent):
            self.close_collection(position)

    def open_collection(self, event: Any, position: Position) -> None:
        if len(self.open) >= self.dialect.deepest:
            self.stop(f"must be nested at most {self.dialect.deepest} deep", position)
        if event.tag not in (None, "!", *self.tags):
            self.problem(f"must not use YAML tags; got {quote(event.tag)}", position)
        if self.awaits_key():
            self.stop("must have strings as keys; got a mapping or list", position)
        is_mapping = isinstance(event, yaml.MappingStartEvent)
        long_form = self.tags.get(event.tag)
        self.open.append(_Open({} if is_mapping else [], self.next_keys(position), event.anchor, long_form))

    def close_collection(self, position: Position) -> None:
        closed = self.open.pop()
        value = {closed.long_form: closed.value} if closed.long_form else closed.value
        self.store(value, closed.values, closed.anchor, position)

    def take_scalar(self, event: Any, position: Position) -> None:
        if event.tag not in _TEXT_TAGS and event.tag not in self.tags:
            self.problem(f"must not use YAML tags; got {quote(event.tag)}", position)
        if self.awaits_key():
            self.take_key(event.value, position)
            return
        keys = self.next_keys(position)
        value = _resolve(event.value, self.scalars) if event.implicit[0] and not event.style else event.value
        if event.tag in self.tags:
            value = {self.tags[event.tag]: event.value}
        elif not isinstance(value, str):
            self.tree.source_texts[keys] = event.value
        self.store(value, 1, event.anchor, position)

    def take_key(self, key: str, position: Position) -> None:
        top = self.open[-1]
        if key == "<<":
            self.problem(f"merge keys (<<) are not read; {self.dialect.shared}", position)
        elif key in top.value:
            first = self.tree.positions[(*top.keys, key)]
            self.problem(f"duplicate key {quote(key)}, first in line {first[0]}", position)
        else:
            self.tree.positions[(*top.keys, key)] = position
        top.key = key

    def take_alias(self, event: Any, position: Position) -> None:
        if self.awaits_key():
            self.stop("must have strings as keys; got an alias", position)
        if event.anchor not in self.anchors:
            self.stop(f"alias {quote(event.anchor)} is undefined or recursive", position)
        value, values = self.anchors[event.anchor]
        self.next_keys(position)
        self.store(value, values, None, position)

    def awaits_key(self) -> bool:
        return bool(self.open) and isinstance(self.open[-1].value, dict) and self.open[-1].key is None

    def next_keys(self, position: Position) -> Keys:
        if not self.open:
            return ()
        top = self.open[-1]
        if isinstance(top.value, dict):
            return (*top.keys, top.key or "")
        keys = (*top.keys, len(top.value))
        self.tree.positions[keys] = position
        return keys

    def store(self, value: Any, values: int, anchor: str | None, position: Position) -> None:
        if anchor:
            self.anchors[anchor] = (value, values)
        if not self.open:
            self.tree.data = value
            return
        top = self.open[-1]
        top.values += values
        if top.values > MOST_VALUES:
            self.stop(f"must have at most {MOST_VALUES} values, with aliases expanded", position)
        if isinstance(top.value, list):
            top.value.append(value)
        else:
            top.value.setdefault(top.key or "", value)
            top.key = None


def _resolve(text: str, scalars: _Scalars) -> Any:
    for pattern, convert in scalars:
        if pattern.fullmatch(text):
            return convert(text)
    return text
