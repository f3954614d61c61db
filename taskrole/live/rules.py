"""The rules on the roles and task definitions of an account."""

from __future__ import annotations

from taskrole.rule import Rule

_IAM = "https://docs.aws.amazon.com/IAM/latest/UserGuide"
_ECS = "https://docs.aws.amazon.com/AmazonECS/latest/developerguide"
_ACCOUNT = "an account"

AUDIT_GONE = Rule(
    "AUDIT-GONE",
    "error",
    "A task definition names a role that does not exist",
    _ACCOUNT,
    f"{_ECS}/security-iam-roles.html",
    why="ECS cannot assume it; tasks that run lose their credentials, and none starts any more",
    fix="make the role again, or register the task definition with another one",
)
AUDIT_FOREIGN = Rule(
    "AUDIT-FOREIGN",
    "warning",
    "A task definition names a role of another account",
    _ACCOUNT,
    f"{_ECS}/security-iam-roles.html",
    why="ECS assumes roles of the tasks' own account only",
    fix="make the role in the tasks' account; for what is in the other one, let the application assume a role there",
)
AUDIT_SHARED = Rule(
    "AUDIT-SHARED",
    "warning",
    "Families with different needs share a role",
    _ACCOUNT,
    f"{_ECS}/security-iam-roles.html",
    why="each of their tasks may do what the others need",
    fix="give each family a role of its own",
)
AUDIT_BOTH = Rule(
    "AUDIT-BOTH",
    "warning",
    "One role is an execution role and a task role",
    _ACCOUNT,
    f"{_ECS}/task-iam-roles.html",
    why="the application in the containers may do all that ECS does to start them, such as read every secret",
    fix="use two roles",
)
AUDIT_MISSING = Rule(
    "AUDIT-MISSING",
    "error",
    "A role does not allow what a task definition needs",
    _ACCOUNT,
    f"{_ECS}/task_execution_IAM_role.html",
    why="the task does not start, or part of its work fails",
    fix="add the permission to the role; `taskrole derive` prints the statement",
)
AUDIT_UNKNOWN = Rule(
    "AUDIT-UNKNOWN",
    "warning",
    "It is unknown whether a role allows what a task definition needs",
    _ACCOUNT,
    f"{_ECS}/task_execution_IAM_role.html",
    why="a part of the role or of the task definition is not known",
    fix="set the option that the message names",
)
AUDIT_UNREAD = Rule(
    "AUDIT-UNREAD",
    "error",
    "An account or region was not read",
    "an organization",
    f"{_IAM}/id_roles_create_for-user.html",
    why="the roles of its tasks are unknown",
    fix="create the role that `taskrole audit --print-policy` is for, and run the same command again",
)
_VERIFY_WHY = "the role was changed outside Terraform, or roles.yaml has changed since the last apply"
_VERIFY_FIX = "apply the stack; if the live role is right, change roles.yaml to match it"
VERIFY_DIFFERENT = Rule(
    "VERIFY-DIFFERENT",
    "error",
    "A live role differs from roles.yaml",
    _ACCOUNT,
    f"{_IAM}/id_roles_manage.html",
    why=_VERIFY_WHY,
    fix=_VERIFY_FIX,
)
VERIFY_MISSING = Rule(
    "VERIFY-MISSING",
    "error",
    "What roles.yaml declares does not exist",
    _ACCOUNT,
    f"{_IAM}/id_roles_manage.html",
    why=_VERIFY_WHY,
    fix=_VERIFY_FIX,
)
VERIFY_EXTRA = Rule(
    "VERIFY-EXTRA",
    "error",
    "A live role has what roles.yaml does not declare",
    _ACCOUNT,
    f"{_IAM}/id_roles_manage.html",
    why=_VERIFY_WHY,
    fix=_VERIFY_FIX,
)

RULES = (
    AUDIT_GONE,
    AUDIT_FOREIGN,
    AUDIT_SHARED,
    AUDIT_BOTH,
    AUDIT_MISSING,
    AUDIT_UNKNOWN,
    AUDIT_UNREAD,
    VERIFY_DIFFERENT,
    VERIFY_MISSING,
    VERIFY_EXTRA,
)
