"""Builds plans, reads those of tests/plans, and reviews them."""

from __future__ import annotations

import copy
import datetime
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from taskrole.review.render.json_report import render_json
from taskrole.review.report import Report
from taskrole.review.review import ReviewOptions, review
from taskrole.review.settings import ReviewSettings
from tests import policy_documents

TESTS = Path(__file__).parent.parent
PLANS = TESTS / "plans"
CASES = sorted(path.parent.name for path in PLANS.glob("*/plan.json"))
TODAY = datetime.date(2026, 11, 24)


def plan_data(case: str) -> dict[str, Any]:
    return copy.deepcopy(json.loads((PLANS / case / "plan.json").read_text("utf-8")))


def reviewed(
    plan: dict[str, Any] | str, settings: ReviewSettings | None = None, options: ReviewOptions | None = None
) -> Report:
    data = plan_data(plan) if isinstance(plan, str) else plan
    report = review(json.dumps(data).encode(), settings, options or ReviewOptions(today=TODAY))
    # The action database is renewed more often than these expectations change.
    return replace(report, data_date="")


def report_text(report: Report) -> str:
    return json.dumps(json.loads(render_json(report)), indent=2, ensure_ascii=False) + "\n"


def codes(report: Report) -> set[str]:
    return {finding.code for finding in report.findings}


ROLE = "aws_iam_role.web"
ECS_TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Service": "ecs-tasks.amazonaws.com"},
            "Action": "sts:AssumeRole",
            "Condition": {"StringEquals": {"aws:SourceAccount": "123456789012"}},
        }
    ],
}
NOTHING = object()
policy = policy_documents.policy_document
allow = policy_documents.allow


def change(address: str, actions: list[str], before: Any, after: Any, **more: Any) -> dict[str, Any]:
    kind, _, name = address.rpartition("module.")[2].rpartition(".")
    rest = {key: more.pop(key) for key in ("index", "module_address", "mode", "deposed") if key in more}
    return {
        "address": address,
        "mode": "managed",
        "type": kind,
        "name": name,
        **rest,
        "change": {
            "actions": actions,
            "before": before,
            "after": after,
            "after_unknown": more.pop("unknown", {}),
            "before_sensitive": more.pop("sensitive", {}),
            "after_sensitive": {},
            **more,
        },
    }


def role_change(before: Any = ECS_TRUST, after: Any = ECS_TRUST, actions: list[str] | None = None, **more: Any) -> Any:
    """Return the change of role web: its trust policy before and after, and other attributes."""

    def values(trust: Any) -> dict[str, Any] | None:
        if trust is NOTHING:
            return None
        arn = "arn:aws:iam::123456789012:role/web"
        return {"name": "web", "arn": arn, "assume_role_policy": json.dumps(trust), **more}

    unchanged = ["no-op"] if before == after else ["update"]
    return change(ROLE, actions or unchanged, values(before), values(after))


def inline_change(before: Any, after: Any, address: str = "aws_iam_role_policy.own", **more: Any) -> dict[str, Any]:
    """Return the change of an inline policy of role web; NOTHING if there is none."""
    name = address.rpartition(".")[2]
    old, new = (
        None if document is NOTHING else {"name": name, "role": "web", "policy": json.dumps(document)}
        for document in (before, after)
    )
    actions = ["create"] if old is None else ["delete"] if new is None else ["no-op"] if old == new else ["update"]
    return change(address, actions, old, new, **more)


def task_change(*containers: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Return a new task definition with the execution role web."""
    values = {
        "family": "web",
        "arn": "arn:aws:ecs:eu-central-1:123456789012:task-definition/web:1",
        "execution_role_arn": "arn:aws:iam::123456789012:role/web",
        "container_definitions": json.dumps(
            [{"name": "web", "image": "nginx", **container} for container in containers or ({},)]
        ),
        **more,
    }
    return change("aws_ecs_task_definition.web", ["create"], None, values)


def plan_of(*changes: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "format_version": "1.2",
        "terraform_version": "1.11.4",
        "resource_changes": list(changes),
        "configuration": {
            "provider_config": {
                "aws": {"name": "aws", "expressions": {"region": {"constant_value": "eu-central-1"}}},
            },
            "root_module": {},
        },
        **more,
    }
