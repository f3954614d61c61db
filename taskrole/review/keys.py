"""The keys of approvals: hashes of the role, the change and, for an unknown value, its known parts.

No key depends on what a report displays. A role is identified by its account or its provider configuration, and by its
name, or its address if the name is not known or sensitive.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from taskrole.arns import Context
from taskrole.plan.identity import account_of_role
from taskrole.plan.known_parts import KnownParts
from taskrole.plan.model import Unresolved
from taskrole.plan.roles import PlannedRole
from taskrole.review.report import PolicyReview
from taskrole.review.rows import row_key


def role_identity(role: PlannedRole, known: KnownParts, place: Context | None = None) -> tuple[str, str]:
    """Return the identity of a role: its account, or the key of its provider configuration, and its name.

    `place` is the context of the plan, if it is known; its account applies if there is only one provider
    configuration.
    """
    return _scope(role, known, place), _name(role)


def unresolved_with_keys(
    unresolved: Iterable[Unresolved], known: KnownParts, identity: tuple[str, ...] = ()
) -> tuple[Unresolved, ...]:
    """Return unknown values with keys made of the role, the attribute, the reason, and the known parts of the value.

    The existing key of a value distinguishes it from others with the same attribute and reason.
    """
    return tuple(
        replace(
            item,
            key=row_key(
                [
                    *identity,
                    "unresolved",
                    item.address,
                    item.attribute,
                    item.because,
                    item.key,
                    known.digest(item.address, item.attribute),
                ]
            ),
        )
        for item in unresolved
    )


def policies_with_keys(policies: Iterable[PolicyReview], known: KnownParts) -> tuple[PolicyReview, ...]:
    """Return policies with keys that cover the known parts of an unknown document; their rows have the same keys."""
    return tuple(_policy_with_key(policy, known) for policy in policies)


def _policy_with_key(policy: PolicyReview, known: KnownParts) -> PolicyReview:
    key = policy.key
    if policy.verdict == "unresolved":
        key = row_key([key, known.digest(policy.address, "policy")])
    added, removed = (tuple(replace(row, key=key) for row in rows) for rows in (policy.added, policy.removed))
    return replace(policy, key=key, added=added, removed=removed)


def _scope(role: PlannedRole, known: KnownParts, place: Context | None) -> str:
    account = account_of_role(role.change)
    if account:
        return account
    if place and place.account and not known.has_several_providers:
        return place.account
    return ",".join(known.provider_keys(role.change)) if role.change else ""


def _name(role: PlannedRole) -> str:
    change = role.change
    if change is None or change.is_hidden("name") or change.is_hidden("name_prefix"):
        return role.address
    for side in (role.after, role.before):
        if side is not None and side.name:
            return side.name
    return role.address
