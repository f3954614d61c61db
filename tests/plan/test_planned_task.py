"""Tests the list of resource types that define tasks, which a review knows without loading their readers."""

from __future__ import annotations

from taskrole.plan.planned_task import TASK_TYPES
from taskrole.plan.task_forms.resources import TASK_RESOURCE_TYPES


def test_a_review_knows_every_resource_type_of_task_definitions() -> None:
    assert TASK_TYPES == TASK_RESOURCE_TYPES
