"""Tests the dated lists of resource types, which cannot affect access."""

from __future__ import annotations

import json
import os
import shutil
from functools import cache
from typing import Any

import pytest

from taskrole.local.terraform import find_mirror
from taskrole.plan.access_categories import unseen_type
from taskrole.plan.resource_types import ACCESS_WORDS, terraform_types
from tools.refresh_resource_types import TARGET, provider_schema, text
from tools.resource_type_rules import EXCEPTIONS, exceptions_for

DATA: dict[str, Any] = json.loads(TARGET.read_text("utf-8"))
needs_provider = pytest.mark.skipif(
    shutil.which("terraform") is None or find_mirror(os.environ) is None, reason="needs terraform and its AWS provider"
)


@cache
def schema() -> dict[str, Any]:
    return provider_schema()


def test_the_lists_are_dated_and_count_every_type_once():
    lists = ("without_effect", "by_attribute", "uses_a_role", "has_a_policy", "other")
    types = [type_ for name in lists for type_ in DATA[name]]
    assert len(types) == len(set(types)) == DATA["count"]
    assert {name: len(DATA[name]) for name in DATA["counts"]} == DATA["counts"]
    assert DATA["date"] == terraform_types().date
    assert DATA["source"] == "AWS provider 5.100.0 schema"


def test_a_type_without_effect_that_looks_like_access_is_an_exception_with_a_reason():
    for type_, entry in DATA["without_effect"].items():
        for name in entry.get("excepted", ()):
            assert ACCESS_WORDS.isdisjoint(name.split("_")) or exceptions_for(type_, name), f"{type_}.{name}"


def test_every_exception_has_a_reason():
    assert all(EXCEPTIONS.values())


def test_no_type_that_creates_iam_is_without_effect():
    listed = [*DATA["without_effect"], *DATA["by_attribute"]]
    never = ("aws_iam_", "aws_sso", "aws_organizations_", "aws_identitystore_", "aws_eks_", "aws_cognito_")
    assert [type_ for type_ in listed if type_.startswith(never) or unseen_type(type_)] == []


def test_a_type_that_matters_by_attribute_names_an_attribute():
    for type_, entry in DATA["by_attribute"].items():
        assert entry.get("texts") or entry.get("others"), type_


def test_a_data_source_with_side_effects_is_not_listed_as_reading():
    assert "aws_lambda_invocation" not in terraform_types().data_sources


@needs_provider
@pytest.mark.extra
def test_the_tool_reproduces_the_file():
    assert text(schema(), DATA["date"]) == TARGET.read_text("utf-8")


@needs_provider
@pytest.mark.extra
def test_no_type_without_effect_has_an_attribute_that_looks_like_access_at_any_depth():
    from tools.resource_type_rules import _paths

    for type_ in DATA["without_effect"]:
        for path in _paths(schema()["resource_schemas"][type_]["block"]):
            first, last = path.partition(".")[0], path.rpartition(".")[2]
            if ACCESS_WORDS.intersection(last.split("_")):
                assert exceptions_for(type_, first, last), f"{type_}.{path}"
