"""The shape of JSON data: what must stand where, and data reduced to it with all that does not fit named.

A value that does not fit becomes BROKEN rather than vanishing, so that nobody mistakes it for one that was left out:
an unreadable log stream prefix is not the absence of a prefix, which would allow every stream.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from types import MappingProxyType
from typing import Any, Final, TypeAlias

from taskrole.errors import quote
from taskrole.finding import Finding
from taskrole.taskdef.confidential import HIDDEN, may_hold_secrets
from taskrole.taskdef.placeholders import find_placeholder, placeholder_finding


class _Broken(Enum):
    BROKEN = "BROKEN"

    def __repr__(self) -> str:
        return "BROKEN"


BROKEN: Final = _Broken.BROKEN


class Scalar(Enum):
    """What a single value must be; RESOLVED is text that becomes part of an ARN and so holds no placeholders."""

    TEXT = "text"
    RESOLVED = "text without placeholders"
    FLAG = "true or false"


@dataclass(frozen=True)
class Record:
    """An object with fields of their own shapes. Other fields are left out.

    `is_read` tells whether an object is of any use once it fits; one that is not becomes empty, to save memory.
    """

    fields: Mapping[str, Shape]
    is_read: Callable[[Mapping[str, Any]], bool] | None = None

    @cached_property
    def by_lower_case(self) -> dict[str, str]:
        """The fields' names by their names in lower case."""
        return {name.lower(): name for name in self.fields}


@dataclass(frozen=True)
class ListOf:
    """An array, all of one shape. Positions are kept: they are part of what a pointer says."""

    item: Shape
    most: int = 1_000_000


@dataclass(frozen=True)
class MapOf:
    """An object with keys of people's own choice, all values of one shape.

    Where `names`, in lower case, are given, only these are read: the values of all others become empty text.
    """

    value: Shape
    names: frozenset[str] | None = None

    def is_read(self, key: object) -> bool:
        """Return whether the value of a key is read."""
        return self.names is None or str(key).lower() in self.names


@dataclass(frozen=True)
class Hint:
    """A field of which only its presence counts: anything but null, false and the empty becomes true."""


@dataclass(frozen=True)
class Tolerant:
    """A field that decides no permission: whatever does not fit its shape is BROKEN without an error."""

    shape: Scalar | Record | ListOf | MapOf


Shape: TypeAlias = Scalar | Record | ListOf | MapOf | Hint | Tolerant


def fit(value: Any, shape: Shape, source: str, findings: list[Finding]) -> Any:
    """Return data reduced to a shape, BROKEN where it does not fit; why goes into `findings`.

    Null is the same as nothing there, as tools that fill in templates write it. `source` is the JSON pointer of the
    value.
    """
    if isinstance(shape, Tolerant):
        shape, findings = shape.shape, []
    if isinstance(shape, Scalar):
        return _scalar(value, shape, source, findings)
    if isinstance(shape, Hint):
        return bool(value)
    if isinstance(shape, ListOf):
        return _list(value, shape, source, findings)
    if not isinstance(value, Mapping):
        return _misfit("an object", value, source, findings)
    if isinstance(shape, Record):
        return _record(value, shape, source, findings)
    steps = ((str(key), one) for key, one in value.items() if one is not None)
    fitted = {key: fit(one, shape.value, f"{source}/{pointer_step(key)}", findings) for key, one in steps}
    return {key: one if one is BROKEN or shape.is_read(key) else "" for key, one in fitted.items()}


def pointer_step(key: object) -> str:
    """Return a key as one step of a JSON pointer (RFC 6901)."""
    return str(key).replace("~", "~0").replace("/", "~1")


def _scalar(value: Any, shape: Scalar, source: str, findings: list[Finding]) -> Any:
    if shape is Scalar.FLAG:
        return value if isinstance(value, bool) else _misfit(shape.value, value, source, findings)
    if not isinstance(value, str):
        return _misfit("text", value, source, findings)
    if shape is Scalar.RESOLVED and (found := placeholder_finding(value, source)):
        findings.append(found)
        return BROKEN
    return value


def _list(value: Any, shape: ListOf, source: str, findings: list[Finding]) -> Any:
    if not isinstance(value, (list, tuple)):
        return _misfit("an array", value, source, findings)
    if len(value) > shape.most:
        return _misfit(f"an array of at most {shape.most} items", value, source, findings)
    return [fit(one, shape.item, f"{source}/{index}", findings) for index, one in enumerate(value)]


def _record(value: Mapping[Any, Any], shape: Record, source: str, findings: list[Finding]) -> Mapping[str, Any]:
    fitted: dict[str, Any] = {}
    for key, one in value.items():
        inner = shape.fields.get(key)
        if inner is None:
            meant = shape.by_lower_case.get(key.lower()) if isinstance(key, str) else None
            if meant:
                message = f"is no field of a task definition; write {meant}; got {quote(key)}"
                findings.append(Finding("KEY", "error", f"{source}/{pointer_step(key)}", message))
        elif isinstance(one, str) and (
            inner is Scalar.TEXT or (inner is Scalar.RESOLVED and not find_placeholder(one))
        ):
            fitted[key] = one  # as most are: no pointer is written to what nobody will point to
        elif one is not None:
            fitted[key] = fit(one, inner, f"{source}/{key}", findings)
    return fitted if shape.is_read is None or shape.is_read(fitted) else _UNREAD


_STRUCTURES = ("an object", "an array")
_UNREAD: Mapping[str, Any] = MappingProxyType({})


def _misfit(expected: str, value: Any, source: str, findings: list[Finding]) -> _Broken:
    if isinstance(value, _Broken):  # whoever read it has reported why
        return value
    if expected in _STRUCTURES and isinstance(value, str) and (found := placeholder_finding(value, source)):
        findings.append(found)
        return BROKEN
    quoted = "; write it in quotes" if expected == "text" and isinstance(value, (int, float)) else ""
    is_hidden = may_hold_secrets(source) and isinstance(value, (str, int, float)) and not isinstance(value, bool)
    got = f"{_kind(value)} {_brief(value)}".rstrip()
    if is_hidden:
        got = f"{'text' if isinstance(value, str) else 'a number'}, {HIDDEN}"
    message = f"must be {expected}; got {got}{quoted}"
    findings.append(Finding("TYPE", "error", source, message))
    return BROKEN


def _kind(value: Any) -> str:
    if isinstance(value, bool):
        return "the boolean"
    kinds: dict[type, str] = {
        str: "the text",
        int: "the number",
        float: "the number",
        list: "an array",
        dict: "an object",
    }
    return "nothing (null)" if value is None else kinds.get(type(value), "a value")


def _brief(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return quote(value) if isinstance(value, (str, int, float)) else ""
