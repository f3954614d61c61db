"""A task definition as it was read, and the view of it that features read from."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, NamedTuple

from taskrole.finding import Finding
from taskrole.taskdef.placeholders import placeholder_finding
from taskrole.taskdef.shape import BROKEN
from taskrole.taskdef.values.values import Unfilled

_AS_SPELLED: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True)
class TaskDocument:
    """One task definition: the file it stands in, and its fields that matter, each of the right type or BROKEN.

    `file` is what messages call it: a path, `standard input`, with `#/N` behind it for the Nth of a list.
    `findings` are the errors about what is BROKEN. `name` is what it is called in its file, such as an address.
    `own_pointer` returns the pointer in the user's document for one in `data`; None where they are the same.
    `used_values` are the names of the values that placeholders were filled with, `unfilled` the texts that still hold
    some. Of one that `is_sensitive`, messages quote no value.
    """

    file: str
    family: str
    data: Mapping[str, Any]
    findings: tuple[Finding, ...] = ()
    used_values: frozenset[str] = frozenset()
    unfilled: tuple[Unfilled, ...] = ()
    name: str = ""
    own_pointer: Callable[[str], str] | None = None
    is_sensitive: bool = False


class Field(NamedTuple):
    """The place of a value: its JSON pointer in the document, or in the options (`options:/…`), and the document."""

    source: str
    file: str = ""


class UnusableError(Exception):
    """Met a value that cannot be used. `findings` say why, unless the document's own do."""

    def __init__(self, *findings: Finding) -> None:
        super().__init__()
        self.findings = findings


class Node(NamedTuple):
    """An object of a task definition, with its place: `source` is its JSON pointer, `file` its document's name.

    `spelled` has the steps of pointers to fields whose keys in `data` are not as the document spells them.

    Reading a BROKEN value raises UnusableError, so that nothing is ever derived from half of what was meant.
    """

    data: Mapping[str, Any]
    source: str = ""
    file: str = ""
    spelled: Mapping[str, str] = _AS_SPELLED

    def field(self, key: str) -> Field:
        """Return the place of a field; a key may be of several steps."""
        return Field(f"{self.source}/{self.spelled.get(key, key)}", self.file)

    @property
    def place(self) -> Field:
        """The place of the object itself."""
        return Field(self.source, self.file)

    def text(self, key: str) -> str | None:
        """Return a text, or None where it is absent or empty."""
        return self._get(key) or None

    def resolved(self, *keys: str) -> tuple[str | None, ...]:
        """Return texts that hold no placeholders; raises UnusableError naming all that do."""
        values = [self.text(key) for key in keys]
        pairs = zip(keys, values, strict=True)
        found = [placeholder_finding(value, self.field(key).source) for key, value in pairs if value]
        if any(found):
            raise UnusableError(*(self.named(one) for one in found if one))
        return tuple(values)

    def flag(self, key: str) -> bool:
        """Return a boolean; what is absent is false."""
        return bool(self._get(key))

    def node(self, key: str) -> Node | None:
        """Return the object in a field, or None where it is absent."""
        value = self._get(key)
        return None if value is None else Node(value, f"{self.source}/{key}", self.file)

    def nodes(self, key: str) -> Iterator[Node]:
        """Yield the objects of an array that could be read."""
        for index, value in enumerate(self._get(key) or ()):
            if value is not BROKEN:
                yield Node(value, f"{self.source}/{key}/{index}", self.file)

    def texts(self, key: str) -> Iterator[tuple[int, str]]:
        """Yield the texts of an array that could be read, each with its position."""
        for index, value in enumerate(self._get(key) or ()):
            if value is not BROKEN:
                yield index, value

    def has(self, key: str) -> bool:
        """Tell whether a field is there, readable or not, with something in it."""
        return bool(self.data.get(key))

    def named(self, finding: Finding) -> Finding:
        """Return a finding with the name of this document."""
        return Finding(finding.code, finding.severity, finding.source, finding.message, self.file)

    def _get(self, key: str) -> Any:
        value = self.data.get(key)
        if value is BROKEN:
            raise UnusableError
        return value
