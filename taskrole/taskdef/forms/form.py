"""What a form is, what is read from one, and how pointers into the normal form lead back into the user's document."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, BinaryIO, TypeAlias

from taskrole.finding import Finding
from taskrole.taskdef.values.values import Values

Pointer: TypeAlias = Callable[[str], str]


@dataclass(frozen=True)
class Source:
    """A file that has been read: what messages call it, its parsed data, and its bytes where it is a file.

    Of JSON that is too large to be parsed whole, as plans can be, `data` has the outermost keys only.
    """

    file: str
    data: Any
    content: bytes = b""

    def stream(self) -> BinaryIO:
        """Return it as JSON: its bytes, unless it is YAML, or part of another file."""
        is_json = self.content.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{")
        return io.BytesIO(self.content if is_json else json.dumps(self.data).encode())


@dataclass(frozen=True)
class Found:
    """A task definition in a source, in the form that `register-task-definition` takes.

    `name` is what it is called in its file: an address, a logical id; empty where a file is one task definition.
    `own_pointer` returns the pointer in the user's document for one in `data`; None where they are the same.
    `findings` are about what could not be read, with the user's pointers. `used` are the names of values that were
    needed to read it. Of one that `is_sensitive`, messages quote no value.
    """

    name: str
    data: Any
    own_pointer: Pointer | None = None
    findings: tuple[Finding, ...] = ()
    used: frozenset[str] = frozenset()
    is_sensitive: bool = False


@dataclass(frozen=True)
class Form:
    """One form: what it is called, whether parsed data are of it, and its reader.

    `empty` is the message for a file of this form that holds no task definition. Readers raise InputError.
    """

    name: str
    recognises: Callable[[Any], bool]
    read: Callable[[Source, Values], Iterator[Found]]
    empty: str = "holds no task definition"


@dataclass(frozen=True)
class Pointers:
    """The pointers of a user's document by those of the normal form; the longest beginning that is known counts."""

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
    """Return whether data are an object that has all of these keys."""
    return isinstance(data, Mapping) and all(key in data for key in keys)
