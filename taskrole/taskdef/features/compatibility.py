"""Where a task runs: `requiresCompatibilities` and `runtimePlatform`."""

from __future__ import annotations

from collections.abc import Iterator

from taskrole.errors import quote
from taskrole.taskdef.document import Node, UnusableError
from taskrole.taskdef.feature import TASK_ENVIRONMENT, Feature, task_fields
from taskrole.taskdef.feature_results import Item, Setting, finding
from taskrole.taskdef.rule import API, FieldRule
from taskrole.taskdef.shape import ListOf, Record, Scalar

_REGISTER = f"{API}/API_RegisterTaskDefinition.html"

_RULES = (
    FieldRule(
        "COMPATIBILITY",
        "note",
        "requiresCompatibilities accepts EC2, FARGATE, EXTERNAL and MANAGED_INSTANCES",
        "requiresCompatibilities",
        _REGISTER,
    ),
)

COMPATIBILITIES = ("EC2", "EXTERNAL", "FARGATE", "MANAGED_INSTANCES")


def compatibilities(task: Node) -> frozenset[str]:
    """Return where a task can run; empty if requiresCompatibilities is absent or unreadable."""
    try:
        return frozenset(text for _, text in task.texts("requiresCompatibilities") if text in COMPATIBILITIES)
    except UnusableError:
        return frozenset()


def could_run_on(task: Node, compatibility: str) -> bool:
    """Return whether a task can run on `compatibility`: requiresCompatibilities contains it, or is absent."""
    named = compatibilities(task)
    return not named or compatibility in named


def is_windows(task: Node) -> bool:
    """Return whether a task runs on Windows."""
    try:
        platform = task.node("runtimePlatform")
        return bool(platform and (platform.text("operatingSystemFamily") or "").startswith("WINDOWS"))
    except UnusableError:
        return False


def compatibility_items(task: Node, setting: Setting) -> Iterator[Item]:  # noqa: ARG001 -- the features' one signature
    """Yield a finding for each unknown compatibility."""
    try:
        for index, text in task.texts("requiresCompatibilities"):
            if text not in COMPATIBILITIES:
                message = f"must be one of {', '.join(COMPATIBILITIES)}; got {quote(text)}"
                yield finding("COMPATIBILITY", "warning", task.field(f"requiresCompatibilities/{index}"), message)
    except UnusableError:
        return


_SHAPE = task_fields(
    {
        "requiresCompatibilities": ListOf(Scalar.TEXT, most=16),
        "runtimePlatform": Record({"operatingSystemFamily": Scalar.TEXT}),
    }
)

FEATURE = Feature(TASK_ENVIRONMENT, _RULES, _SHAPE, items=compatibility_items)
