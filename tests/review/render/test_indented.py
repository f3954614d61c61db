"""Tests that streamed JSON is the JSON of the standard library."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from taskrole.output.indented import indented, indented_unicode
from tests.amount import amount

_KEYS = st.text() | st.integers() | st.booleans() | st.none() | st.floats(allow_nan=False, allow_infinity=False)
_VALUES = st.recursive(
    _KEYS, lambda inner: st.lists(inner) | st.dictionaries(_KEYS, inner) | st.lists(inner).map(tuple), max_leaves=20
)


@given(_VALUES)
@settings(max_examples=amount(200))
def test_the_output_is_that_of_the_standard_library(value: Any) -> None:
    assert indented(value) == json.dumps(value, indent=2, allow_nan=False)


@given(_VALUES)
@settings(max_examples=amount(200))
def test_the_output_with_unicode_is_that_of_the_standard_library(value: Any) -> None:
    assert indented_unicode(value) == json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False)


@dataclass(frozen=True)
class _Row:
    name: str
    parts: tuple[object, ...] = ()


@dataclass(frozen=True)
class _Empty:
    pass


@pytest.mark.parametrize(
    "value", [_Row("a"), _Row("b", (_Row("c", (1, None)), {"d": True})), _Row("e", (_Empty(),)), [_Empty()]]
)
def test_a_dataclass_is_written_as_an_object_of_its_fields(value: Any) -> None:
    plain = asdict(value) if not isinstance(value, list) else [asdict(item) for item in value]
    assert indented(value) == json.dumps(plain, indent=2)
    assert indented({"x": value}) == json.dumps({"x": plain}, indent=2)


@pytest.mark.parametrize("value", [float("nan"), [float("inf")], {"a": {float("nan"): 1}}, {"a": {1, 2}}, {(): 1}])
def test_a_value_that_is_not_json_is_refused_as_the_standard_library_does(value: Any) -> None:
    errors = [_error(write, value) for write in (indented, lambda data: json.dumps(data, indent=2, allow_nan=False))]
    assert errors[0] == errors[1] is not None


def _error(write: Callable[[Any], str], value: Any) -> type[Exception] | None:
    try:
        write(value)
    except (TypeError, ValueError) as error:
        return type(error)
    return None
