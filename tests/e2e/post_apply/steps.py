"""A step of a configuration: plan, review, apply, read back."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

from taskrole.plan.configuration import Configuration
from taskrole.plan.reader import read_plan
from taskrole.plan.roles import PlannedRole, planned_roles
from taskrole.review.report import Report
from taskrole.review.review import ReviewOptions, review
from taskrole.review.source import source_expressions
from tests.e2e.post_apply.account import held_roles
from tests.e2e.post_apply.oracle import Step
from tests.e2e.post_apply.workspace import Workspace


def apply_step(workspace: Workspace, accounts: dict[str, Any], name: str, number: int) -> dict[str, Step]:
    """Plan a step, review the plan, apply it, and read IAM.

    There are two reviews: of the plan alone, and with the files of its configuration.
    """
    workspace.lay(name, number)
    plan = workspace.plan()
    reviews = {"plan": reviewed(plan, None), "plan and files": reviewed(plan, workspace.folder)}
    before = held_roles(accounts)
    state = workspace.apply()
    after = held_roles(accounts)
    return {inputs: Step(report, roles, before, after, state) for inputs, (report, roles) in reviews.items()}


def reviewed(plan: bytes, files: Path | None) -> tuple[Report, tuple[PlannedRole, ...]]:
    """Return the review of a plan, and its roles; `files` is the folder of its configuration, if at hand."""
    read = read_plan(BytesIO(plan), "plan.json")
    configuration = Configuration(read)
    if files is not None:
        configuration = replace(configuration, source=source_expressions(files, configuration))
    report = review(plan, options=ReviewOptions(include_unchanged=True, source=files))
    return report, planned_roles(read, configuration)
