"""Tests the selection of task definitions of a file."""

from __future__ import annotations

import json

import pytest

from taskrole.errors import InputError
from taskrole.taskdef.selection import select_documents
from tests.taskdef.forms.reading import read
from tests.taskdef.forms.written import plan, resource_change

NAMES = ("blue", "green", "worker")


def documents() -> list:
    families = {"blue": "web", "green": "web", "worker": "jobs"}
    changes = [
        resource_change(f"aws_ecs_task_definition.{name}", {"family": families[name], "container_definitions": "[]"})
        for name in NAMES
    ]
    return read(json.dumps(plan(changes)))


@pytest.mark.parametrize(
    ("names", "selected"),
    [
        ([], NAMES),
        (["web"], ("blue", "green")),
        (["aws_ecs_task_definition.green"], ("green",)),
        (["jobs", "aws_ecs_task_definition.blue"], ("blue", "worker")),
    ],
)
def test_definitions_are_selected_by_family_and_by_address(names: list[str], selected: tuple[str, ...]) -> None:
    chosen = select_documents(documents(), names)

    assert [document.name for document in chosen] == [f"aws_ecs_task_definition.{name}" for name in selected]


def test_unknown_names_are_errors_with_the_nearest_names() -> None:
    with pytest.raises(InputError) as caught:
        select_documents(documents(), ["job", "xyz"])

    assert str(caught.value) == (
        "--family: no task definition is called 'job'; did you mean jobs?\n"
        "--family: no task definition is called 'xyz'; there are web, aws_ecs_task_definition.blue,"
        " aws_ecs_task_definition.green, jobs, aws_ecs_task_definition.worker"
    )
