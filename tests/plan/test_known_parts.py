"""Tests the digest of the known part of an unknown value."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest

from taskrole.plan.configuration import Configuration
from taskrole.plan.known_parts import KnownParts
from taskrole.plan.reader import read_plan
from tests.plan.test_hash import APP, CALLS, DOCUMENT, POLICY, Mutation, a_plan, put


def known(plan: dict[str, Any]) -> KnownParts:
    return KnownParts(Configuration(read_plan(io.BytesIO(json.dumps(plan).encode()), "plan.json")))


def digest(plan: dict[str, Any], address: str = POLICY, attribute: str = "policy") -> str:
    return known(plan).digest(address, attribute)


@pytest.mark.parametrize(
    "mutation",
    [
        put(f"{APP}/2/expressions/policy/references", ["data.aws_iam_policy_document.own.json"]),
        put("resource_changes/0/change/after/statement/0/actions", ["*"]),
        put("resource_changes/1/change/after/name", "another"),
        put("variables/text/value", "another"),
        put(f"{CALLS}/texts/module/outputs/document/expression", {"constant_value": "another"}),
        put(f"{APP}/1/expressions/statement", [{"resources": {"constant_value": ["*"]}}]),
        put("resource_changes/2/change/after/policy", "partly known"),
    ],
)
def test_a_changed_known_part_changes_the_digest(mutation: Mutation) -> None:
    plan = a_plan()
    mutation(plan)
    assert digest(plan) != digest(a_plan())


@pytest.mark.parametrize(
    "mutation",
    [
        put("variables/unused/value", 2),
        put("variables/account/value", "222222222222"),
        put(f"{APP}/2/expressions/name", {"constant_value": "other"}),
        put("resource_changes/2/change/after/name", "other"),
        put("timestamp", "2027-01-01T00:00:00Z"),
    ],
)
def test_an_unrelated_change_keeps_the_digest(mutation: Mutation) -> None:
    plan = a_plan()
    mutation(plan)
    assert digest(plan) == digest(a_plan())


def test_a_local_value_is_identified_by_its_name_alone() -> None:
    def plan(references: list[str]) -> dict[str, Any]:
        data = a_plan()
        put(f"{APP}/2/expressions/policy/references", references)(data)
        return data

    other = plan(["local.document"])
    put("variables/text/value", "another")(other)
    assert digest(other) == digest(plan(["local.document"])) != digest(plan(["local.another"]))


def test_a_resource_outside_of_the_plan_has_no_known_part() -> None:
    assert digest(a_plan(), "aws_iam_role_policy.gone") == ""


def test_each_attribute_has_its_own_digest() -> None:
    assert digest(a_plan(), DOCUMENT, "statement") != digest(a_plan(), DOCUMENT, "json")


def test_aliases_of_a_provider_are_several_providers() -> None:
    assert known(a_plan()).has_several_providers
    plan = a_plan()
    del plan["configuration"]["provider_config"]["aws.prod"]
    assert not known(plan).has_several_providers
