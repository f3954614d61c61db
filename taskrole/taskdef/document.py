"""A parsed task definition, and the nodes through which features read it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from types import MappingProxyType
from typing import Any, NamedTuple

from taskrole.dataclass import dataclass
from taskrole.finding import Finding
from taskrole.taskdef.placeholders import find_placeholder, placeholder_finding
from taskrole.taskdef.shape import BROKEN
from taskrole.taskdef.values.values import Unfilled

_AS_SPELLED: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True)
class TaskDocument:
    """One task definition: its file, and the fields that features read, each of the right type or BROKEN.

    `file` is its name in messages: a path or `standard input`, followed by `#/N` for the Nth of a list. `findings` are
    the errors about BROKEN values. `name` is its name within the file, such as an address. `own_pointer` converts a
    pointer in `data` to one in the user's document; None if they are the same. `used_values` are the names of the
    values that filled placeholders, `unfilled` the texts with placeholders left. If it `is_sensitive`, messages quote
    no values. If it `is_plain`, no text in it has a placeholder.
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
    is_plain: bool = False


class Field(NamedTuple):
    """The location of a value: its JSON pointer in the document or the options (`options:/…`), and the document."""

    source: str
    file: str = ""


class UnusableError(Exception):
    """A value cannot be used. `findings` are the reasons, unless the document's findings have them."""

    def __init__(self, *findings: Finding) -> None:
        super().__init__()
        self.findings = findings


class Node(NamedTuple):
    """An object of a task definition: `source` is its JSON pointer, `file` its document's name.

    `spelled` maps keys of `data` to the pointer steps of fields that the document spells differently. If it `is_plain`,
    no text in it has a placeholder.

    Reading a BROKEN value raises UnusableError, so that nothing is derived from incomplete data.
    """

    data: Mapping[str, Any]
    source: str = ""
    file: str = ""
    spelled: Mapping[str, str] = _AS_SPELLED
    is_plain: bool = False

    def field(self, key: str) -> Field:
        """Return the location of a field; a key may have several steps."""
        return Field(f"{self.source}/{self.spelled.get(key, key)}", self.file)

    @property
    def place(self) -> Field:
        """The location of the object itself."""
        return Field(self.source, self.file)

    def text(self, key: str) -> str | None:
        """Return a text, or None if it is absent or empty."""
        return self._get(key) or None

    def resolved(self, *keys: str) -> tuple[str | None, ...]:
        """Return texts without placeholders; raises UnusableError with a finding for each that has one."""
        values = [self.text(key) for key in keys]
        if self.is_plain:
            return tuple(values)
        pairs = zip(keys, values, strict=True)
        placeholders = [placeholder_finding(value, self.field(key).source) for key, value in pairs if value]
        if any(placeholders):
            raise UnusableError(*(self.named(placeholder) for placeholder in placeholders if placeholder))
        return tuple(values)

    def placeholder(self, text: str) -> str | None:
        """Return the first placeholder in one of its texts, or None."""
        return None if self.is_plain else find_placeholder(text)

    def flag(self, key: str) -> bool:
        """Return a boolean; False if it is absent."""
        return bool(self._get(key))

    def node(self, key: str) -> Node | None:
        """Return the object in a field, or None if it is absent."""
        value = self._get(key)
        return None if value is None else Node(value, f"{self.source}/{key}", self.file, _AS_SPELLED, self.is_plain)

    def nodes(self, key: str) -> Iterator[Node]:
        """Yield the readable objects of an array."""
        source = f"{self.source}/{key}"
        for index, value in enumerate(self._get(key) or ()):
            if value is not BROKEN:
                yield Node(value, f"{source}/{index}", self.file, _AS_SPELLED, self.is_plain)

    def texts(self, key: str) -> Iterator[tuple[int, str]]:
        """Yield the readable texts of an array, each with its index."""
        for index, value in enumerate(self._get(key) or ()):
            if value is not BROKEN:
                yield index, value

    def has(self, key: str) -> bool:
        """Return whether a field is present and not empty, readable or not."""
        return bool(self.data.get(key))

    def named(self, finding: Finding) -> Finding:
        """Return a finding with this document's name."""
        return Finding(finding.code, finding.severity, finding.source, finding.message, self.file)

    def _get(self, key: str) -> Any:
        value = self.data.get(key)
        if value is BROKEN:
            raise UnusableError
        return value


class TaskNode(Node):
    """A task definition as a whole, which keeps its containers, since most features read them."""

    def nodes(self, key: str) -> Iterator[Node]:
        """Yield the readable objects of an array."""
        return iter(self._containers) if key == "containerDefinitions" else super().nodes(key)

    @cached_property
    def _containers(self) -> tuple[Node, ...]:
        return tuple(super().nodes("containerDefinitions"))
