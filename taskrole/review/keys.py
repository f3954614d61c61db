"""The keys that approvals name: of whom, of what, and of what is known where something is unknown.

No key depends on what a report displays: a role is known by its account, or the provider configuration that makes it,
and by its name, or its address where the name is not known or is sensitive.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from taskrole.arns import Context
from taskrole.plan.identity import account_of_role
from taskrole.plan.known_parts import KnownParts
from taskrole.plan.model import Unresolved
from taskrole.plan.roles import PlannedRole
from taskrole.review.report import PolicyReview, RoleReview
from taskrole.review.rows import keyed, row_key


def role_identity(role: PlannedRole, known: KnownParts, place: Context | None = None) -> tuple[str, str]:
    """Return what a role is known by: the account it is in, or the key of its provider configuration; and its name.

    `place` is where the resources of the plan live, if that is known; its account is the role's where there are no
    several provider configurations.
    """
    return _scope(role, known, place), _name(role)


def with_keys(review: RoleReview, identity: tuple[str, str]) -> RoleReview:
    """Return the review of a role with the keys of a role of this identity."""
    trust = review.trust
    return replace(
        review,
        added=keyed(review.added, identity, "+"),
        removed=keyed(review.removed, identity, "-"),
        trust=replace(trust, key=row_key([*identity, "trust", trust.key])) if trust.key else trust,
    )


def unresolved_with_keys(
    unresolved: Iterable[Unresolved], known: KnownParts, identity: tuple[str, ...] = ()
) -> tuple[Unresolved, ...]:
    """Return unknown values with their keys: of the role, the place, the reason, and all that is known of the value.

    The key that a value has so far tells apart what the same place and reason do not.
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
    """Return policies with keys that also cover what is known of an unknown text; their rows have the same keys."""
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
