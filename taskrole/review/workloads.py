"""Reviews of workloads whose role changes with a plan: the permissions that each gains and loses.

A workload is a resource that uses a role: an ECS task definition or service, a Lambda function, an instance. The
policies of the old role before the plan are compared with those of the new role after it, boundaries included.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from taskrole.dataclass import dataclass
from taskrole.errors import printable
from taskrole.plan.configuration import Configuration
from taskrole.plan.known_parts import KnownParts
from taskrole.plan.model import Change, Plan, Unresolved
from taskrole.plan.resource_types import is_of_aws
from taskrole.plan.role_finder import RoleFinder
from taskrole.plan.role_moves import ExecSwitch, NamedRole, RoleMove, exec_switches, is_of_ecs, role_moves
from taskrole.plan.roles import PlannedRole, RoleState
from taskrole.plan.workload_types import WORKLOADS
from taskrole.policy.comparison.boundary import FORBIDDEN
from taskrole.policy.comparison.compare import Comparison, Verdict
from taskrole.review.report import AccessRow, WorkloadReview
from taskrole.review.role_difference import compare_sides, unknown_on_both_sides
from taskrole.review.rows import change_key, keyed, row_key
from taskrole.review.verdict import documents_of
from taskrole.review.whole_policies import split_access_rows

_NAMES = ("name", "function_name", "family", "service_name", "cluster_name", "cluster_identifier")
# Condition keys by which a policy can allow different permissions to two roles.
# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-principal-properties
_OF_THE_ROLE = ("aws:principalarn", "aws:principaltag/", "aws:userid")
_FALLS_BACK = "without a task role, containers on EC2 instances can use the role of the instance"
_MOST_NAMED = 3


@dataclass(frozen=True)
class Workloads:
    """The reviews of a plan's workloads, and the addresses of the workloads whose roles are accounted for."""

    reviews: tuple[WorkloadReview, ...] = ()
    explained: frozenset[str] = frozenset()


def unresolved_workloads(reviews: Iterable[WorkloadReview]) -> Iterator[Unresolved]:
    """Yield the workloads with unknown gains."""
    for review in reviews:
        if review.verdict == "unresolved":
            yield Unresolved(review.address, review.attribute, review.because, review.key, review.approved)


def review_workloads(plan: Plan, configuration: Configuration, roles: Iterable[PlannedRole]) -> Workloads:
    """Return the reviews of the workloads that a plan touches, sorted by address."""
    finder, known = RoleFinder(plan, configuration, roles), KnownParts(configuration)
    reviews: list[WorkloadReview] = []
    explained: set[str] = set()
    for change in plan.changes:
        if change.type not in WORKLOADS or change.is_data:
            continue
        moves = list(role_moves(change, finder)) if change.is_touched else []
        # A workload outside ECS whose roles are not in the plan is listed as not reviewed.
        compared = [move for move in moves if not move.is_outside or is_of_ecs(change, finder)]
        is_compared = len(compared) == len(moves) and WORKLOADS[change.type].also.isdisjoint(change.changed)
        if is_compared and is_of_aws(change) and not change.is_destroyed:
            explained.add(change.address)
        reviews += [_move_review(move) for move in compared]
        if change.is_touched:
            reviews += [_exec_review(switch) for switch in exec_switches(change, finder)]
    ordered = sorted(reviews, key=lambda item: (item.address, item.attribute, item.before, item.after))
    return Workloads(tuple(_keyed(review, known) for review in ordered), frozenset(explained))


def explained_addresses(workloads: Workloads) -> frozenset[str]:
    """Return the addresses of the workloads that a report accounts for: their roles are compared or do not change."""
    return workloads.explained


def _keyed(review: WorkloadReview, known: KnownParts) -> WorkloadReview:
    """Return a review; if the verdict is unresolved, its key covers the known parts of the attribute."""
    if review.verdict != "unresolved":
        return review
    attribute = review.attribute.partition(".")[0].removesuffix("{}")
    return replace(review, key=row_key([review.key, known.digest(review.address, attribute)]))


