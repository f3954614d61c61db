"""Adopt: a role that exists in an account, said in roles.yaml, so that Terraform takes it over without a change.

What taskrole has a word for is said in that word; a trust policy that it would not write itself, and every inline
policy, stand word for word. Nothing is left out: what cannot be taken over is a warning, or a problem.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, cast, get_args

from taskrole.arns import ECS_TASKS_PRINCIPAL, Context
from taskrole.config.grammar import check_principal_arn, check_service_principal
from taskrole.config.model import StatementSettings
from taskrole.errors import LONGEST_QUOTE, InputError, Place, Problem, quote
from taskrole.grant import RoleKind
from taskrole.live.client import aws_errors
from taskrole.live.roles import LiveRole, as_document
from taskrole.live.service import Service
from taskrole.live.verify import meaning
from taskrole.partitions import partitions
from taskrole.policy.catalogue.managed import SERVICE_LINKED_PATH, managed_policy, managed_policy_names
from taskrole.policy.documents.statements import Document, as_list, statements_of
from taskrole.policy.evaluation.effective import effective_actions
from taskrole.role import DEFAULT_SESSION, Role, TrustConditions, trust_policy

# Whoever may make this call pulls images, which ECS does with the execution role and an application does not.
_PULL = "ecr:BatchGetImage"
_MOST_NAMED = 5  # elements in one warning
_STACK_TAG = "aws:cloudformation:stack-name"


@dataclass(frozen=True)
class Inherited:
    """What a role of a stack has without saying so: the settings of `defaults`, the tags of these and the stack."""

    settings: Mapping[str, Any] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Adoption:
    """A role as an entry of roles.yaml, key by key in the order to be written, and what a person should know."""

    name: str
    kind: RoleKind
    entry: Mapping[str, Any]
    warnings: tuple[str, ...]
    live: LiveRole

    @property
    def imports(self) -> int:
        """How many resources Terraform imports."""
        return 1 + len(self.live.role.attachments) + len(self.live.role.policies)


def find_ecs_roles(iam: Service) -> list[str]:
    """Return the names of all roles that ECS may assume for tasks, sorted. Raises ToolError."""
    with aws_errors("listing roles (iam:ListRoles)"):
        found = [
            role["RoleName"]
            for page in iam.pages("list_roles")
            for role in page["Roles"]
            if trusts_ecs(as_document(role["AssumeRolePolicyDocument"]))
            and not role["Path"].startswith(f"/{SERVICE_LINKED_PATH}")
        ]
    return sorted(found)


def trusts_ecs(trust: Document) -> bool:
    """Tell whether a trust policy has a statement that lets ECS assume the role for tasks."""
    return any(
        one.get("Effect") == "Allow" and ECS_TASKS_PRINCIPAL in _principals(one, "Service")
        for one in statements_of(trust)
    )


def adopt(live: LiveRole, context: Context, inherited: Inherited, kind: RoleKind | None = None) -> Adoption:
    """Return the entry of a live role, read word for word, for a stack of a context.

    `kind` is guessed of what the role may do, unless given. Raises InputError for a role that ECS may not assume.
    """
    role = live.role
    if not trusts_ecs(role.trust):
        raise InputError([Problem(Place(f"role {role.title}"), _untrusted(role.trust))])
    found = kind or guess_kind(role)
    trust = _trust_word(role.trust, context)
    warnings = [
        *_system_tags(role.tags),
        *([] if trust else ["its trust policy is none that taskrole writes; it is kept word for word, trust_policy"]),
        *_unusual(role),
    ]
    if kind is None:
        warnings.append(f"is taken for the {found} role of tasks; if it is the other, adopt it with --kind")
    return Adoption(role.title, found, _entry(role, found, trust, inherited), tuple(warnings), live)


def guess_kind(role: Role) -> RoleKind:
    """Return the kind that a role seems to be of: an execution role may pull images, and not do just everything."""
    attached = [found.document for arn in role.attachments if (found := managed_policy(arn))]
    actions = effective_actions([*attached, *(policy.document for policy in role.policies)]).actions
    return "execution" if _PULL in actions and "iam:CreateUser" not in actions else "task"


def _entry(role: Role, kind: RoleKind, trust: Any, inherited: Inherited) -> dict[str, Any]:
    shared = inherited.settings
    tags = {key: value for key, value in role.tags.items() if not key.startswith("aws:")}
    own_tags = {key: value for key, value in tags.items() if inherited.tags.get(key) != value}
    attached = [_policy_name(arn) for arn in role.attachments]
    found: dict[str, Any] = {"kind": kind, "adopt": True}
    if role.path != shared.get("path", "/"):
        found["path"] = role.path
    if role.description:
        found["description"] = role.description
    if own_tags:
        found["tags"] = dict(sorted(own_tags.items()))
    if role.permissions_boundary and role.permissions_boundary != shared.get("permissions_boundary"):
        found["permissions_boundary"] = role.permissions_boundary
    if role.max_session_duration != shared.get("max_session_duration", DEFAULT_SESSION):
        found["max_session_duration"] = role.max_session_duration
    if shared.get("exclusive"):
        found["exclusive"] = False
    found |= {"trust": trust} if trust else {"trust_policy": role.trust}
    if attached:
        found["managed_policies"] = attached
    if role.policies:
        found["inline_policies"] = {policy.name: policy.document for policy in role.policies}
    return found


def _trust_word(trust: Document, context: Context) -> TrustConditions | dict[str, Any] | None:
    """Return what `trust` must say to give this trust policy, or None where it cannot."""
    statements = statements_of(trust)
    others = [statement for statement in statements if ECS_TASKS_PRINCIPAL not in _principals(statement, "Service")]
    principals = _other_principals(others)
    if principals is None:
        return None
    for word in get_args(TrustConditions):
        if word != "off" and context.account is None:
            continue
        if meaning(trust_policy(word, context, principals)) == meaning(trust):
            if not principals:
                return cast("TrustConditions", word)
            named = {kind.lower(): values for kind, values in principals.items()}
            return {"conditions": word, "principals": named}
    return None


def _other_principals(statements: list[Mapping[str, Any]]) -> dict[str, list[str]] | None:
    """Return the principals of the one plain statement beside that of ECS; None where there is something else."""
    if not statements:
        return {}
    principal = statements[0].get("Principal")
    if len(statements) > 1 or not isinstance(principal, Mapping) or set(principal) - {"AWS", "Service"}:
        return None
    found = {kind: [str(one) for one in as_list(values)] for kind, values in principal.items()}
    checks = {"AWS": check_principal_arn, "Service": check_service_principal}
    return (
        None if any(_is_refused(checks[kind], value) for kind, values in found.items() for value in values) else found
    )


def _is_refused(check: Callable[[str], str | None], value: str) -> bool:
    try:
        return check(value) is not None
    except ValueError:
        return True


def _principals(statement: Mapping[str, Any], kind: str) -> list[Any]:
    principal = statement.get("Principal")
    return as_list(principal.get(kind, [])) if isinstance(principal, Mapping) else []


def _policy_name(arn: str) -> str:
    """Return what roles.yaml calls a managed policy: AWS's by name and path, where the name is known."""
    name = arn.partition(":iam::aws:policy/")[2]
    return name if name in managed_policy_names() else arn


