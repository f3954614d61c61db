"""Role: an IAM role that taskrole builds, checks or compares; and RoleAttribute, the table of its simple attributes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field
from typing import Any, Literal

from taskrole.arns import ECS_TASKS_PRINCIPAL, Arn, Context, all_ecs_arn
from taskrole.dataclass import dataclass
from taskrole.errors import BadValueError
from taskrole.grant import Condition, Grant, RoleKind, conditions_clause
from taskrole.policy.documents.policy import Policy
from taskrole.policy.documents.principals import named_principals
from taskrole.policy.documents.statements import VERSION, Document, as_list, canonical

TrustConditions = Literal["full", "account", "off"]

# AWS documents both conditions for a task role; for an execution role it documents none, but its own tooling writes
# aws:SourceAccount: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-iam-roles.html
DEFAULT_TRUST: Mapping[RoleKind, TrustConditions] = {"task": "full", "execution": "account"}


@dataclass(frozen=True)
class Role:
    """An IAM role with its permissions and its trust policy.

    `key` is its name in roles.yaml and in Terraform addresses. `name` is its name in IAM, or None if Terraform
    completes `name_prefix`. `attachments` are the ARNs of existing managed policies. `grants` are those that policies
    were built from, if known: the cause of each permission. `adopt` is True if Terraform imports the existing role with
    its attachments and the inline policies in `adopted_policies`. `iam_arn` is the ARN of a role that was read from an
    account, and empty for a declared one.
    """

    key: str
    kind: RoleKind
    trust: Document
    name: str | None = None
    name_prefix: str | None = None
    path: str = "/"
    description: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)
    permissions_boundary: str | None = None
    max_session_duration: int = 3_600  # seconds
    policies: tuple[Policy, ...] = ()
    attachments: tuple[str, ...] = ()
    exclusive: bool = False
    grants: tuple[Grant, ...] = ()
    adopt: bool = False
    adopted_policies: tuple[str, ...] = ()
    iam_arn: str = ""

    @property
    def title(self) -> str:
        """Return the name of the role for users."""
        return self.name or f"{self.name_prefix}…"

    def arn(self, context: Context) -> str | None:
        """Return the role's ARN, or None if its account or full name is unknown until it is created."""
        if self.iam_arn:
            return self.iam_arn
        if self.name is None or context.account is None:
            return None
        return str(Arn(context.partition, "iam", "", context.account, f"role{self.path}{self.name}"))


@dataclass(frozen=True)
class RoleAttribute:
    """A setting of a role with a single value, and one name in roles.yaml, in Terraform and in Role.

    `members` are the path of its value in the GetRole response; empty if only Terraform has it. `label` is its
    name in `taskrole show`, which leaves out attributes without one.
    """

    name: str
    members: tuple[str, ...] = ()
    label: str = ""

    @property
    def default(self) -> Any:
        """Return the default value, which Terraform and IAM share."""
        return getattr(Role, self.name)

    def set_in(self, role: Role) -> Any:
        """Return the value of a role, or None if it is the default."""
        value = getattr(role, self.name)
        return None if value == self.default else value

    def answered(self, answer: Mapping[str, Any]) -> Any:
        """Return the value in a GetRole response."""
        value: Any = answer if self.members else None
        for member in self.members:
            value = (value or {}).get(member)
        return self.default if value is None else value


# The attributes of a role. To add an attribute, add it here and to Role, to the settings of roles.yaml
# (config/model.py), and to the arguments of declare_role (taskrole_cdktf/declare.py). In roles.yaml and in the report
# of verify, the descriptive ones are before tags and trust, and the limiting ones after.
DESCRIPTIVE_ATTRIBUTES = (RoleAttribute("path", ("Path",)), RoleAttribute("description", ("Description",)))
LIMITING_ATTRIBUTES = (
    RoleAttribute("permissions_boundary", ("PermissionsBoundary", "PermissionsBoundaryArn"), label="boundary"),
    RoleAttribute("max_session_duration", ("MaxSessionDuration",)),
)
PLAIN_ATTRIBUTES = (*DESCRIPTIVE_ATTRIBUTES, *LIMITING_ATTRIBUTES)


def answered_attributes(answer: Mapping[str, Any]) -> dict[str, Any]:
    """Return the attributes of a role in a GetRole response, as arguments of Role."""
    return {attribute.name: attribute.answered(answer) for attribute in PLAIN_ATTRIBUTES}


def trust_policy(
    conditions: TrustConditions,
    context: Context,
    principals: Mapping[str, Sequence[str]] | None = None,
) -> Document:
    """Return the trust policy of a role for ECS tasks.

    The confused-deputy conditions are in the statement for ECS, as a second, conditional statement would only
    add to what the first allows. `principals`, {"AWS": […], "Service": […]}, are others that can assume the
    role too, without these conditions, which only ECS meets.

    Raises ValueError if a condition needs the account and the context has none.
    Source: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-iam-roles.html
    """
    ecs: dict[str, Any] = {
        "Effect": "Allow",
        "Principal": {"Service": ECS_TASKS_PRINCIPAL},
        "Action": "sts:AssumeRole",
    }
    if conditions != "off":
        if context.account is None:
            raise BadValueError(f"trust: {conditions} needs the account; set account, or trust: off")
        ecs["Condition"] = {"StringEquals": {"aws:SourceAccount": context.account}}
    if conditions == "full":
        ecs["Condition"]["ArnLike"] = {"aws:SourceArn": all_ecs_arn(context)}
    if not principals:
        return canonical({"Version": VERSION, "Statement": [ecs]})
    others = {"Effect": "Allow", "Principal": principals, "Action": "sts:AssumeRole"}
    return canonical({"Version": VERSION, "Statement": [{"Sid": "EcsTasks", **ecs}, {"Sid": "Others", **others}]})


# The prefix of principals that a statement denies.
NOT = "not: "


def assumers(trust: Document) -> Iterable[str]:
    """Yield the principals that can assume a role, as text with conditions; denied ones begin with `not: `."""
    for who, conditions in conditional_assumers(trust):
        yield f"{who}{conditions_clause(conditions)}"


def conditional_assumers(trust: Document) -> Iterable[tuple[str, tuple[Condition, ...]]]:
    """Yield the principals that can assume a role, each with its conditions; denied ones begin with `not: `."""
    for statement in trust["Statement"]:
        conditions = tuple(
            (operator, key, tuple(map(str, as_list(value))))
            for operator, pairs in statement.get("Condition", {}).items()
            for key, value in pairs.items()
        )
        sign = NOT if statement.get("Effect") == "Deny" else ""
        yield from ((f"{sign}{who}", conditions) for who in _named(statement))


def _named(statement: Mapping[str, Any]) -> Iterable[str]:
    if "NotPrincipal" in statement:
        return [f"everyone except {', '.join(name for _, name in named_principals(statement['NotPrincipal']))}"]
    return [name for _, name in named_principals(statement.get("Principal"))]
