"""Drift of roles and policies: changes made outside Terraform, and what the plan does about them.

After each apply, a refresh reports values that it fills in itself: empty tags, the attachment count of a policy, the
policies of a role that resources of the plan attach. These are ignored; a trust policy never is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from taskrole.errors import printable, quote
from taskrole.plan.identity import account_of_role
from taskrole.plan.known_document import known_document
from taskrole.plan.links import ONLY_ATTACHED, ONLY_INLINE
from taskrole.plan.model import MASK, ROLE, Change, Plan
from taskrole.plan.role_policies import ATTACHMENT, INLINE, MANY_ATTACHMENTS, POLICY, value_of
from taskrole.plan.roles import PlannedRole
from taskrole.policy.comparison.compare import compare
from taskrole.policy.comparison.trust import compare_trust
from taskrole.policy.comparison.trust_changes import principal_changes
from taskrole.policy.documents.statements import Document
from taskrole.review.denials import denied_by, document_of_arn, policy_documents
from taskrole.review.report import Drift, DriftChange, Outcome
from taskrole.review.rows import access_rows, grant_text

PROFILE = "aws_iam_instance_profile"

_TRUST = "assume_role_policy"
_BOUNDARY = "permissions_boundary"
# Reported by functions of their own.
_REPORTED = frozenset({_TRUST, _BOUNDARY, "inline_policy", "managed_policy_arns", "policy"})
# Filled in by a refresh: the attachment count of a policy, and values that `tags` already has.
_NOISE = frozenset({"attachment_count", "tags_all"})
_LISTS = {ONLY_INLINE: "policy_names", ONLY_ATTACHED: "policy_arns"}
_NAMES = {
    ATTACHMENT: "policy_arn",
    MANY_ATTACHMENTS: "policy_arn",
    INLINE: "name",
    POLICY: "name",
    PROFILE: "name",
    ROLE: "name",
}


def drifts(plan: Plan, roles: Mapping[str, PlannedRole]) -> tuple[Drift, ...]:
    """Return what was changed outside Terraform, sorted by address; `roles` are the roles of the plan by address."""
    planned = {change.address: change for change in plan.changes}
    names = Counter(str(value_of(role.change, "before", "name")) for role in roles.values() if role.change)
    drifted = [value_of(change, "after", "name") for change in plan.drift if change.type == ROLE]
    # A name shared by two roles, which are in different accounts, does not identify either role.
    reported = [name for name in drifted if isinstance(name, str) and names[name] <= 1]
    changes: dict[str, list[DriftChange]] = {}
    texts = policy_documents(plan) if plan.drift else {}
    for change in plan.drift:
        if change.type in _LISTS and value_of(change, "before", "role_name") not in reported:
            changes.setdefault(change.address, []).extend(_listed(change, planned.get(change.address), texts))
        elif change.type in _NAMES and not change.is_data:
            changes.setdefault(change.address, []).extend(_changes(change, planned.get(change.address), roles, texts))
    return tuple(Drift(address, tuple(changes[address])) for address in sorted(changes) if changes[address])


def _listed(drifted: Change, planned: Change | None, texts: Mapping[str, Document]) -> Iterator[DriftChange]:
    """Yield the drift of an exclusive resource whose role did not drift itself."""
    key = _LISTS[drifted.type]
    old, new, becomes = (
        set(map(str, values)) if isinstance(values, list) else set()
        for values in (*_both(drifted, key), value_of(planned, "after", key) if planned else None)
    )
    for name in sorted(old ^ new):
        label = MASK if drifted.is_hidden(key) else name
        outcome: Outcome = "kept" if planned is None or (name in becomes) == (name in new) else "undone"
        if name in new:
            yield _change("+", f"policy {label} was attached to it", outcome, broadens=True)
        else:
            yield _change("-", f"policy {label} was removed from it", outcome, broadens=_denies(name, None, texts))


def _changes(
    drifted: Change, planned: Change | None, roles: Mapping[str, PlannedRole], texts: Mapping[str, Document]
) -> Iterator[DriftChange]:
    if drifted.after is None:
        named = _NAMES[drifted.type]
        name = value_of(drifted, "before", named) if not drifted.is_hidden(named) else MASK
        document = known_document(value_of(drifted, "before", "policy")).document
        broadens = drifted.type != ROLE and _denies(value_of(drifted, "before", "policy_arn"), document, texts)
        outcome = outcome_of(drifted, planned, named)
        yield _change("-", f"{name or drifted.address} was deleted", outcome, broadens=broadens)
        return
    yield from _trust(drifted, planned)
    yield from _boundary(drifted, planned)
    yield from _document(drifted, planned)
    if drifted.address in roles:
        yield from _policies(drifted, roles[drifted.address], texts)
    for key in sorted((drifted.before or {}).keys() | drifted.after.keys()):
        if key not in _REPORTED | _NOISE and _is_other(*_both(drifted, key)):
            yield _change("±", _other(drifted, key), outcome_of(drifted, planned, key))


def _other(drifted: Change, key: str) -> str:
    old, new = _both(drifted, key)
    if drifted.is_hidden(key):
        return f"{key}: {MASK}"
    if isinstance(old, (dict, list)) or isinstance(new, (dict, list)):
        return f"{key} has changed"
    was, is_ = ("not set" if value is None else quote(value) for value in (old, new))
    return f"{key} was {was}, is {is_}"


def _trust(drifted: Change, planned: Change | None) -> Iterator[DriftChange]:
    texts = _both(drifted, _TRUST)
    old, new = (known_document(text).document for text in texts)
    if texts[0] == texts[1] or (old is not None and old == new):
        return
    outcome = outcome_of(drifted, planned, _TRUST)
    if drifted.is_hidden(_TRUST):
        yield _change("±", f"who can assume it: {MASK}", outcome, broadens=True)
        return
    if new is None:
        yield _change("±", "its trust policy cannot be parsed", outcome, broadens=True)
        return
    difference = compare_trust(old, new, account_of_role(drifted))
    for change in principal_changes(old, new, difference):
        yield _change(change.sign, change.sentence, outcome, broadens=change.broadens)
    if not difference.added and not difference.removed:
        yield _change("±", "its trust policy is written differently, to the same effect", outcome)


def _boundary(drifted: Change, planned: Change | None) -> Iterator[DriftChange]:
    old, new = _both(drifted, _BOUNDARY)
    outcome = outcome_of(drifted, planned, _BOUNDARY)
    if drifted.is_hidden(_BOUNDARY):
        old, new = (old and MASK, new and MASK) if old != new else (None, None)
    if old and (old != new or old == MASK):
        yield _change("-", f"permissions boundary {old}", outcome, broadens=True)
    if new and (old != new or new == MASK):
        yield _change("+", f"permissions boundary {new}", outcome)


def _document(drifted: Change, planned: Change | None) -> Iterator[DriftChange]:
    texts = _both(drifted, "policy")
    if texts[0] == texts[1] or drifted.type not in (POLICY, INLINE):
        return
    outcome = outcome_of(drifted, planned, "policy")
    old, new = (known_document(text).document for text in texts)
    if drifted.is_hidden("policy"):
        yield _change("±", f"its policy: {MASK}", outcome, broadens=True)
    elif old is None or new is None:
        yield _change("±", "its policy cannot be parsed", outcome, broadens=True)
    else:
        yield from _grants("", old, new, outcome)


def _policies(drifted: Change, role: PlannedRole, texts: Mapping[str, Document]) -> Iterator[DriftChange]:
    """Yield the policies that were attached to a role or removed from it, and that no resource of the plan attaches."""
    old, new = (named_policies(drifted.before), named_policies(drifted.after))
    kept = {policy.key for policy in role.after.policies} if role.after else set()
    for key in sorted((old.keys() | new.keys()) - role.given_by_resources):
        name = policy_label(drifted, key)
        outcome: Outcome = "kept" if (key in kept) == (key in new) else "undone"
        if key not in new:
            broadens = _denies(key, old[key], texts)
            yield _change("-", f"policy {name} was removed from it", outcome, broadens=broadens)
        elif key not in old:
            yield _change("+", f"policy {name} was attached to it", outcome, broadens=True)
            if not drifted.is_hidden("inline_policy"):
                yield from _grants(f"policy {name}: ", None, new[key], outcome)
        elif old[key] != new[key] and not drifted.is_hidden("inline_policy"):
            yield from _grants(f"policy {name}: ", old[key], new[key], outcome)


def _denies(arn: Any, document: Document | None, texts: Mapping[str, Document]) -> bool:
    """Return whether a policy is known to have Deny statements, so that losing it broadens permissions."""
    document = document or document_of_arn(arn, texts)
    return document is not None and bool(denied_by(document))


def policy_label(drifted: Change, key: str) -> str:
    """Return the name of a policy that a role's attributes list, masked if it is sensitive."""
    is_hidden = drifted.is_hidden("inline_policy" if key.startswith("inline:") else "managed_policy_arns")
    return MASK if is_hidden else key.removeprefix("inline:")


