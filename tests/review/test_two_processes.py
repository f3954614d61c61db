"""Tests that a review has the same result in two processes as in one."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from bench.review import plan_of
from bench.service_plan import service_plan
from taskrole import two_processes
from taskrole.output.options import DEFAULTS
from taskrole.review.render import RENDERERS
from taskrole.review.review import ReviewOptions, review
from tests.other_process import OtherProcess

# Four groups of the roles that a process assesses at once. Other than in this test, two processes share 300 and more.
SERVICES = 100


def plan_without_policies_of_new_roles() -> bytes:
    """Return a plan in which each new task lacks its secrets, whose ARNs are known after the apply alone."""
    plan = json.loads(json.dumps(service_plan(SERVICES)))
    new = {change["address"] for change in plan["resource_changes"] if change["change"]["actions"] == ["create"]}

    def is_kept(resource: dict[str, Any]) -> bool:
        return resource["address"] not in new or resource["type"] != "aws_iam_role_policy"

    plan["resource_changes"] = list(filter(is_kept, plan["resource_changes"]))
    module = plan["planned_values"]["root_module"]
    module["resources"] = list(filter(is_kept, module["resources"]))
    return json.dumps(plan).encode()


def plan_without_task_definitions() -> bytes:
    return json.dumps(plan_of(SERVICES)).encode()


@pytest.mark.parametrize("make_plan", [plan_without_policies_of_new_roles, plan_without_task_definitions])
def test_a_review_in_two_processes_says_the_same_as_in_one(
    make_plan: Callable[[], bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = make_plan()
    other = OtherProcess(monkeypatch)
    monkeypatch.setattr(two_processes, "_MANY", SERVICES)
    in_two = reviewed(plan)

    other.assert_delivered()
    monkeypatch.setattr(two_processes, "_MANY", SERVICES + 1)

    assert in_two == reviewed(plan)


def test_the_unknown_arns_of_a_plan_with_task_definitions_are_reported() -> None:
    """Without them, the test above would not compare what the processes learn about unknown ARNs."""
    assert reviewed(plan_without_policies_of_new_roles()).count("aws_secretsmanager_secret.") >= SERVICES / 4


def reviewed(plan: bytes) -> str:
    return RENDERERS["json"](review(plan, None, ReviewOptions(fail_on="never")), DEFAULTS)
