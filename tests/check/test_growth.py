"""Tests that a check takes calls of functions in proportion to the task definitions of a role."""

from __future__ import annotations

from taskrole.check import Assignment, check_tasks
from taskrole.taskdef import Options
from taskrole.taskdef.read import parse_document
from tests.check.scenarios import CONTEXT, LOGIN, subject
from tests.growth import LIMIT, growth


def test_a_role_of_many_tasks_is_checked_in_proportion_to_them() -> None:
    assert growth(check) < LIMIT


def check(tasks: int) -> None:
    image = f"{CONTEXT.account}.dkr.ecr.{CONTEXT.region}.amazonaws.com/web:1"
    documents = [
        parse_document(
            {"family": f"web-{number}", "containerDefinitions": [{"name": "web", "image": image}]}, str(number)
        )
        for number in range(tasks)
    ]
    role = subject("r", LOGIN)
    assignments = [Assignment(document.file, "execution", role) for document in documents]
    report = check_tasks(documents, CONTEXT, {"execution": Options(), "task": Options()}, assignments)
    assert len(report.roles) == tasks
