"""The shape of JSON data, and fitting data to a shape.

A value that does not fit becomes BROKEN instead of being dropped, since it is different from an absent value: without
a log stream prefix, every stream would be allowed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import Enum
from functools import cached_property
from types import MappingProxyType
from typing import Any, Final, NamedTuple, TypeAlias

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


class Fitting(NamedTuple):
    """What is added to and known while data is fitted: findings and texts so far, and if no text has a placeholder."""

    findings: list[Finding]
    is_plain: bool
    texts: list[str]


class Scalar(Enum):
    """The type of a single value; RESOLVED is text that becomes part of an ARN and must not have placeholders."""

    TEXT = "text"
    RESOLVED = "text without placeholders"
    FLAG = "true or false"

    def fit(self, value: Any, source: str, fitting: Fitting) -> Any:
        """Return a value of this type, or BROKEN."""
        if self is _FLAG:
            return value if isinstance(value, bool) else _misfit(self.value, value, source, fitting)
        if not isinstance(value, str):
            return _misfit("text", value, source, fitting)
        if self is _RESOLVED and not fitting.is_plain and (placeholder := placeholder_finding(value, source)):
            fitting.findings.append(placeholder)
            return BROKEN
        fitting.texts.append(value)
        return value


# Reading a member of an enumeration from its class takes longer than the rest of a comparison.
_TEXT, _RESOLVED, _FLAG = Scalar


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

    def fit(self, value: Any, source: str, fitting: Fitting) -> Any:
        """Return the fields of an object, each of its shape, or BROKEN."""
        if not isinstance(value, (dict, Mapping)):  # dict first: to ask Mapping takes ten times as long
            return _misfit("an object", value, source, fitting)
        fields, is_plain, texts = self.fields, fitting.is_plain, fitting.texts
        fitted: dict[str, Any] = {}
        before = len(texts)
        for key, item in value.items():
            inner = fields.get(key)
            if inner is None:
                expected = self.by_lower_case.get(key.lower()) if isinstance(key, str) else None
                if expected:
                    message = f"is not a field of a task definition; write {expected}; got {quote(key)}"
                    fitting.findings.append(Finding("KEY", "error", f"{source}/{pointer_step(key)}", message))
            elif isinstance(item, str) and (
                inner is _TEXT or (inner is _RESOLVED and (is_plain or not find_placeholder(item)))
            ):
                fitted[key] = item  # the most frequent case, without the cost of a pointer
                texts.append(item)
            elif item is not None:
                fitted[key] = inner.fit(item, f"{source}/{key}", fitting)
        if self.is_read is None or self.is_read(fitted):
            return fitted
        del texts[before:]
        return _UNREAD


@dataclass(frozen=True)
class ListOf:
    """An array of one shape. Indexes are kept, since pointers contain them."""

    item: Shape
    most: int = 1_000_000

    def fit(self, value: Any, source: str, fitting: Fitting) -> Any:
        """Return the items of an array, each of the one shape, or BROKEN."""
        if not isinstance(value, (list, tuple)):
            return _misfit("an array", value, source, fitting)
        if len(value) > self.most:
            return _misfit(f"an array of at most {self.most} items", value, source, fitting)
        fit_item = self.item.fit
        return [fit_item(item, f"{source}/{index}", fitting) for index, item in enumerate(value)]


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

    def fit(self, value: Any, source: str, fitting: Fitting) -> Any:
        """Return an object with values of the one shape, or BROKEN."""
        if not isinstance(value, (dict, Mapping)):
            return _misfit("an object", value, source, fitting)
        is_of_texts = self.value is _TEXT or (self.value is _RESOLVED and fitting.is_plain)
        fitted: dict[str, Any] = {}
        for given, item in value.items():
            key = str(given)
            if is_of_texts and isinstance(item, str):  # the most frequent case, without the cost of a pointer
                fitted[key] = item if self.is_read(key) else ""
                fitting.texts.append(fitted[key])
            elif item is not None:
                inner = self.value.fit(item, f"{source}/{pointer_step(key)}", fitting)
                fitted[key] = inner if inner is BROKEN or self.is_read(key) else ""
        return fitted


@dataclass(frozen=True)
class Hint:
    """A field of which only the presence is read: all values except null, false and empty ones become True."""

    def fit(self, value: Any, source: str, fitting: Fitting) -> bool:  # noqa: ARG002 -- the signature of all shapes
        """Return whether a value is present."""
        return bool(value)


@dataclass(frozen=True)
class Tolerant:
    """A field that affects no permission: a value that does not fit is BROKEN without an error."""

    shape: Scalar | Record | ListOf | MapOf

    def fit(self, value: Any, source: str, fitting: Fitting) -> Any:
        """Return a value of the shape, or BROKEN."""
        return self.shape.fit(value, source, Fitting([], fitting.is_plain, fitting.texts))


Shape: TypeAlias = Scalar | Record | ListOf | MapOf | Hint | Tolerant


def fit(  # noqa: PLR0913 -- the last two have defaults
    value: Any,
    shape: Shape,
    source: str,
    findings: list[Finding],
    *,
    is_plain: bool = False,
    texts: list[str] | None = None,
) -> Any:
    """Return data fitted to a shape, BROKEN where it does not fit; the reasons are added to `findings`.

    Null counts as absent, since tools that fill in templates write it. `source` is the JSON pointer of the value. Data
    that `is_plain` has no placeholders. All texts of the result, and those that do not fit, are added to `texts`.
    """
    return shape.fit(value, source, Fitting(findings, is_plain, [] if texts is None else texts))


def pointer_step(key: object) -> str:
    """Return a key as one step of a JSON pointer (RFC 6901)."""
    return str(key).replace("~", "~0").replace("/", "~1")


_STRUCTURES = ("an object", "an array")
_UNREAD: Mapping[str, Any] = MappingProxyType({})


def _misfit(expected: str, value: Any, source: str, fitting: Fitting) -> _Broken:
    if isinstance(value, _Broken):  # already reported
        return value
    if isinstance(value, str):
        fitting.texts.append(value)
    if expected in _STRUCTURES and isinstance(value, str) and (placeholder := placeholder_finding(value, source)):
        fitting.findings.append(placeholder)
        return BROKEN
    quoted = "; write it in quotes" if expected == "text" and isinstance(value, (int, float)) else ""
    is_hidden = may_hold_secrets(source) and isinstance(value, (str, int, float)) and not isinstance(value, bool)
    got = f"{_kind(value)} {_brief(value)}".rstrip()
    if is_hidden:
        got = f"{'text' if isinstance(value, str) else 'a number'}, {HIDDEN}"
    message = f"must be {expected}; got {got}{quoted}"
    fitting.findings.append(Finding("TYPE", "error", source, message))
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
