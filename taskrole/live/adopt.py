"""Adopt: creates the roles.yaml entry for an existing role, so that Terraform imports it without changes.

Settings of taskrole are used if they exist; inline policies, and a trust policy that taskrole would not write, are
kept verbatim. Nothing is dropped silently: what cannot be adopted is a warning or a problem.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import field
from typing import Any, cast, get_args

from taskrole.arns import ECS_TASKS_PRINCIPAL, Context
from taskrole.config.model import StatementSettings
from taskrole.config.value_checks import check_principal_arn, check_service_principal
from taskrole.dataclass import dataclass
from taskrole.errors import LONGEST_QUOTE, InputError, Place, Problem, quote, shortened
from taskrole.grant import RoleKind
from taskrole.live.client import aws_errors
from taskrole.live.roles import as_document
from taskrole.live.service import Service
from taskrole.live.verify import without_sids
from taskrole.partitions import partitions
from taskrole.policy.catalogue.managed import SERVICE_LINKED_PATH, managed_policy, managed_policy_names
from taskrole.policy.documents.principals import principals_of_kind
from taskrole.policy.documents.statements import Document, as_list, statements_of
from taskrole.policy.evaluation.action_counts import effective_actions
from taskrole.role import (
    DESCRIPTIVE_ATTRIBUTES,
    LIMITING_ATTRIBUTES,
    Role,
    RoleAttribute,
    TrustConditions,
    trust_policy,
)

# ECS pulls images with the execution role; an application does not pull images.
_PULL = "ecr:BatchGetImage"
_MOST_NAMED = 5  # elements in a warning
_STACK_TAG = "aws:cloudformation:stack-name"


@dataclass(frozen=True)
class Inherited:
    """What the roles of a stack inherit: the settings of `defaults`, and the tags of `defaults` and the stack."""

    settings: Mapping[str, Any] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Adoption:
    """A role as an entry of roles.yaml, with its keys in output order, and warnings."""

    name: str
    kind: RoleKind
    entry: Mapping[str, Any]
    warnings: tuple[str, ...]
    role: Role

    @property
    def imports(self) -> int:
        """Return the number of resources that Terraform imports."""
        return 1 + len(self.role.attachments) + len(self.role.policies)


def find_ecs_roles(iam: Service) -> list[str]:
    """Return the names of all roles that ECS tasks can assume, sorted. Raises ToolError."""
    with aws_errors("listing roles (iam:ListRoles)"):
        names = [
            role["RoleName"]
            for page in iam.pages("list_roles")
            for role in page["Roles"]
            if trusts_ecs(as_document(role["AssumeRolePolicyDocument"]))
            and not role["Path"].startswith(f"/{SERVICE_LINKED_PATH}")
        ]
    return sorted(names)


def trusts_ecs(trust: Document) -> bool:
    """Return whether a trust policy has a statement that allows ECS tasks to assume the role."""
    return any(statement.get("Effect") == "Allow" and _names_ecs(statement) for statement in statements_of(trust))


def _names_ecs(statement: Mapping[str, Any]) -> bool:
    return ECS_TASKS_PRINCIPAL in principals_of_kind(statement, "Service")


def adopt(role: Role, context: Context, inherited: Inherited, kind: RoleKind | None = None) -> Adoption:
    """Return the entry of a live role, read verbatim, for a stack in a context.

    `kind` is inferred from the role's permissions, unless given. Raises InputError for a role that ECS cannot assume.
    """
    if not trusts_ecs(role.trust):
        raise InputError([Problem(Place(f"role {role.title}"), _untrusted(role.trust))])
    role_kind = kind or infer_kind(role)
    trust = _trust_word(role.trust, context)
    warnings = [
        *_system_tags(role.tags),
        *([] if trust else ["its trust policy is not one that taskrole writes; it is kept verbatim in trust_policy"]),
        *_unusual(role),
    ]
    if kind is None:
        warnings.append(f"is adopted as a role of kind {role_kind}; if that is wrong, set --kind")
    return Adoption(role.title, role_kind, _entry(role, role_kind, trust, inherited), tuple(warnings), role)


def infer_kind(role: Role) -> RoleKind:
    """Return the likely kind of a role: an execution role can pull images, but is not an administrator."""
    attached = [known.document for arn in role.attachments if (known := managed_policy(arn))]
    actions = effective_actions([*attached, *(policy.document for policy in role.policies)]).actions
    return "execution" if _PULL in actions and "iam:CreateUser" not in actions else "task"


def _entry(role: Role, kind: RoleKind, trust: Any, inherited: Inherited) -> dict[str, Any]:
    shared = inherited.settings
    tags = {key: value for key, value in role.tags.items() if not key.startswith("aws:")}
    own_tags = {key: value for key, value in tags.items() if inherited.tags.get(key) != value}
    attached = [_policy_name(arn) for arn in role.attachments]
    entry: dict[str, Any] = {"kind": kind, "adopt": True}
    entry |= _attributes(DESCRIPTIVE_ATTRIBUTES, role, shared)
    if own_tags:
        entry["tags"] = dict(sorted(own_tags.items()))
    entry |= _attributes(LIMITING_ATTRIBUTES, role, shared)
    if shared.get("exclusive"):
        entry["exclusive"] = False
    entry |= {"trust": trust} if trust else {"trust_policy": role.trust}
    if attached:
        entry["managed_policies"] = attached
    if role.policies:
        entry["inline_policies"] = {policy.name: policy.document for policy in role.policies}
    return entry


def _attributes(attributes: Sequence[RoleAttribute], role: Role, shared: Mapping[str, Any]) -> dict[str, Any]:
    """Return the attributes that the role does not inherit; roles.yaml cannot unset an inherited one."""
    values = {attribute.name: getattr(role, attribute.name) for attribute in attributes if attribute.members}
    inherited = {attribute.name: shared.get(attribute.name, attribute.default) for attribute in attributes}
    return {name: value for name, value in values.items() if value is not None and value != inherited[name]}


def _trust_word(trust: Document, context: Context) -> TrustConditions | dict[str, Any] | None:
    """Return the value of `trust` that results in this trust policy, or None."""
    statements = statements_of(trust)
    others = [statement for statement in statements if not _names_ecs(statement)]
    principals = _other_principals(others)
    if principals is None:
        return None
    for word in get_args(TrustConditions):
        if word != "off" and context.account is None:
            continue
        if without_sids(trust_policy(word, context, principals)) == without_sids(trust):
            if not principals:
                return cast("TrustConditions", word)
            named = {kind.lower(): values for kind, values in principals.items()}
            return {"conditions": word, "principals": named}
    return None


def _other_principals(statements: list[Mapping[str, Any]]) -> dict[str, list[str]] | None:
    """Return the principals of the only statement in addition to that of ECS, or None if there is anything else."""
    if not statements:
        return {}
    principal = statements[0].get("Principal")
    if len(statements) > 1 or not isinstance(principal, Mapping) or set(principal) - {"AWS", "Service"}:
        return None
    named = {kind: [str(item) for item in as_list(values)] for kind, values in principal.items()}
    checks = {"AWS": check_principal_arn, "Service": check_service_principal}
    return (
        None if any(_is_rejected(checks[kind], value) for kind, values in named.items() for value in values) else named
    )


def _is_rejected(check: Callable[[str], str | None], value: str) -> bool:
    try:
        return check(value) is not None
    except ValueError:
        return True


def _policy_name(arn: str) -> str:
    """Return a managed policy as in roles.yaml: the name and path of a known AWS managed policy, or the ARN."""
    name = arn.partition(":iam::aws:policy/")[2]
    return name if name in managed_policy_names() else arn


def _untrusted(trust: Document) -> str:
    services = sorted(
        {str(principal) for statement in statements_of(trust) for principal in principals_of_kind(statement, "Service")}
    )
    named = f"it trusts {shortened(', '.join(services), 300)}" if services else "it trusts no service"
    return (
        f"{ECS_TASKS_PRINCIPAL} cannot assume it, {named}; it is not a role of ECS tasks; leave it out, or fix its "
        "trust policy first"
    )


def _system_tags(tags: Mapping[str, str]) -> Iterator[str]:
    if _STACK_TAG in tags:
        yield (
            f"belongs to CloudFormation stack {quote(tags[_STACK_TAG])}, which still manages it; retain it there"
            " (DeletionPolicy: Retain) and remove it from the stack before Terraform manages it"
        )
    others = sorted(key for key in tags if key.startswith("aws:") and not key.startswith("aws:cloudformation:"))
    if others:
        yield f"has tags that are reserved for AWS and that Terraform ignores: {', '.join(others)}"


def _unusual(role: Role) -> Iterator[str]:
    """Yield a warning for each statement of inline policies that `statements` would reject."""
    from pydantic import ValidationError

    for policy in role.policies:
        for number, statement in enumerate(statements_of(policy.document), 1):
            try:
                StatementSettings.model_validate(statement)
            except ValidationError as error:  # noqa: PERF203 -- every statement is checked
                elements = sorted({".".join(str(step) for step in problem["loc"][:2]) for problem in error.errors()})
                named = [element[:LONGEST_QUOTE] for element in elements[:_MOST_NAMED]]
                more = ", …" if len(elements) > _MOST_NAMED else ""
                yield (
                    f"statement {number} of inline policy {policy.name} has elements that taskrole does not know "
                    f"({', '.join(named)}{more}); it is kept verbatim"
                )


def check_place(role: Role, context: Context, stack: str) -> Problem | None:
    """Return a problem if a role is not in the account and partition of a stack, or None."""
    _, partition, _, _, account, _ = role.iam_arn.split(":", 5)
    place = Place(f"role {role.title}")
    if partition != context.partition:
        known = partitions()[partition].id if partition in partitions() else partition
        return Problem(
            place, f"is in partition {known}, but stack {stack} is in {context.partition}; use another stack"
        )
    if context.account is not None and account != context.account:
        message = f"is in account {account}, but stack {stack} is in {context.account}; use another stack with --stack"
        return Problem(place, message)
    return None
