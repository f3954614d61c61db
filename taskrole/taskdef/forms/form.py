"""Forms of task definitions, their results, and pointers from the normal form into the user's document."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any, BinaryIO, TypeAlias

from taskrole.dataclass import dataclass
from taskrole.finding import Finding
from taskrole.taskdef.values.values import Values

Pointer: TypeAlias = Callable[[str], str]


@dataclass(frozen=True)
class Source:
    """A parsed file: its name in messages, its data, and its bytes (empty if it is not a whole file).

    For JSON that is too large to parse completely, such as a large plan, `data` has only the outermost keys.
    """

    file: str
    data: Any
    content: bytes = b""

    def stream(self) -> BinaryIO:
        """Return a stream of the source as JSON: its own bytes, unless it is YAML or part of another file."""
        is_json = self.content.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{")
        return io.BytesIO(self.content if is_json else json.dumps(self.data).encode())


@dataclass(frozen=True)
class SourceDefinition:
    """A task definition in a source, in the form of the input of `register-task-definition`.

    `name` is its name within the file: an address or a logical id; empty if the file is one task definition.
    `own_pointer` converts a pointer in `data` to one in the user's document; None if they are the same. `findings` are
    about unreadable parts, with the user's pointers. `used` are the names of values that were needed to read it. If
    `is_sensitive`, messages quote no values.
    """

    name: str
    data: Any
    own_pointer: Pointer | None = None
    findings: tuple[Finding, ...] = ()
    used: frozenset[str] = frozenset()
    is_sensitive: bool = False


@dataclass(frozen=True)
class Form:
    """A form: its name, a test for parsed data in this form, and its reader.

    `empty` is the message for a file of this form without a task definition. Readers raise InputError.
    """

    name: str
    recognizes: Callable[[Any], bool]
    read: Callable[[Source, Values], Iterator[SourceDefinition]]
    empty: str = "contains no task definition"


@dataclass(frozen=True)
class Pointers:
    """Maps pointers in the normal form to pointers in the user's document; the longest known prefix applies."""

    by_beginning: Mapping[str, str]

    def __call__(self, pointer: str) -> str:
        """Return the pointer in the user's document."""
        beginning = pointer
        while beginning not in self.by_beginning:
            if not beginning:
                return pointer
            beginning = beginning.rpartition("/")[0]
        return self.by_beginning[beginning] + pointer.removeprefix(beginning)


def is_object_with(data: Any, *keys: str) -> bool:
    """Return whether data is an object with all of these keys."""
    return isinstance(data, Mapping) and all(key in data for key in keys)
