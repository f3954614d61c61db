"""Merges the shapes of features into one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import reduce
from typing import Any

from taskrole.errors import BadValueError
from taskrole.taskdef.shape import ListOf, MapOf, Record, Shape


def merged(shapes: Iterable[Record]) -> Record:
    """Return a shape with the fields of all. Raises BadValueError if two have different shapes for a field."""
    return reduce(lambda left, right: _merged_records(left, right, ""), shapes, Record({}))


def _merged(left: Shape, right: Shape, path: str) -> Shape:
    if isinstance(left, Record) and isinstance(right, Record):
        return _merged_records(left, right, path)
    if isinstance(left, ListOf) and isinstance(right, ListOf) and left.most == right.most:
        return ListOf(_merged(left.item, right.item, f"{path}[]"), left.most)
    if isinstance(left, MapOf) and isinstance(right, MapOf):
        names = None if left.names is None or right.names is None else left.names | right.names
        return MapOf(_merged(left.value, right.value, f"{path}{{}}"), names)
    if left != right:
        raise BadValueError(f"two features read {path} in different shapes: {left} and {right}")
    return left


def _merged_records(left: Record, right: Record, path: str) -> Record:
    fields = dict(left.fields)
    for name, shape in right.fields.items():
        fields[name] = _merged(fields[name], shape, f"{path}.{name}".lstrip(".")) if name in fields else shape
    return Record(fields, _either(left.is_read, right.is_read))


_Test = Callable[[Mapping[str, Any]], bool]


def _either(left: _Test | None, right: _Test | None) -> _Test | None:
    if left is None or right is None:
        return left or right
    return lambda value: left(value) or right(value)
