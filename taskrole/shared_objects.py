"""Sends results between two processes, with the objects that both have as numbers."""

from __future__ import annotations

import io
import pickle
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any


class SharedObjects:
    """Objects that two processes have since one forked the other. Those of built-in types are copied all the same."""

    def __init__(self, objects: Sequence[object]) -> None:
        self._objects = objects
        self._numbers = {id(known): number for number, known in enumerate(objects)}

    def write(self, result: object, stream: io.BytesIO) -> None:
        """Write a result to a stream. Raises what pickle raises for what cannot be pickled."""
        _Pickler(stream, self._numbers).dump(result)

    def read(self, stream: io.BytesIO) -> Any:
        """Return a result that the other process has written."""
        return _Unpickler(stream, self._objects).load()


class _Pickler(pickle.Pickler):
    def __init__(self, stream: io.BytesIO, numbers: Mapping[int, int]) -> None:
        super().__init__(stream, protocol=pickle.HIGHEST_PROTOCOL)
        self._numbers = numbers

    # Unlike persistent_id, it is not called for each text and tuple, which would take as long as the rest.
    def reducer_override(self, obj: object) -> Any:
        number = self._numbers.get(id(obj))
        if number is not None:
            return _shared_object, (number,)
        return (_read_only, (dict(obj),)) if isinstance(obj, MappingProxyType) else NotImplemented


def _read_only(mapping: dict[Any, Any]) -> Mapping[Any, Any]:
    """Return a read-only mapping, which Python cannot pickle."""
    return MappingProxyType(mapping)


def _shared_object(number: int) -> object:
    """Stand for a shared object in a pickle; `_Unpickler` finds the object itself."""
    raise LookupError(number)


class _Unpickler(pickle.Unpickler):
    def __init__(self, stream: io.BytesIO, objects: Sequence[object]) -> None:
        super().__init__(stream)
        self._objects = objects

    def find_class(self, module: str, name: str) -> Any:
        named = super().find_class(module, name)
        return self._objects.__getitem__ if named is _shared_object else named
