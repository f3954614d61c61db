"""Tests that the project's `dataclass` gives the classes of the standard library."""

from __future__ import annotations

import copy
import dataclasses
import inspect
import pickle
import re
from functools import cached_property
from pathlib import Path

import pytest

from taskrole.dataclass import dataclass

ROOT = Path(__file__).parent.parent


def classes(decorator):
    """Return a class of each kind of the project, made by a decorator."""

    @decorator(frozen=True)
    class Plain:
        """A class with all kinds of fields."""

        name: str
        note: str = dataclasses.field(compare=False, default="")
        secret: str = dataclasses.field(default="s3cret", repr=False)
        many: list[str] = dataclasses.field(default_factory=list, hash=False)

        @cached_property
        def length(self) -> int:
            return len(self.name)

    @decorator(frozen=True)
    class Empty:
        pass

    @decorator(frozen=True)
    class Checked:
        size: int

        def __post_init__(self) -> None:
            if self.size < 0:
                raise ValueError(self.size)

    @decorator(frozen=True)
    class Own:
        size: int

        def __eq__(self, other: object) -> bool:
            return True

        def __hash__(self) -> int:
            return 7

        def __repr__(self) -> str:
            return "own"

    @decorator(frozen=True)
    class Derived(Plain):
        last: int = 0

    @decorator(frozen=True)
    class Keyword(Checked):
        other: int = dataclasses.field(kw_only=True)
        name: str = dataclasses.field(default="a", kw_only=True)
        last: int = 0

    @decorator(frozen=True, order=True)
    class Ordered:
        size: int
        name: str = "a"

    @decorator(frozen=True, eq=False)
    class Identity:
        size: int

    @decorator(frozen=True, slots=True)
    class Slotted:
        size: int
        many: list[str] = dataclasses.field(default_factory=list)

    @decorator(frozen=True)
    class DerivedFromSlotted(Slotted):
        name: str = "a"

    @decorator(frozen=True, slots=True)
    class SlottedFromPlain(Identity):
        name: str = "a"

    @decorator
    class Mutable:
        size: int

    return (
        *(Plain, Empty, Checked, Own, Derived, Ordered, Identity, Slotted),
        *(DerivedFromSlotted, SlottedFromPlain, Mutable, Keyword),
    )


OURS, THEIRS = classes(dataclass), classes(dataclasses.dataclass)
PAIRS = {ours.__name__: (ours, theirs) for ours, theirs in zip(OURS, THEIRS, strict=True)}
ARGUMENTS = [(), ("a",), ("a", "b"), (2,), (-1,), (1, "b"), ("a", "n", "s", ["m"]), ("a", "n", "s", ["m"], 5)]


def result(function, *arguments):
    """Return the result of a call, or the class and text of its error."""
    try:
        return function(*arguments)
    except Exception as error:  # noqa: BLE001 -- it is compared
        return type(error), re.sub(r"^.*\.", "", str(error))


@pytest.mark.parametrize("name", PAIRS)
@pytest.mark.parametrize("arguments", ARGUMENTS, ids=str)
def test_instances_equal_those_of_the_standard_library(name, arguments):
    ours, theirs = PAIRS[name]
    own, other = result(ours, *arguments), result(theirs, *arguments)
    if isinstance(other, tuple):
        assert own == other
        return
    assert repr(own) == repr(other)
    assert dataclasses.asdict(own) == dataclasses.asdict(other)
    assert result(setattr, own, "size", 5) == result(setattr, other, "size", 5)
    assert result(setattr, own, "unknown", 5) == result(setattr, other, "unknown", 5)
    assert result(delattr, own, "name") == result(delattr, other, "name")
    assert isinstance(result(hash, own), tuple) == isinstance(result(hash, other), tuple)


def test_keyword_arguments_are_those_of_the_standard_library():
    own, other = (kind(1, 5, other=2) for kind in PAIRS["Keyword"])

    assert repr(own) == repr(other)
    assert dataclasses.asdict(own) == {"size": 1, "other": 2, "name": "a", "last": 5}


@pytest.mark.parametrize("name", PAIRS)
def test_classes_have_the_signature_and_fields_of_the_standard_library(name):
    ours, theirs = PAIRS[name]

    def parameters(kind):
        return [(key, value.annotation) for key, value in inspect.signature(kind).parameters.items()]

    assert parameters(ours) == parameters(theirs)
    assert [field.name for field in dataclasses.fields(ours)] == [field.name for field in dataclasses.fields(theirs)]
    assert ours.__match_args__ == theirs.__match_args__
    assert ours.__eq__.__qualname__ == theirs.__eq__.__qualname__


@pytest.mark.parametrize("kinds", [OURS, THEIRS], ids=["ours", "theirs"])
def test_fields_decide_whether_instances_are_equal(kinds):
    plain, empty, _, own, derived, ordered, identity, *_ = kinds
    assert plain("a") == plain("a", note="not compared")
    assert hash(plain("a")) == hash(plain("a", note="not compared", many=["not hashed"]))
    assert plain("a") != plain("b")
    assert plain("a") != derived("a")
    assert plain("a") != "a"
    assert empty() == empty()
    assert own(1) == own(2)
    assert identity(1) != identity(1)
    assert sorted([ordered(2), ordered(1, "b"), ordered(1)]) == [ordered(1), ordered(1, "b"), ordered(2)]
    assert ordered(1) <= ordered(1)
    assert ordered(1) >= ordered(1)
    assert ordered(1) < ordered(2)
    assert ordered(2) > ordered(1)
    with pytest.raises(TypeError):
        ordered(1) < (1, "a")  # noqa: B015 -- the comparison raises


@pytest.mark.parametrize("kinds", [OURS, THEIRS], ids=["ours", "theirs"])
def test_factories_make_a_value_for_each_instance(kinds):
    plain = kinds[0]
    first, second = plain("a"), plain("a")
    assert first.many == []
    assert first.many is not second.many
    assert plain("a", many=None).many is None


@pytest.mark.parametrize("kinds", [OURS, THEIRS], ids=["ours", "theirs"])
def test_instances_are_copied_and_replaced_and_keep_cached_properties(kinds):
    plain = kinds[0]
    instance = plain("abc")
    assert instance.length == 3
    assert dataclasses.replace(instance, name="ab").length == 2
    assert copy.deepcopy(instance) == instance
    with pytest.raises(dataclasses.FrozenInstanceError):
        instance.name = "b"
    with pytest.raises(dataclasses.FrozenInstanceError):
        del instance.name


@dataclass(frozen=True)
class Sent:
    """A class that other processes can import."""

    name: str


def test_instances_can_be_sent_to_other_processes():
    assert pickle.loads(pickle.dumps(Sent("a"))) == Sent("a")  # noqa: S301 -- made here


def test_a_value_that_contains_itself_has_a_representation():
    instance = OURS[0]("a")
    instance.many.append(instance)
    assert "..." in repr(instance)


@pytest.mark.parametrize("decorator", [dataclass, dataclasses.dataclass], ids=["ours", "theirs"])
def test_a_field_without_default_after_one_with_is_an_error(decorator):
    with pytest.raises(TypeError, match="non-default argument 'second' follows default argument"):

        @decorator(frozen=True)
        class Wrong:
            first: str = ""
            second: str


def test_frozen_classes_of_the_package_use_the_decorator():
    for path in (ROOT / "taskrole").rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        is_standard = re.search(r"^from dataclasses import .*\bdataclass\b", text, re.MULTILINE)
        assert path.name == "dataclass.py" or not (is_standard and "frozen=True" in text), path
