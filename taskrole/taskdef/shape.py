"""The shape of JSON data, and fitting data to a shape.

A value that does not fit becomes BROKEN instead of being dropped, since it is different from an absent value: without
a log stream prefix, every stream would be allowed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import Enum
from functools import cached_property
from types import MappingProxyType
from typing import Any, Final, TypeAlias

from taskrole.dataclass import dataclass
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
    """The type of a single value; RESOLVED is text that becomes part of an ARN and must not have placeholders."""

    TEXT = "text"
    RESOLVED = "text without placeholders"
    FLAG = "true or false"


@dataclass(frozen=True)
class Record:
    """An object with a shape for each field. Other fields are dropped.

    `is_read` returns whether a fitted object is needed; others become empty, to save memory.
    """

    fields: Mapping[str, Shape]
    is_read: Callable[[Mapping[str, Any]], bool] | None = None

    @cached_property
    def by_lower_case(self) -> dict[str, str]:
        """The fields' names by their names in lower case."""
        return {name.lower(): name for name in self.fields}


@dataclass(frozen=True)
class ListOf:
    """An array of one shape. Indexes are kept, since pointers contain them."""

    item: Shape
    most: int = 1_000_000


@dataclass(frozen=True)
class MapOf:
    """An object with arbitrary keys and values of one shape.

    If `names` (in lower case) are set, only these keys are read: the values of others become empty text.
    """

    value: Shape
    names: frozenset[str] | None = None

    def is_read(self, key: object) -> bool:
        """Return whether the value of a key is read."""
        return self.names is None or str(key).lower() in self.names


@dataclass(frozen=True)
class Hint:
    """A field of which only the presence is read: all values except null, false and empty ones become True."""


@dataclass(frozen=True)
class Tolerant:
    """A field that affects no permission: a value that does not fit is BROKEN without an error."""

    shape: Scalar | Record | ListOf | MapOf


Shape: TypeAlias = Scalar | Record | ListOf | MapOf | Hint | Tolerant


def fit(value: Any, shape: Shape, source: str, findings: list[Finding]) -> Any:
    """Return data fitted to a shape, BROKEN where it does not fit; the reasons are added to `findings`.

    Null counts as absent, since tools that fill in templates write it. `source` is the JSON pointer of the value.
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
    steps = ((str(key), item) for key, item in value.items() if item is not None)
    fitted = {key: fit(item, shape.value, f"{source}/{pointer_step(key)}", findings) for key, item in steps}
    return {key: item if item is BROKEN or shape.is_read(key) else "" for key, item in fitted.items()}


def pointer_step(key: object) -> str:
    """Return a key as one step of a JSON pointer (RFC 6901)."""
    return str(key).replace("~", "~0").replace("/", "~1")


def _scalar(value: Any, shape: Scalar, source: str, findings: list[Finding]) -> Any:
    if shape is Scalar.FLAG:
        return value if isinstance(value, bool) else _misfit(shape.value, value, source, findings)
    if not isinstance(value, str):
        return _misfit("text", value, source, findings)
    if shape is Scalar.RESOLVED and (placeholder := placeholder_finding(value, source)):
        findings.append(placeholder)
        return BROKEN
    return value


def _list(value: Any, shape: ListOf, source: str, findings: list[Finding]) -> Any:
    if not isinstance(value, (list, tuple)):
        return _misfit("an array", value, source, findings)
    if len(value) > shape.most:
        return _misfit(f"an array of at most {shape.most} items", value, source, findings)
    return [fit(item, shape.item, f"{source}/{index}", findings) for index, item in enumerate(value)]


def _record(value: Mapping[Any, Any], shape: Record, source: str, findings: list[Finding]) -> Mapping[str, Any]:
    fitted: dict[str, Any] = {}
    for key, item in value.items():
        inner = shape.fields.get(key)
        if inner is None:
            expected = shape.by_lower_case.get(key.lower()) if isinstance(key, str) else None
            if expected:
                message = f"is not a field of a task definition; write {expected}; got {quote(key)}"
                findings.append(Finding("KEY", "error", f"{source}/{pointer_step(key)}", message))
        elif isinstance(item, str) and (
            inner is Scalar.TEXT or (inner is Scalar.RESOLVED and not find_placeholder(item))
        ):
            fitted[key] = item  # the most frequent case, without the cost of a pointer
        elif item is not None:
            fitted[key] = fit(item, inner, f"{source}/{key}", findings)
    return fitted if shape.is_read is None or shape.is_read(fitted) else _UNREAD


_STRUCTURES = ("an object", "an array")
_UNREAD: Mapping[str, Any] = MappingProxyType({})


def _misfit(expected: str, value: Any, source: str, findings: list[Finding]) -> _Broken:
    if isinstance(value, _Broken):  # already reported
        return value
    if expected in _STRUCTURES and isinstance(value, str) and (placeholder := placeholder_finding(value, source)):
        findings.append(placeholder)
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
