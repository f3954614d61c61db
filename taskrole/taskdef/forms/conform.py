"""Converts data with other spellings to the normal form, by the shape of a task definition.

CloudFormation writes `EFSVolumeConfiguration`; Terraform writes `efs_volume_configuration`, a list of one object.
Fields that no feature reads are dropped; values of the wrong type are kept, so that they are reported.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Final

from taskrole.taskdef.shape import ListOf, MapOf, Record, Scalar, Shape, Tolerant, pointer_step


class _Removed(Enum):
    REMOVED = "REMOVED"


REMOVED: Final = _Removed.REMOVED  # replaces a removed value, such as AWS::NoValue

Resolve = Callable[[Any, str], tuple[Any, str]]


def _as_it_is(value: Any, own: str) -> tuple[Any, str]:
    return value, own


@dataclass
class Conformer:
    """Converts data to the normal form.

    `name` returns a key in lower case without word separators; `others` maps keys with different names. `resolve`
    returns the resolved value and its pointer. `spell` returns the user's key for a field of the normal form that is
    not in the document. `pointers` maps pointers in the normal form to those in the user's document, where they differ.
    """

    name: Callable[[str], str] = str.lower
    others: Mapping[str, str] = field(default_factory=dict)
    resolve: Resolve = _as_it_is
    spell: Callable[[str], str] = str
    pointers: dict[str, str] = field(default_factory=dict)
    shape: Shape = field(default_factory=lambda: Record({}))

    def conform(self, value: Any, shape: Shape, own: str) -> Any:
        """Return a value in the normal form; `own` is its pointer in the user's document."""
        self.shape = shape
        self.pointers[""] = own
        value, own = self.resolve(value, own)
        return self._conform(value, shape, "", own)

    def own_pointer(self, pointer: str) -> str:
        """Return the user's pointer for a pointer in the normal form; the document need not contain anything there."""
        shape: Shape | None = self.shape
        at, own = "", self.pointers.get("", "")
        for step in pointer.split("/")[1:]:
            at = f"{at}/{step}"
            is_field = isinstance(shape, Record) and step in shape.fields
            own = self.pointers.get(at) or f"{own}/{self.spell(step) if is_field else step}"
            shape = _inner(shape, step)
        return own

    def _step(self, value: Any, shape: Shape, pointer: str, own: str, expected: str) -> Any:
        value, own = self.resolve(value, own)
        if own != expected:
            self.pointers[pointer] = own
        return self._conform(value, shape, pointer, own)

    def _conform(self, value: Any, shape: Shape, pointer: str, own: str) -> Any:
        if isinstance(shape, Tolerant):
            shape = shape.shape
        if isinstance(shape, Scalar):
            return _scalar(value, shape)
        if isinstance(shape, ListOf):
            return self._list(value, shape, pointer, own) if isinstance(value, list) else value
        if isinstance(shape, Record):
            if isinstance(value, list) and len(value) <= 1:
                # A Terraform block that occurs at most once.
                return self._step(value[0], shape, pointer, f"{own}/0", own) if value else None
            return self._record(value, shape, pointer, own) if isinstance(value, Mapping) else value
        if isinstance(shape, MapOf) and isinstance(value, Mapping):
            steps = ((str(key), pointer_step(key), item) for key, item in value.items())
            return _without_removed(
                {
                    key: self._step(item, shape.value, f"{pointer}/{step}", f"{own}/{step}", f"{own}/{step}")
                    for key, step, item in steps
                }
            )
        return None if value is REMOVED else value

    def _record(self, value: Mapping[Any, Any], shape: Record, pointer: str, own: str) -> dict[str, Any]:
        conformed: dict[str, Any] = {}
        for key, item in value.items():
            name = self._field(str(key), shape)
            if name is not None:
                step = pointer_step(key)
                expected = f"{own}/{self.spell(name)}"
                inner = self._step(item, shape.fields[name], f"{pointer}/{name}", f"{own}/{step}", expected)
                conformed[name] = inner
        return _without_removed(conformed)

    def _field(self, key: str, shape: Record) -> str | None:
        plain = self.others.get(key) or self.name(key)
        # A repeatable block has a singular name.
        return shape.by_lower_case.get(plain) or shape.by_lower_case.get(f"{plain}s")

    def _list(self, value: list[Any], shape: ListOf, pointer: str, own: str) -> list[Any]:
        conformed: list[Any] = []
        for index, item in enumerate(value):
            at = len(conformed)
            inner = self._step(item, shape.item, f"{pointer}/{at}", f"{own}/{index}", f"{own}/{at}")
            if inner is not REMOVED:
                conformed.append(inner)
        return conformed


def _inner(shape: Shape | None, step: str) -> Shape | None:
    if isinstance(shape, Tolerant):
        return _inner(shape.shape, step)
    if isinstance(shape, Record):
        return shape.fields.get(step)
    return shape.item if isinstance(shape, ListOf) else shape.value if isinstance(shape, MapOf) else None


def _without_removed(values: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in values.items() if value is not REMOVED}


def _scalar(value: Any, shape: Scalar) -> Any:
    """Return a value as text or boolean, with the conversion of CloudFormation and Terraform."""
    if shape is Scalar.FLAG:
        return {"true": True, "false": False}.get(value.lower(), value) if isinstance(value, str) else value
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, (int, float)) else value
