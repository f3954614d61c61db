"""A role as a plan leaves it: what `terraform show -json` says it will be after the apply."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from taskrole.arns import Context, role_arn
from taskrole.check.subject import Subject
from taskrole.errors import InputError, Place, Problem, shown
from taskrole.plan.configuration import Configuration
from taskrole.plan.reader import read_plan
from taskrole.plan.role_policies import Attached
from taskrole.plan.roles import PlannedRole, RoleSide, planned_roles
from taskrole.policy.documents.statements import Document
from taskrole.role import Policy


def planned_subject(source: str, context: Context, documents: Mapping[str, Document]) -> Subject:
    """Return the role of `FILE#ADDRESS`, or the only one of `FILE`, as it is after the apply.

    `documents` are those of policies by ARN that the plan only names. Raises InputError.
    """
    file, _, address = source.partition("#")
    try:
        with Path(file).open("rb") as stream:
            plan = read_plan(stream, file)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "the path holds a null character"
        raise InputError([Problem(Place(file), f"cannot be read: {reason}")]) from None
    roles = planned_roles(plan, Configuration(plan))
    role = _chosen(roles, file, address)
    if role.after is None:
        raise InputError(
            [Problem(Place(file, path=role.address), "is destroyed by the plan: no role is left to check")]
        )
    return _subject(role, role.after, context, documents)


def _chosen(roles: tuple[PlannedRole, ...], file: str, address: str) -> PlannedRole:
    if not address and len(roles) == 1:
        return roles[0]
    found = next((role for role in roles if role.address == address), None)
    if found:
        return found
    addresses = [role.address for role in roles]
    named = f"holds no role {shown(address)}" if address else "holds several roles; name one, plan:FILE#ADDRESS"
    if not roles:
        raise InputError([Problem(Place(file), "holds no roles")])
    near = difflib.get_close_matches(address, addresses, n=1) or addresses[:5]
    more = ", …" if not address and len(addresses) > len(near) else ""
    raise InputError([Problem(Place(file), f"{named}; there is {', '.join(near)}{more}")])


def _subject(role: PlannedRole, side: RoleSide, context: Context, documents: Mapping[str, Document]) -> Subject:
    policies = [_known(policy, documents) for policy in side.policies]
    boundary = _known(side.boundary, documents) if side.boundary else None
    return Subject(
        role.address,
        tuple(
            Policy(policy.name, "inline" if policy.kind == "inline" else "managed", policy.document)
            for policy in policies
            if policy.document is not None
        ),
        tuple(_unknown(policy) for policy in policies if policy.document is None or policy.problem),
        boundary.document if boundary else None,
        _unknown(boundary) if boundary and boundary.document is None else "",
        side.trust,
        side.trust_problem,
        role_arn(context, side.name) if side.name else None,
    )


def _known(policy: Attached, documents: Mapping[str, Document]) -> Attached:
    """Return a policy with the document that was given for it."""
    given = documents.get(policy.key)
    return policy if given is None else replace(policy, document=given, problem="")


def _unknown(policy: Attached) -> str:
    way_out = f"; give its document, too: {policy.key}=FILE" if policy.key.startswith("arn:") else ""
    return f"policy {policy.name} is not known: {policy.problem}{way_out}"
