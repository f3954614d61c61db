"""Values for placeholders of task definitions, and filling them in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import field
from typing import Any, NamedTuple

from taskrole.dataclass import dataclass
from taskrole.taskdef.shape import pointer_step
from taskrole.taskdef.values.styles import Placeholder, may_hold_placeholders, placeholders, tag_start

# https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/pseudo-parameter-reference.html
PARTITION, REGION, ACCOUNT = "AWS::Partition", "AWS::Region", "AWS::AccountId"
PSEUDO_PARAMETERS = frozenset({PARTITION, REGION, ACCOUNT})


@dataclass(frozen=True)
class Values:
    """Values by the names of placeholders, and images by the names of containers.

    A name may also be a JSON pointer, `/containerDefinitions/0/image`, or a pointer in a file, `web.json#/…`: its value
    replaces the whole text. `origins` has the source of each value, for messages. `state` returns the value of an
    address in a Terraform state, or None.
    """

    by_name: Mapping[str, str] = field(default_factory=dict)
    images: Mapping[str, str] = field(default_factory=dict)
    origins: Mapping[str, str] = field(default_factory=dict)
    state: Callable[[str], str | None] | None = None

    @property
    def are_given(self) -> bool:
        """Whether the user gave any values; the pseudo parameters of CloudFormation always have some."""
        return bool(self.origins or self.images or self.state or not PSEUDO_PARAMETERS.issuperset(self.by_name))

    def get(self, name: str) -> str | None:
        """Return the value for a placeholder's name, or None."""
        value = self.by_name.get(name)
        return value if value is not None or self.state is None else self.state(name)


class Unfilled(NamedTuple):
    """A string with unfilled placeholders: its pointers in the user's document and in the normal form."""

    source: str
    pointer: str
    text: str
    is_image: bool = False


class Filled(NamedTuple):
    """Data with its placeholders filled in, the names of the values used, and the strings that are not filled.

    Data that `is_plain` certainly has no placeholder.
    """

    data: Any
    used: frozenset[str]
    unfilled: tuple[Unfilled, ...] = ()
    is_plain: bool = False


def fill(data: Any, values: Values, *, file: str = "", own_pointer: Callable[[str], str] | None = None) -> Filled:
    """Return parsed JSON data with the placeholders in all its texts replaced by values, or by their own defaults.

    Keys, indexes and placeholders without a value are kept. Values are not searched for placeholders.
    `own_pointer` converts a pointer in the data to one in the user's document; by default they are the same.
    """
    has_pointers = any("/" in name for name in values.by_name)
    if not has_pointers and _has_no_placeholders(data):
        return Filled(data, frozenset(), is_plain=True)
    if not has_pointers:
        # Computing pointers is expensive, and few documents need them.
        filler = _Filler(values)
        filled = filler.filled(data, is_image=False)
        if not filler.has_unfilled:
            return Filled(filled, frozenset(filler.used))
    finder = _PointedFiller(values, file, own_pointer)
    filled = finder.filled(data, "", is_image=False)
    return Filled(filled, frozenset(finder.used), tuple(finder.unfilled))


def _has_no_placeholders(data: Any) -> bool:
    """Return True for data that certainly has no placeholder, which is the common case."""
    texts: list[str] = []
    images: list[str] = []
    waiting = [("", data)]
    for name, value in waiting:
        if isinstance(value, str):
            (images if name == "image" else texts).append(value)
        elif isinstance(value, dict):
            waiting += value.items()
        elif isinstance(value, list):
            waiting += [("", item) for item in value]
        elif isinstance(value, tuple):
            return False  # tuples become lists when data is filled
    return not may_hold_placeholders(texts, images)


def fill_text(text: str, values: Values, used: set[str], *, is_image: bool = False) -> tuple[str, bool]:
    """Return a text with its placeholders filled in, and whether relevant ones are left.

    The names that were used are added to `used`.
    """
    text_placeholders = placeholders(text, is_image=is_image)
    if not text_placeholders:
        return text, False
    parts: list[str] = []
    end, is_left = 0, False
    name_end = tag_start(text, text_placeholders) if is_image else len(text)
    for placeholder in text_placeholders:
        value = _value(placeholder, values, used)
        if value is not None:
            parts += text[end : placeholder.start], value
            end = placeholder.end
        elif placeholder.start < name_end:
            is_left = True
    return "".join([*parts, text[end:]]), is_left


def _value(placeholder: Placeholder, values: Values, used: set[str]) -> str | None:
    value = values.get(placeholder.name)
    if value is not None:
        used.add(placeholder.name)
        return value
    default = placeholder.default
    return None if default is None else fill_text(default, values, used)[0]


@dataclass
class _Filler:
    """Fills in placeholders without tracking pointers."""

    values: Values
    used: set[str] = field(default_factory=set)
    has_unfilled: bool = False

    def filled(self, data: Any, *, is_image: bool) -> Any:
        if isinstance(data, str):
            text, is_left = fill_text(data, self.values, self.used, is_image=is_image)
            self.has_unfilled = self.has_unfilled or is_left
            return text
        if isinstance(data, dict):
            return {key: self.filled(value, is_image=key == "image") for key, value in data.items()}
        if isinstance(data, (list, tuple)):
            return [self.filled(value, is_image=False) for value in data]
        return data


@dataclass
class _PointedFiller:
    """Fills in placeholders by name and pointer, and collects the pointers of unfilled texts."""

    values: Values
    file: str
    own_pointer: Callable[[str], str] | None
    used: set[str] = field(default_factory=set)
    unfilled: list[Unfilled] = field(default_factory=list)

    def filled(self, data: Any, pointer: str, *, is_image: bool) -> Any:
        if isinstance(data, str):
            return self._text(data, pointer, is_image=is_image)
        if isinstance(data, dict):
            return {
                key: self.filled(value, f"{pointer}/{pointer_step(key)}", is_image=key == "image")
                for key, value in data.items()
            }
        if isinstance(data, (list, tuple)):
            return [self.filled(value, f"{pointer}/{index}", is_image=False) for index, value in enumerate(data)]
        return data

    def _text(self, text: str, pointer: str, *, is_image: bool) -> str:
        source = self.own_pointer(pointer) if self.own_pointer else pointer
        for name in (f"{self.file}#{source}", source):
            if name in self.values.by_name:
                self.used.add(name)
                return self.values.by_name[name]
        filled, is_left = fill_text(text, self.values, self.used, is_image=is_image)
        if is_left:
            self.unfilled.append(Unfilled(source, pointer, filled, is_image))
        return filled
