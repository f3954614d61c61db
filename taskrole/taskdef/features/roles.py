"""The roles of a task definition: `taskRoleArn` and `executionRoleArn`, each a name, an ARN or absent.

The derived permissions do not depend on them, so a placeholder here is not an error.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from taskrole.arns import role_arn
from taskrole.errors import quote
from taskrole.grant import RoleKind
from taskrole.limits import check_role_name
from taskrole.taskdef.document import Node
from taskrole.taskdef.feature import TASK_ENVIRONMENT, Feature, task_fields
from taskrole.taskdef.feature_results import Item, Setting, finding, unusable, usable
from taskrole.taskdef.rule import API, BOTH, ECS, FieldRule
from taskrole.taskdef.shape import Scalar

_REGISTER = f"{API}/API_RegisterTaskDefinition.html"

_RULES = (
    FieldRule(
        "ROLE-FORM",
        "refused",
        "A role is its name or its ARN",
        "taskRoleArn, executionRoleArn",
        _REGISTER,
    ),
    FieldRule(
        "ROLE-ELSEWHERE",
        "note",
        "A role of another account or partition, which ECS does not accept; permissions do not depend on it",
        "taskRoleArn, executionRoleArn",
        _REGISTER,
    ),
    FieldRule(
        "ROLE-PLACEHOLDER",
        "note",
        "A role with a placeholder; permissions do not depend on it",
        "taskRoleArn, executionRoleArn",
        _REGISTER,
    ),
    FieldRule(
        "ROLE-SHARED",
        "note",
        "One role for both gives the application permissions that only ECS needs",
        "taskRoleArn, executionRoleArn",
        f"{ECS}/security-iam-roles.html",
    ),
    FieldRule(
        "ROLE-MISSING",
        "note",
        "A role that is needed, and that the task definition does not name",
        "taskRoleArn, executionRoleArn",
        _REGISTER,
        note="What EFS with IAM does on EC2 without a task role is not documented.",
    ),
    FieldRule(
        "TRUST",
        "fact",
        "ecs-tasks.amazonaws.com assumes both roles, in every partition",
        "the trust policy",
        f"{ECS}/task-iam-roles.html",
        BOTH,
        ("sts:AssumeRole",),
        verified=False,
        note="Documented for a task role; conditions on an execution role and GovCloud are not documented.",
    ),
)


ROLE_FIELDS: dict[RoleKind, str] = {"execution": "executionRoleArn", "task": "taskRoleArn"}
_ARN = re.compile(
    r"arn:(?P<partition>[a-z-]+):iam::(?P<account>[0-9]{12}):role/(?P<path>[\x21-\x7e]{1,510}/)?(?P<name>[^/]+)"
)


def role_items(task: Node, setting: Setting) -> Iterator[Item]:
    """Yield findings for invalid ARNs of the roles and of the task definition itself."""
    definition = task.data.get("taskDefinitionArn")
    if isinstance(definition, str) and (placeholder := task.placeholder(definition)):
        message = f"contains the placeholder {quote(placeholder)}, so it does not say where the task runs"
        yield finding("PLACEHOLDER", "warning", task.field("taskDefinitionArn"), message)
    for key in ROLE_FIELDS.values():
        yield from usable(_field_items(task, key, setting))
    execution, of_task = (task.data.get(key) for key in ROLE_FIELDS.values())
    if isinstance(execution, str) and execution and execution == of_task and not task.placeholder(execution):
        message = "is also the execution role, so the application gets permissions that only ECS needs; use two roles"
        yield finding("ROLE-SHARED", "warning", task.field("taskRoleArn"), message)


def named_role(task: Node, kind: RoleKind, setting: Setting) -> str | None:
    """Return the ARN of a task definition's role, or None if it is absent or unusable."""
    text = task.data.get(ROLE_FIELDS[kind])
    if not isinstance(text, str) or not text or task.placeholder(text):
        return None
    if role_problem(text) or _is_elsewhere(text, setting):
        return None
    return text if text.startswith("arn:") else role_arn(setting.context, text)


def role_problem(text: str) -> str | None:
    """Return the problem of a role's name or ARN, or None."""
    if not text.startswith("arn:"):
        return check_role_name(text)
    match = _ARN.fullmatch(text)
    if not match:
        return f"must be a role's name, or its ARN, arn:PARTITION:iam::ACCOUNT:role/NAME; got {quote(text)}"
    return check_role_name(match["name"])


def _is_elsewhere(text: str, setting: Setting) -> bool:
    match = _ARN.fullmatch(text)
    here = (setting.context.partition, setting.context.account)
    return match is not None and (match["partition"], match["account"]) != here


def _field_items(task: Node, key: str, setting: Setting) -> Iterator[Item]:
    text, field = task.text(key), task.field(key)
    if text is None:
        return
    placeholder = task.placeholder(text)
    if placeholder:
        message = f"contains the placeholder {quote(placeholder)}; fill it in when the role exists; got {quote(text)}"
        yield finding("ROLE-PLACEHOLDER", "warning", field, message)
        return
    problem = role_problem(text)
    if problem:
        raise unusable("ROLE-FORM", field, problem)
    if _is_elsewhere(text, setting):
        here = f"partition {setting.context.partition}, account {setting.context.account}"
        message = f"must be a role of the task's own {here}; set it to the ARN of the derived role; got {quote(text)}"
        yield finding("ROLE-ELSEWHERE", "warning", field, message)


_SHAPE = task_fields(dict.fromkeys(("taskDefinitionArn", *ROLE_FIELDS.values()), Scalar.TEXT))

FEATURE = Feature(TASK_ENVIRONMENT, _RULES, _SHAPE, items=role_items)