def _move_review(move: RoleMove) -> WorkloadReview:
    old, new = _side(move.before, "before"), _side(move.after, "after")
    problems = [problem for _, problem in (old, new) if problem]
    if problems:
        return _review(move, "unresolved", because="; ".join(problems))
    sides = old[0], new[0]
    difference = compare_sides(*sides)
    comparison = difference.policies
    label, name = f"{move.workload.address} {move.attribute}", _name(move.workload)
    added = split_access_rows(difference.gained, label, "+", forbids=difference.forbids, hidden=difference.hidden)
    removed = split_access_rows(difference.lost, label, "-", hidden=difference.hidden)
    identity = (move.workload.address, move.attribute)
    added = keyed([_of_workload(row, label, name) for row in added], identity, "+")
    removed = keyed([_of_workload(row, label, name) for row in removed], identity, "-")
    verdict, because = comparison.verdict, ""
    if verdict == "unresolved":
        because = _unknown_parts(move, sides, comparison)
    elif verdict != "broadens":
        # Another role is another principal, even with the same policies.
        verdict = "neutral" if verdict == "no-change" else verdict
        because = _FALLS_BACK if move.falls_back else _differs_by_role(*sides)
        verdict = "unresolved" if because else verdict
    known = [difference.before, difference.after] if verdict == "unresolved" else []
    return _review(move, verdict, (added, removed), because, known)


def _exec_review(switch: ExecSwitch) -> WorkloadReview:
    names = list(dict.fromkeys(role.text for role in switch.roles if role.text))
    permissions = " the permissions of " + (", ".join(f"the task role {name}" for name in names) or "its containers")
    because = f"ECS Exec is switched on: whoever may call ecs:ExecuteCommand gets a shell with{permissions}"
    if not switch.is_known:
        because = f"whether ECS Exec is switched on is known only after the apply; a shell would have{permissions}"
    verdict: Verdict = "broadens" if switch.is_known else "unresolved"
    owner = (switch.workload.address, switch.attribute, *(role.key for role in switch.roles))
    return WorkloadReview(
        switch.workload.address,
        _name(switch.workload),
        switch.attribute,
        "",
        printable(", ".join(names)),
        verdict,
        because=printable(because),
        key=change_key("workload", owner, (), [verdict]),
    )


def _review(
    move: RoleMove,
    verdict: Verdict,
    rows: tuple[tuple[AccessRow, ...], tuple[AccessRow, ...]] = ((), ()),
    because: str = "",
    known: Sequence[object] = (),
) -> WorkloadReview:
    roles = [named.key if named else "" for named in (move.before, move.after)]
    owner = (move.workload.address, move.attribute, *roles)
    return WorkloadReview(
        move.workload.address,
        _name(move.workload),
        move.attribute,
        printable(move.before.text) if move.before else "",
        printable(move.after.text) if move.after else "",
        verdict,
        *rows,
        printable(because),
        change_key("workload", owner, [*rows[0], *rows[1]], [verdict, because, *known]),
    )


def _side(named: NamedRole | None, at: str) -> tuple[RoleState | None, str]:
    """Return a side of a role, or why it is unknown; `at` is before or after."""
    if named is None:
        return None, ""
    if named.role is None:
        return None, named.reason
    if named.role.change is None:
        return None, f"role {named.text} is not in this plan"
    side = named.role.before if at == "before" else named.role.after
    if side is None:
        return None, f"role {named.text} is not there {at} the plan"
    return side, ""


def _unknown_parts(move: RoleMove, sides: tuple[RoleState | None, RoleState | None], comparison: Comparison) -> str:
    """Return the unknown policies of the two roles, and why they are unknown."""
    kept = unknown_on_both_sides(*sides)
    parts = [
        f"{policy.shown_key} of role {named.text}: {policy.problem}"
        for named, side in zip((move.before, move.after), sides, strict=True)
        if named is not None and side is not None
        for policy in side.all_policies
        if policy.problem and policy.key not in kept
    ] or list(comparison.unresolved)
    more = f"; and {len(parts) - _MOST_NAMED} more" if len(parts) > _MOST_NAMED else ""
    return "; ".join(parts[:_MOST_NAMED]) + more


def _differs_by_role(old: RoleState | None, new: RoleState | None) -> str:
    """Return why the same policies may allow more to one of two roles; empty if they do not."""
    if old is None or new is None:
        return ""
    text = json.dumps(documents_of(new) + documents_of(old)).lower()
    keys = [key for key in _OF_THE_ROLE if key in text]
    return (
        f"policies depend on {', '.join(key.rstrip('/') for key in keys)}, which is not that of the old role"
        if keys
        else ""
    )


def _of_workload(row: AccessRow, label: str, name: str) -> AccessRow:
    """Return the row of a label with a sentence about a workload."""
    mark = FORBIDDEN if row.forbidden else ""
    sentence = f"{row.sentence.removesuffix(mark).removesuffix(f'role {printable(label)}')}workload {name}{mark}"
    return replace(row, sentence=sentence, parts=tuple(_of_workload(part, label, name) for part in row.parts))


def _name(change: Change) -> str:
    values = change.after or change.before or {}
    names = (values.get(key) for key in _NAMES if not change.is_hidden(key))
    return printable(next((name for name in names if isinstance(name, str) and name), change.address))
