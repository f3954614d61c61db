"""Checks for drift: trust policies, boundaries and policies that were changed outside Terraform.

Drift happened since the last apply, so its findings count as touched even if the plan does not change the resource,
as in a refresh-only plan. Resources are matched by address. A role name identifies a role only if no other role of
the plan has it, since a plan can cover several accounts.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from taskrole.finding import Finding
from taskrole.plan.identity import account_of_role
from taskrole.plan.known_document import known_document
from taskrole.plan.links import ONLY_ATTACHED, ONLY_INLINE
from taskrole.plan.model import MASK, ROLE, Change
from taskrole.plan.role_policies import ATTACHMENT, INLINE, MANY_ATTACHMENTS, POLICY, value_of
from taskrole.policy.comparison.compare import compare
from taskrole.policy.comparison.trust import compare_trust
from taskrole.policy.comparison.trust_changes import principal_changes
from taskrole.policy.documents.statements import Document
from taskrole.review.denials import NOTHING_DENIED, Denied, denied_by, lost_denials
from taskrole.review.drift import PROFILE, named_policies, policy_label
from taskrole.review.rules.drift_lookups import Drifted
from taskrole.review.rules.drift_rules import (
    ATTACHED_OUTSIDE,
    DENY,
    DRIFTED_BOUNDARY,
    DRIFTED_DOCUMENT,
    DRIFTED_TRUST,
    PROFILE_ROLE,
)
from taskrole.review.rules.rule import ReviewedPlan


def check_drift(reviewed: ReviewedPlan) -> Iterator[Finding]:
    """Yield findings about drift, ignoring tags, counts and lists that a refresh fills in."""
    drifted = Drifted(reviewed)
    for change in reviewed.plan.drift:
        if change.is_data:
            continue
        if change.type == ROLE and change.after is not None:
            yield from _trust(drifted, change)
            yield from _boundary(drifted, change)
            yield from _policies_of_role(drifted, change)
        elif change.type in (POLICY, INLINE):
            yield from _document(drifted, change)
        elif change.type in (ATTACHMENT, MANY_ATTACHMENTS):
            yield from _attachment(drifted, change)
        elif change.type in (ONLY_INLINE, ONLY_ATTACHED):
            yield from _listed(drifted, change)
        elif change.type == PROFILE and change.after is not None:
            yield from _profile(drifted, change)


def _trust(drifted: Drifted, change: Change) -> Iterator[Finding]:
    old, new = (known_document(value_of(change, side, "assume_role_policy")).document for side in ("before", "after"))
    trust = compare_trust(old, new, account_of_role(change))
    if trust.verdict in ("no-change", "neutral") or new is None:
        return
    if change.is_hidden("assume_role_policy"):
        yield DRIFTED_TRUST.finding(change.address, f"{DRIFTED_TRUST.title}; its text is sensitive and masked")
        return
    opened = [principal.sentence for principal in principal_changes(old, new, trust) if principal.broadens]
    unclear = "the effect is not known" if trust.unresolved else "fewer principals can assume it"
    end = drifted.end(change, "assume_role_policy")
    message = f"the trust policy was changed outside of Terraform: {'; '.join(opened) or unclear}; {end}"
    yield DRIFTED_TRUST.finding(change.address, message)


def _boundary(drifted: Drifted, change: Change) -> Iterator[Finding]:
    old, new = (value_of(change, side, "permissions_boundary") or None for side in ("before", "after"))
    if old is None or old == new:
        return
    documents = [drifted.document(arn) for arn in (old, new)]
    if new is not None and None not in documents and _narrows(documents[0], documents[1]):
        return
    end = drifted.end(change, "permissions_boundary")
    name = drifted.name(change.address, change)
    labels = [MASK if change.is_hidden("permissions_boundary") else arn for arn in (old, new)]
    lost = f"role {name} lost its permissions boundary {labels[0]} outside of Terraform"
    other = f"role {name} was given the permissions boundary {labels[1]} in place of {labels[0]} outside of Terraform"
    yield DRIFTED_BOUNDARY.finding(change.address, f"{lost if new is None else other}; {end}")


def _narrows(old: Document | None, new: Document | None) -> bool:
    return compare([], [], old, new).verdict in ("narrows", "neutral", "no-change")


def _policies_of_role(drifted: Drifted, change: Change) -> Iterator[Finding]:
    """Yield findings from a role's own attributes, for policies that no resource of the plan attaches."""
    role = drifted.role(change.address)
    given = role.given_by_resources if role else frozenset()
    kept = {policy.key for policy in role.after.policies} if role and role.after else set()
    name = drifted.name(change.address, change)
    old, new = named_policies(change.before), named_policies(change.after)
    for key in sorted((old.keys() | new.keys()) - given):
        label = policy_label(change, key)
        if key not in old:
            end = "the plan leaves it there" if key in kept else "the plan removes it"
            yield ATTACHED_OUTSIDE.finding(change.address, f"policy {label} was attached to role {name} by hand; {end}")
            continue
        if key not in new and drifted.is_reported(change, key):
            continue
        if key in new and new[key] == old[key]:
            continue
        text = old[key] or drifted.document(key)
        end = "the plan restores it" if key not in new and key in kept else "the plan leaves it as it is"
        verb = "was edited on" if key in new else "was removed from"
        about = f"policy {label} {verb} role {name} outside of Terraform; {end}"
        yield from _lost(change.address, lost_denials(text, new.get(key)), about, _is_hidden(change, key))


