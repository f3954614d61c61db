"""One step of a configuration: plan, review, apply, read back."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from taskrole.plan.configuration import Configuration
from taskrole.plan.reader import read_plan
from taskrole.plan.roles import planned_roles
from taskrole.review.review import ReviewOptions, review
from tests.e2e.post_apply.account import held_roles
from tests.e2e.post_apply.oracle import Step
from tests.e2e.post_apply.workspace import Workspace


def apply_step(workspace: Workspace, accounts: dict[str, Any], name: str, number: int) -> Step:
    """Plan a step, review the plan, apply it, and read back what IAM then holds."""
    workspace.lay(name, number)
    plan = workspace.plan()
    read = read_plan(BytesIO(plan), name)
    report = review(plan, options=ReviewOptions(include_unchanged=True))
    roles = planned_roles(read, Configuration(read))
    before = held_roles(accounts)
    state = workspace.apply()
    return Step(report, roles, before, held_roles(accounts), state)