def named_policies(values: Mapping[str, Any] | None) -> dict[str, Document | None]:
    """Return the documents of the policies that a role's attributes list, by key; None for attachments."""
    inline, arns = (values or {}).get("inline_policy"), (values or {}).get("managed_policy_arns")
    documents: dict[str, Document | None] = {
        f"inline:{block['name']}": known_document(block.get("policy")).document
        for block in (inline if isinstance(inline, list) else ())
        if isinstance(block, Mapping) and block.get("name")
    }
    return documents | {arn: None for arn in (arns if isinstance(arns, list) else ()) if isinstance(arn, str)}


def _grants(before: str, old: Document | None, new: Document | None, outcome: Outcome) -> Iterator[DriftChange]:
    difference = compare([old] if old else [], [new] if new else [])
    for sign, rows in (("+", difference.added), ("-", difference.removed)):
        for row in access_rows(rows, "", sign):
            text = f"{before}{grant_text(row, row.access_level, row.actions)}"
            yield _change(sign, text, outcome, broadens=(sign == "+") == (row.effect == "Allow"))


def outcome_of(drifted: Change, planned: Change | None, key: str) -> Outcome:
    """Return what a plan does about an attribute that drifted, or about a resource that was deleted."""
    if drifted.after is None:
        return "undone" if planned and planned.is_made else "kept"
    if planned is None or not planned.is_touched or planned.is_forgotten:
        return "kept"
    if planned.is_unknown(key):
        return "unknown"
    was, is_ = (_parsed(value) for value in _both(drifted, key))
    becomes = _parsed(value_of(planned, "after", key))
    return "undone" if becomes == was else "kept" if becomes == is_ else "changed"


def _parsed(value: Any) -> Any:
    document = known_document(value).document if isinstance(value, str) else None
    return value or None if document is None else document


def _both(change: Change, key: str) -> tuple[Any, Any]:
    return value_of(change, "before", key), value_of(change, "after", key)


def _is_other(old: Any, new: Any) -> bool:
    # A refresh treats null, {} and [] alike.
    return (old or None) != (new or None)


def _change(sign: Any, text: str, outcome: Outcome, *, broadens: bool = False) -> DriftChange:
    return DriftChange(sign, printable(text), broadens, outcome)
