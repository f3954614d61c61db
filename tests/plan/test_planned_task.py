"""Which resources define tasks, as a review knows them without loading what reads them."""

from __future__ import annotations

from taskrole.plan.planned_task import TASK_TYPES
from taskrole.plan.task_forms.resources import TASK_RESOURCE_TYPES


def test_a_review_knows_every_resource_type_of_task_definitions() -> None:
    assert TASK_TYPES == TASK_RESOURCE_TYPES
