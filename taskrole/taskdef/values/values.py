"""What fills the placeholders of task definitions, and filling them in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from taskrole.taskdef.values.styles import Placeholder, placeholders


@dataclass(frozen=True)
class Values:
    """Values by the names of placeholders, and images by the names of containers.

    A name may also be a JSON pointer, `/containerDefinitions/0/image`, or one in a file, `web.json#/…`: its value is
    the whole text there. `origins` has where each value comes from, as messages call it. `state` returns the value of
    an address in a Terraform state, or None.
    """

    by_name: Mapping[str, str] = field(default_factory=dict)
    images: Mapping[str, str] = field(default_factory=dict)
    origins: Mapping[str, str] = field(default_factory=dict)
    state: Callable[[str], str | None] | None = None

    def get(self, name: str) -> str | None:
        """Return the value for a placeholder's name, or None."""
        value = self.by_name.get(name)
        return value if value is not None or self.state is None else self.state(name)


class Filled(NamedTuple):
    """Data with its placeholders filled in, and the names of the values that were used."""

    data: Any
    used: frozenset[str]


def fill(data: Any, values: Values, *, file: str = "", own_pointer: Callable[[str], str] | None = None) -> Filled:
    """Return parsed JSON data with the placeholders in all its texts replaced by values, or by their own defaults.

    Keys and positions stay. What no value fills stays as it is written. The text in a value is not searched again.
    `own_pointer` returns the pointer in the user's document for one in the data; by default they are the same.
    """
    filler = _Filler(values, file, own_pointer, any("/" in name for name in values.by_name))
    return Filled(filler.filled(data, "", is_image=False), frozenset(filler.used))


def fill_text(text: str, values: Values, used: set[str], *, is_image: bool = False) -> str:
    """Return a text with its placeholders filled in; the names that were used are added to `used`."""
    found = placeholders(text, is_image=is_image)
    if not found:
        return text
    parts: list[str] = []
    end = 0
    for placeholder in found:
        value = _value(placeholder, values, used)
        if value is not None:
            parts += text[end : placeholder.start], value
            end = placeholder.end
    return "".join([*parts, text[end:]])


def _value(placeholder: Placeholder, values: Values, used: set[str]) -> str | None:
    value = values.get(placeholder.name)
    if value is not None:
        used.add(placeholder.name)
        return value
    default = placeholder.default
    return None if default is None else fill_text(default, values, used)


@dataclass
class _Filler:
    values: Values
    file: str
    own_pointer: Callable[[str], str] | None
    has_pointers: bool
    used: set[str] = field(default_factory=set)

    def filled(self, data: Any, pointer: str, *, is_image: bool) -> Any:
        if isinstance(data, str):
            return self._text(data, pointer, is_image=is_image)
        if isinstance(data, dict):
            return {
                key: self.filled(value, self._step(pointer, key), is_image=key == "image")
                for key, value in data.items()
            }
        if isinstance(data, (list, tuple)):
            return [self.filled(value, self._step(pointer, index), is_image=False) for index, value in enumerate(data)]
        return data

    def _step(self, pointer: str, key: object) -> str:
        return f"{pointer}/{str(key).replace('~', '~0').replace('/', '~1')}" if self.has_pointers else ""

    def _text(self, text: str, pointer: str, *, is_image: bool) -> str:
        if self.has_pointers:
            pointer = self.own_pointer(pointer) if self.own_pointer else pointer
            for name in (f"{self.file}#{pointer}", pointer):
                if name in self.values.by_name:
                    self.used.add(name)
                    return self.values.by_name[name]
        return fill_text(text, self.values, self.used, is_image=is_image)
