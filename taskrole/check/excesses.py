"""The excess of the checked roles: what they allow beyond the needs of their tasks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from taskrole.check.items import without_encryption_context
from taskrole.check.report import Assignment, Excesses
from taskrole.dataclass import dataclass
from taskrole.finding import at_least
from taskrole.grant import ROLE_KINDS, Grant, GrantIndex, RoleKind
from taskrole.policy.catalogue.actions import expand
from taskrole.policy.effective_role import EffectiveRole
from taskrole.policy.evaluation.action_counts import effective_actions
from taskrole.policy.evaluation.excess import Excess, ExcessReport, role_excess
from taskrole.policy.patterns import contains
from taskrole.taskdef import Derivation, Options


@dataclass(frozen=True)
class Misplaced:
    """An action on resources that a role allows, and that a task's other role needs and lacks."""

    subject: EffectiveRole
    action: str
    resources: tuple[str, ...]


def excesses(  # noqa: PLR0913 -- the data of a check
    assignments: Sequence[Assignment],
    asked: Derivation,
    derivation: Derivation,
    misplaced: Sequence[Misplaced],
    options: Mapping[RoleKind, Options],
    *,
    is_one: bool,
) -> Iterator[Excesses]:
    """Yield the excess of each role, once for all its tasks; possible needs are not counted as excess."""
    needs = GrantIndex(
        [_demanded(grant, options) for grant in (*asked.grants, *(need.grant for need in asked.possible))]
    )
    errors = Counter(finding.file for finding in at_least(derivation.findings, "error"))
    moved: dict[int, list[Misplaced]] = {}
    for action in misplaced:
        moved.setdefault(id(action.subject), []).append(action)
    by_subject: dict[int, list[Assignment]] = {}
    for assignment in assignments:
        by_subject.setdefault(id(assignment.subject), []).append(assignment)
    for group in by_subject.values():
        subject = group[0].subject
        needed = needs.of(("" if is_one else assignment.file, assignment.kind) for assignment in group)
        kinds = tuple(kind for kind in ROLE_KINDS if any(assignment.kind == kind for assignment in group))
        boundary = None if subject.boundary_problem else subject.boundary
        allowed = len(effective_actions(subject.documents, boundary).actions)
        report = role_excess(subject, needed)
        wrong = sum(errors[file] for file in {"", *(assignment.file for assignment in group)})
        if wrong:
            yield Excesses(subject, kinds, ExcessReport((), report.unknown, report.unresolved), allowed, errors=wrong)
            continue
        elsewhere = moved.get(id(subject), ())
        there = tuple(excess.action for excess in report.excess if elsewhere and _is_misplaced(excess, elsewhere))
        actions = frozenset(there)
        rest = tuple(excess for excess in report.excess if excess.action not in actions)
        yield Excesses(subject, kinds, replace(report, excess=rest), allowed, there)


def _demanded(grant: Grant, options: Mapping[RoleKind, Options]) -> Grant:
    """Return a grant as the options require it: with kms:EncryptionContext only if they say so."""
    if not grant.conditions or options[grant.role].kms_encryption_context:
        return grant
    return replace(grant, conditions=without_encryption_context(grant.conditions))


def _is_misplaced(excess: Excess, misplaced: Iterable[Misplaced]) -> bool:
    same_action = [other for other in misplaced if excess.action in expand([other.action])]
    resources = [resource for other in same_action for resource in other.resources]
    return all(any(contains(resource, allowed) for resource in resources) for allowed in excess.allowed)
