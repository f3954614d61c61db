"""A role before or after a plan in the format of `terraform show -json`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from taskrole.arns import Context, role_arn
from taskrole.errors import InputError, Place, Problem, quote
from taskrole.nearest import nearest
from taskrole.plan.configuration import Configuration
from taskrole.plan.known_document import KnownDocument
from taskrole.plan.reader import read_plan
from taskrole.plan.role_policies import Attached
from taskrole.plan.roles import PlannedRole, RoleState, planned_roles
from taskrole.policy.documents.policy import Policy
from taskrole.policy.documents.statements import Document
from taskrole.policy.effective_role import EffectiveRole
from taskrole.reading import open_named


def planned_role(source: str, context: Context, documents: Mapping[str, Document]) -> EffectiveRole:
    """Return the role of `FILE#ADDRESS`, or the only role of `FILE`, after the apply.

    `documents` are those of policies that the plan only names, by ARN. Raises InputError.
    """
    file, _, address = source.partition("#")
    with open_named(file) as stream:
        plan = read_plan(stream, file)
    roles = planned_roles(plan, Configuration(plan))
    role = _chosen(roles, file, address)
    if role.after is None:
        raise InputError([Problem(Place(file, path=role.address), "is destroyed by the plan")])
    return role_of_state(role, role.after, context, documents=documents)


def _chosen(roles: tuple[PlannedRole, ...], file: str, address: str) -> PlannedRole:
    if not address and len(roles) == 1:
        return roles[0]
    planned = next((role for role in roles if role.address == address), None)
    if planned:
        return planned
    addresses = [role.address for role in roles]
    named = f"holds no role {quote(address)}" if address else "holds several roles; name one, plan:FILE#ADDRESS"
    if not roles:
        raise InputError([Problem(Place(file), "holds no roles")])
    near = nearest(address, addresses) or addresses[:5]
    more = ", …" if not address and len(addresses) > len(near) else ""
    raise InputError([Problem(Place(file), f"{named}; there is {', '.join(near)}{more}")])


def role_of_state(
    role: PlannedRole,
    side: RoleState,
    context: Context | None,
    *,
    documents: Mapping[str, Document] | None = None,
    substitute: Callable[[Document], Document] = lambda document: document,
) -> EffectiveRole:
    """Return a role before or after a plan, with every document through `substitute`.

    `documents` are those of policies that the plan only names, by ARN; None if they cannot be given. Of a role that the
    plan does not manage, only the policies that the plan attaches are known. Without a context, its ARN is unknown.
    """
    policies = [_known(policy, documents or {}) for policy in side.policies]
    boundary = _known(side.boundary, documents or {}) if side.boundary else None
    can_be_given = documents is not None
    unknown = [problem for policy in policies if (problem := _problem(policy, can_be_given=can_be_given))]
    boundary_problem = _problem(boundary, can_be_given=can_be_given) if boundary else ""
    if role.change is None:
        unknown.append(f"what else role {role.name} has is not known: it is not in this plan")
        boundary_problem = f"role {role.name} is not in this plan, and may have a permissions boundary"
    return EffectiveRole(
        role.address,
        tuple(
            Policy(policy.name, "inline" if policy.kind == "inline" else "managed", substitute(policy.document))
            for policy in policies
            if policy.document is not None
        ),
        tuple(unknown),
        substitute(boundary.document) if boundary and boundary.document is not None else None,
        boundary_problem,
        side.trust,
        side.trust_problem,
        _arn(role, side, context) if context else None,
        is_hidden=any(policy.is_hidden for policy in (*policies, *([boundary] if boundary else []))),
    )


def _known(policy: Attached, documents: Mapping[str, Document]) -> Attached:
    """Return a policy with its given document."""
    given = documents.get(policy.key)
    return policy if given is None else replace(policy, content=KnownDocument(given), doubt="")


def _problem(policy: Attached, *, can_be_given: bool) -> str:
    """Return a clause on an incompletely known policy: the reason, and the fix; empty for a complete one."""
    if policy.document is not None and not policy.problem:
        return ""
    is_named = policy.key.startswith("arn:") and not policy.is_secret
    fix = f"; give its document, too: {policy.key}=FILE" if can_be_given and is_named else ""
    return f"policy {policy.name} is not known: {policy.problem}{fix}"


def _arn(role: PlannedRole, side: RoleState, context: Context) -> str | None:
    """Return the ARN of a role before or after, with its path, or None if its name is unknown."""
    change = role.change
    values = (change.after if side is role.after else change.before) if change else None
    path = (values or {}).get("path")
    prefix = path.lstrip("/") if isinstance(path, str) else ""
    return role_arn(context, f"{prefix}{side.name}") if side.name else None
