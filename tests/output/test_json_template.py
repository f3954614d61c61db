"""Tests that the parts of templates are the JSON that `indented` writes."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from taskrole.grant import condition_block
from taskrole.output.indented import indented
from taskrole.output.json_template import json_conditions, json_object, json_string, json_strings

TEXTS = st.lists(st.text(max_size=9), max_size=3).map(tuple)
MARGIN = "\n    "


@given(st.text(max_size=9), TEXTS)
def test_an_object_of_texts_is_written_as_indented_writes_it(text: str, texts: tuple[str, ...]) -> None:
    members = [f'"text": {json_string(text)}', f'"texts": {json_strings(texts, f"{MARGIN}  ")}']

    assert json_object(members, MARGIN) == indented({"text": text, "texts": texts}, MARGIN)


@given(st.dictionaries(st.tuples(st.text(max_size=3), st.text(max_size=3)), TEXTS, max_size=3))
def test_conditions_are_written_as_a_block(by_test: dict[tuple[str, str], tuple[str, ...]]) -> None:
    conditions = tuple((operator, key, values) for (operator, key), values in by_test.items())

    assert json_conditions(conditions, MARGIN) == indented(condition_block(conditions), MARGIN)