def _untrusted(trust: Document) -> str:
    services = sorted({str(principal) for found in statements_of(trust) for principal in _principals(found, "Service")})
    named = f"it trusts {', '.join(services)}" if services else "it trusts no service"
    return (
        f"{ECS_TASKS_PRINCIPAL} may not assume it, {named}; it is no role of ECS tasks; leave it out, or mend its "
        "trust policy first"
    )


def _system_tags(tags: Mapping[str, str]) -> Iterator[str]:
    if _STACK_TAG in tags:
        yield (
            f"belongs to CloudFormation stack {quote(tags[_STACK_TAG])}, which goes on managing it; retain it there"
            " (DeletionPolicy: Retain) and take it out before Terraform manages it"
        )
    others = sorted(key for key in tags if key.startswith("aws:") and not key.startswith("aws:cloudformation:"))
    if others:
        yield f"has tags that AWS keeps for itself and Terraform leaves alone: {', '.join(others)}"


def _unusual(role: Role) -> Iterator[str]:
    """Yield what in the inline policies has no place under `statements`, and is kept word for word only."""
    from pydantic import ValidationError

    for policy in role.policies:
        for number, statement in enumerate(statements_of(policy.document), 1):
            try:
                StatementSettings.model_validate(statement)
            except ValidationError as error:  # noqa: PERF203 -- the next one is looked at, too
                elements = sorted({".".join(str(step) for step in problem["loc"][:2]) for problem in error.errors()})
                named = [element[:LONGEST_QUOTE] for element in elements[:_MOST_NAMED]]
                more = ", …" if len(elements) > _MOST_NAMED else ""
                yield (
                    f"statement {number} of inline policy {policy.name} holds what taskrole does not know "
                    f"({', '.join(named)}{more}); it is kept word for word"
                )


def check_place(live: LiveRole, context: Context, stack: str) -> Problem | None:
    """Return what is wrong with a role's account or partition for a stack, or None."""
    _, partition, _, _, account, _ = live.arn.split(":", 5)
    place = Place(f"role {live.role.title}")
    if partition != context.partition:
        known = partitions()[partition].id if partition in partitions() else partition
        return Problem(place, f"is in partition {known}, and stack {stack} in {context.partition}; name another stack")
    if context.account is not None and account != context.account:
        message = f"is in account {account}, and stack {stack} in {context.account}; name another stack with --stack"
        return Problem(place, message)
    return None
