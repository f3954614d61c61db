"""Notes on permissions that a task definition does not show: application calls, overrides in RunTask and services."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from taskrole.grant import Grant
from taskrole.taskdef.document import Field
from taskrole.taskdef.feature import TASK_ENVIRONMENT, Feature
from taskrole.taskdef.feature_results import Item, Setting, finding
from taskrole.taskdef.rule import API, ECS, FieldRule

_RULES = (
    FieldRule(
        "OVERRIDES",
        "note",
        "RunTask and services can name other roles and environment files than the task definition",
        "RunTask overrides",
        f"{API}/API_TaskOverride.html",
    ),
    FieldRule(
        "APPLICATION",
        "note",
        "What an application itself calls cannot be derived",
        "the application",
        f"{ECS}/task-iam-roles.html",
    ),
)


def application_items(setting: Setting, grants: Sequence[Grant]) -> Iterator[Item]:  # noqa: ARG001 -- the features' one signature
    """Yield the notes that every derivation includes."""
    message = "RunTask and services can name other roles and environment files, which are not seen here"
    yield finding("OVERRIDES", "note", Field(""), message)
    message = (
        "what the application itself calls cannot be derived from a task definition; grant it to the task role yourself"
    )
    yield finding("APPLICATION", "note", Field(""), message)


FEATURE = Feature(TASK_ENVIRONMENT, _RULES, overall=application_items)
