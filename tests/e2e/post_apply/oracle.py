"""Compares the result of a review with IAM after the apply, by role and policy."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from taskrole.plan.links import ROLE_ATTRIBUTES
from taskrole.plan.role_policies import Attached
from taskrole.plan.roles import PlannedRole
from taskrole.policy.comparison.compare import compare
from taskrole.policy.comparison.trust import compare_trust
from taskrole.policy.documents.statements import Document
from taskrole.policy.evaluation.action_counts import effective_actions
from taskrole.review.report import Report, RoleReview
from taskrole.review.verdict import worst
from tests.e2e.post_apply.account import OWN_ACCOUNT, HeldRole, RoleKey
from tests.e2e.post_apply.documents import asks_for_tag, is_part, same
from tests.e2e.post_apply.links import granting_resources, held_policies, roles_of
from tests.e2e.post_apply.state import State

_NOT_POLICIES = ("assume_role_policy", "permissions_boundary")
# The rank of a verdict; the higher, the more a reviewer has to check.
_WEIGHT = {"no-change": 0, "neutral": 0, "narrows": 1, "broadens": 2, "unresolved": 3}


@dataclass(frozen=True)
class Step:
    """A plan with its review, and IAM before and after its apply."""

    report: Report
    roles: tuple[PlannedRole, ...]
    before: Mapping[RoleKey, HeldRole]
    after: Mapping[RoleKey, HeldRole]
    state: State

    @cached_property
    def reviews(self) -> dict[str, RoleReview]:
        """The reviews of roles by address."""
        return {review.address: review for review in self.report.roles}

    @cached_property
    def unresolved(self) -> frozenset[str]:
        """The addresses with unknown policies in the report."""
        rows = {review.address for review in self.report.roles if not review.is_known}
        values = (value for value in self.report.unresolved if value.attribute not in _NOT_POLICIES)
        return frozenset(rows | {value.address for value in values})


def differences(step: Step) -> list[str]:
    """Return a sentence for each difference between the review and IAM."""
    differences: list[str] = []
    seen: set[RoleKey] = set()
    for role in step.roles:
        if not role.is_known:
            differences += [f"{role.address}: {text}" for text in _role_not_known(step, role)]
            continue
        key = _key(step, role)
        if key:
            seen.add(key)
        differences += [f"{role.address}: {text}" for text in _role(step, role, step.after.get(key) if key else None)]
    for key, held in step.after.items():
        if key not in seen:
            differences += [f"role {held.name} of {held.account}, not reviewed: {text}" for text in _unseen(step, held)]
    return differences


def _key(step: Step, role: PlannedRole) -> RoleKey | None:
    """Return the role of an account for a planned role, or None."""
    resource = step.state.resources.get(role.address)
    if resource is not None and role.change is not None:
        return resource.account, str(resource.attributes["name"])
    if role.change is not None and role.change.before is not None:
        values = role.change.before
        return str(values["arn"]).split(":")[4], str(values["name"])
    accounts = [role.account] if role.account else sorted({key[0] for key in (*step.after, *step.before)})
    return next((key for account in accounts if (key := (account, role.name)) in {**step.before, **step.after}), None)


def _role_not_known(step: Step, role: PlannedRole) -> Iterator[str]:
    """Compare a row of an unnamed role with the roles of its resource."""
    review = step.reviews.get(role.address)
    if review is None or review.verdict != "unresolved":
        yield f"its role is not known, and its verdict is {review.verdict if review else 'missing'}"
    resource = step.state.resources.get(role.address)
    for name in roles_of(resource) if resource and role.after else ():
        held = step.after[resource.account or OWN_ACCOUNT, name]
        for policy in role.after.policies:
            yield from _policy(policy, held_policies(policy, held, step.state), held, step.state)


def _role(step: Step, role: PlannedRole, held: HeldRole | None) -> Iterator[str]:
    review = step.reviews.get(role.address)
    if review is None:
        yield "it has no review"
        return
    if role.after is None or held is None:
        if (role.after is None) != (held is None):
            yield f"IAM {'still holds' if held else 'does not hold'} it"
        return
    yield from _trust(role, held, step)
    yield from _boundary(role, held, step)
    before = _before(step, role)
    covered: set[str] = set()
    is_all_known = role.change is not None and not (role.after.boundary and role.after.boundary.problem)
    for policy in role.after.policies:
        names = held_policies(policy, held, step.state)
        covered |= names
        is_all_known &= not policy.problem or not (names or policy.document)
        yield from _policy(policy, names, held, step.state)
        changed = [name for name in sorted(names) if _document(before, name) != _document(held, name)]
        if policy.problem and changed and review.verdict != "unresolved":
            yield f"the verdict is {review.verdict}, although {policy.key} is not known and changes {changed}"
    for name in _names(held) - covered:
        is_all_known = False
        if not _is_marked(step, held, name):
            yield f"IAM holds the policy {name}, which the review neither shows nor marks unresolved"
    yield from _verdict(before, held, review)
    if is_all_known:
        yield from _counts(held, review)


def _policy(policy: Attached, names: set[str], held: HeldRole, state: State) -> Iterator[str]:
    if not policy.problem and not names:
        yield f"the review shows the policy {policy.key}, which IAM does not hold"
    for name in names if policy.document is not None else ():
        document = _document(held, name)
        # A policy that may belong to another role is only reported as such.
        is_doubtful = policy.attribute in ROLE_ATTRIBUTES.values()
        if policy.problem and not is_doubtful and not is_part(policy.document, document, state):
            yield f"the part of the policy {name} that the review shows is not in {document}"
        if not policy.problem and not same(policy.document, document, state):
            yield f"the review shows the policy {name} as {policy.document}, IAM holds {document}"


def _trust(role: PlannedRole, held: HeldRole, step: Step) -> Iterator[str]:
    if role.after is None or role.change is None:
        return
    trust = role.after.trust
    if trust is None and not role.after.trust_problem:
        yield "its trust policy is neither shown nor marked unresolved"
    elif trust is not None and not role.after.trust_problem and not same(trust, held.trust, step.state):
        yield f"the review shows the trust policy {trust}, IAM holds {held.trust}"


def _boundary(role: PlannedRole, held: HeldRole, step: Step) -> Iterator[str]:
    boundary = role.after.boundary if role.after else None
    if role.change is None or (boundary and boundary.problem):
        return
    if boundary is None:
        if held.boundary:
            yield f"IAM holds the boundary {held.boundary}, which the review does not show"
        return
    arn = boundary.key if boundary.key.startswith("arn:") else step.state.attribute(boundary.key, "arn")
    if arn != held.boundary:
        yield f"the review shows the boundary {boundary.key}, IAM holds {held.boundary or 'none'}"
    elif (
        boundary.document and held.boundary_document and not same(boundary.document, held.boundary_document, step.state)
    ):
        yield f"the review shows the boundary as {boundary.document}, IAM holds {held.boundary_document}"


def _verdict(before: HeldRole | None, held: HeldRole, review: RoleReview) -> Iterator[str]:
    """Compare the verdict with that of IAM before and after."""
    truth = _truth(before, held)
    if _WEIGHT[review.verdict] < _WEIGHT[truth]:
        yield f"the verdict is {review.verdict}; what IAM holds says {truth}"
    if before is not None and _WEIGHT[review.verdict] < _WEIGHT["broadens"]:
        for tag in sorted({*before.tags, *held.tags}):
            if before.tags.get(tag) != held.tags.get(tag) and asks_for_tag(held.documents, tag):
                yield f"the verdict is {review.verdict}, although its policies ask for its tag {tag}, which changes"


def _counts(held: HeldRole, review: RoleReview) -> Iterator[str]:
    levels = effective_actions(held.documents, held.boundary_document).by_level
    counts = {str(level): count for level, count in levels.items()}
    if dict(review.actions_after) != counts:
        yield f"the review counts the actions {dict(review.actions_after)}, IAM holds {counts}"


def _truth(before: HeldRole | None, after: HeldRole) -> str:
    boundary = before.boundary_document if before else after.boundary_document
    policies = compare(before.documents if before else [], after.documents, boundary, after.boundary_document)
    return worst((policies.verdict, compare_trust(before.trust if before else None, after.trust).verdict))


def _before(step: Step, role: PlannedRole) -> HeldRole | None:
    values = role.change.before if role.change else None
    if role.change is not None and values is None:
        return None
    account = str(values["arn"]).split(":")[4] if values else None
    name = str(values["name"]) if values else role.name
    return next((held for key, held in step.before.items() if key[1] == name and account in (None, key[0])), None)


def _unseen(step: Step, held: HeldRole) -> Iterator[str]:
    """Yield what is new or changed of a role without a row in the review."""
    before = step.before.get((held.account, held.name))
    for name in sorted(_names(held)):
        if _document(before, name) != _document(held, name) and not _is_marked(step, held, name):
            yield f"IAM holds the policy {name}, which the review neither shows nor marks unresolved"


def _document(held: HeldRole | None, name: str) -> Document:
    """Return the document of a policy of a role, by its name or ARN; an empty document if the role does not have it."""
    return {**held.attached, **held.inline}.get(name, {}) if held else {}


def _names(held: HeldRole) -> set[str]:
    return {*held.inline, *held.attached}


def _is_marked(step: Step, held: HeldRole, name: str) -> bool:
    """Return whether a resource that gives a role this policy is reported as unresolved."""
    return any(address in step.unresolved for address in granting_resources(held, name, step.state))