def _is_hidden(change: Change, key: str) -> bool:
    return change.is_hidden("inline_policy" if key.startswith("inline:") else "managed_policy_arns")


def _document(drifted: Drifted, change: Change) -> Iterator[Finding]:
    old, new = (known_document(value_of(change, side, "policy")).document for side in ("before", "after"))
    if change.after is None:
        about, end = f"{change.address} was deleted outside of Terraform", drifted.end(change, "policy")
        denied = NOTHING_DENIED if drifted.is_gone(value_of(change, "before", "role")) else denied_by(old)
        if denied:
            yield from _lost(change.address, denied, f"{about}; {end}", change.is_hidden("policy"))
        else:
            yield DRIFTED_DOCUMENT.finding(change.address, about)
    elif value_of(change, "before", "policy") != value_of(change, "after", "policy"):
        yield from _edited(drifted, change, old, new)


def _edited(drifted: Drifted, change: Change, old: Document | None, new: Document | None) -> Iterator[Finding]:
    about, end = f"{change.address} was edited outside of Terraform", drifted.end(change, "policy")
    if old is None or new is None:
        yield DRIFTED_DOCUMENT.finding(change.address, f"{about}: its text cannot be parsed; {end}")
    difference = compare([old] if old else [], [new] if new else [])
    if difference.verdict in ("no-change", "neutral"):
        return
    denied = lost_denials(old, new) if old else NOTHING_DENIED
    if drifted.is_boundary(change) and difference.verdict != "narrows":
        yield DRIFTED_BOUNDARY.finding(change.address, f"{about}, and is a permissions boundary; {end}")
        return
    yield from _lost(change.address, denied, f"{about}; {end}", change.is_hidden("policy"))
    if old and new and (not denied or any(row.effect == "Allow" for row in difference.added)):
        yield DRIFTED_DOCUMENT.finding(change.address, f"{about}: it {difference.verdict}")


def _attachment(drifted: Drifted, change: Change) -> Iterator[Finding]:
    """Yield findings about roles that a policy was detached from, or attached to by a resource with several roles."""
    is_many = change.type == MANY_ATTACHMENTS
    attribute = "roles" if is_many else "role"
    old, new = (_names(value_of(change, side, attribute)) for side in ("before", "after"))
    arn = value_of(change, "before", "policy_arn")
    policy = MASK if change.is_hidden("policy_arn") else str(arn)
    denied = denied_by(drifted.document(arn)) if isinstance(arn, str) else denied_by(None)
    end = drifted.end(change, attribute)
    for name in old:
        if name not in new and not drifted.is_gone(name):
            label = MASK if change.is_hidden(attribute) else name
            about = f"policy {policy} was detached from role {label} outside of Terraform; {end}"
            if denied:
                yield from _lost(change.address, denied, about, change.is_hidden("policy_arn"))
            else:
                yield DRIFTED_DOCUMENT.finding(change.address, about)
    for name in new if is_many and change.before is not None else ():
        if name not in old:
            label = MASK if change.is_hidden(attribute) else name
            message = f"policy {policy} was attached to role {label} by hand; {end}"
            yield ATTACHED_OUTSIDE.finding(change.address, message)


def _listed(drifted: Drifted, change: Change) -> Iterator[Finding]:
    """Yield findings from an exclusive resource whose role did not drift itself."""
    if drifted.reports(value_of(change, "before", "role_name")) or change.after is None:
        return
    attribute = "policy_names" if change.type == ONLY_INLINE else "policy_arns"
    old, new = (_names(value_of(change, side, attribute)) for side in ("before", "after"))
    end, is_hidden = drifted.end(change, attribute), change.is_hidden(attribute)
    for policy in sorted({*old} ^ {*new}):
        label = MASK if is_hidden else policy
        if policy in new:
            yield ATTACHED_OUTSIDE.finding(change.address, f"policy {label} was attached to the role by hand; {end}")
        elif not drifted.is_reported(change, policy if attribute == "policy_arns" else f"inline:{policy}"):
            about = f"policy {label} was removed from the role outside of Terraform; {end}"
            document = drifted.document(policy) if attribute == "policy_arns" else None
            yield from _lost(change.address, denied_by(document), about, is_hidden)


def _profile(drifted: Drifted, change: Change) -> Iterator[Finding]:
    old, new = (value_of(change, side, "role") or None for side in ("before", "after"))
    if new is not None and old != new:
        labels = [MASK if change.is_hidden("role") else name for name in (old or "none", new)]
        message = f"the role of {change.address} was {labels[0]}, is {labels[1]}; {drifted.end(change, 'role')}"
        yield PROFILE_ROLE.finding(change.address, message)


def _lost(address: str, denied: Denied, about: str, is_hidden: bool) -> Iterator[Finding]:
    """Yield findings about the Deny statements that a policy had, or may have had if its document is unknown."""
    if denied.is_known and not denied:
        return
    if not denied.is_known:
        yield DRIFTED_DOCUMENT.finding(address, f"{about}; whether it had Deny statements is not known")
    elif is_hidden:
        yield DENY.finding(address, f"{about}; it had Deny statements; its text is sensitive and masked")
    else:
        message = f"{about}; {denied.sentence}"
        yield DENY.finding(address, message, actions=denied.actions, resources=denied.resources)


def _names(value: object) -> Sequence[str]:
    values = value if isinstance(value, list) else [value]
    return [name for name in values if isinstance(name, str) and name]
