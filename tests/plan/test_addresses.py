"""Tests addresses and references with any key of a for_each."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskrole.plan.addresses import (
    AddressStep,
    ModuleStep,
    OwnIndex,
    inner_module,
    module_of,
    module_steps,
    outer_module,
    reference_steps,
    without_indexes,
)

KEYS = ["a", "a.b", "a]b", 'a"b', "a\\b", "a\nb", "${x}", "%{x}", "ünï-✓", "", "module.x"]


@pytest.mark.parametrize("key", KEYS)
def test_a_module_address_can_have_any_key(key: str) -> None:
    module = inner_module(inner_module("", "outer", 3), "inner", key)

    address = f"{module}.aws_iam_role.web"

    assert module_of(address) == module
    assert module_steps(address) == (ModuleStep("outer", 3), ModuleStep("inner", key))
    assert without_indexes(module) == "module.outer.module.inner"
    assert outer_module(module) == ("module.outer[3]", ModuleStep("inner", key))


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["a", "b-c", "_d", "über", "名前", "e\u0301"]), st.none() | st.integers(0, 99) | st.text()
        ),
        max_size=4,
    )
)
def test_every_module_address_is_parsed_as_it_was_built(calls) -> None:
    module = ""
    for name, index in calls:
        module = inner_module(module, name, index)

    steps = module_steps(f"{module}.aws_iam_role.x" if module else "aws_iam_role.x")

    assert steps == tuple(ModuleStep(name, index) for name, index in calls)


@pytest.mark.parametrize(
    ("text", "steps"),
    [
        ("aws_iam_role.web.name", (AddressStep("aws_iam_role"), AddressStep("web"), AddressStep("name"))),
        ('aws_iam_role.web["a.b"].name', (AddressStep("aws_iam_role"), AddressStep("web", "a.b"), AddressStep("name"))),
        (
            "aws_iam_role.web[count.index].id",
            (AddressStep("aws_iam_role"), AddressStep("web", OwnIndex()), AddressStep("id")),
        ),
        ("module.m[0].role", (AddressStep("module"), AddressStep("m", 0), AddressStep("role"))),
        # Not plain references: the value of each may differ.
        ("aws_iam_role.web[1 - count.index].name", ()),
        ("upper(aws_iam_role.web.name)", ()),
        ("aws_iam_role.web.name.", ()),
        ("aws_iam_role.web[*].name", ()),
        (f"aws_iam_role.web[{'9' * 5_000}].name", ()),
        ('aws_iam_role.web["\\q"].name', (AddressStep("aws_iam_role"), AddressStep("web", "q"), AddressStep("name"))),
        ("", ()),
    ],
)
def test_only_a_plain_reference_is_parsed(text: str, steps) -> None:
    assert reference_steps(text) == steps
