"""Checks roles against tasks: evaluates each need of each task definition against the role that has to allow it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from operator import attrgetter

from taskrole.arns import Context
from taskrole.check.excesses import Misplaced, excesses
from taskrole.check.items import (
    item_of,
    merged_items,
    possible_item,
    trust_item,
)
from taskrole.check.report import Assignment, CheckedItem, CheckReport, RoleOfTask
from taskrole.check.trust import judge_trust
from taskrole.grant import ROLE_KINDS, Grant, GrantIndex, RoleKind
from taskrole.policy.effective_role import EffectiveRole
from taskrole.policy.evaluation.coverage import Coverage, Judge
from taskrole.policy.evaluation.grant_calls import is_called, regions_of
from taskrole.policy.evaluation.grant_coverage import allowed_needs, cover_grant
from taskrole.taskdef import Derivation, Options, TaskDocument
from taskrole.taskdef.derive import derive_each
from taskrole.taskdef.document import Node
from taskrole.taskdef.evaluation_options import evaluation_options
from taskrole.taskdef.feature_results import PossibleNeed
from taskrole.taskdef.features.compatibility import compatibilities
from taskrole.taskdef.features.essential import expendable_containers
from taskrole.taskdef.features.roles import ROLE_FIELDS
from taskrole.two_processes import in_groups

# Services for which ECS can use the role of the EC2 instance instead of an execution role.
_OF_INSTANCES = ("ecr:", "logs:")


def check_tasks(
    documents: Sequence[TaskDocument],
    context: Context,
    options: Mapping[RoleKind, Options],
    assignments: Sequence[Assignment],
) -> CheckReport:
    """Return how the assigned roles cover the tasks; `options` are those of each kind of role.

    Raises InputError for invalid options, ValueError for a context without an account.
    """
    judged = {kind: evaluation_options(of_kind) for kind, of_kind in options.items()}
    derivation, asked = _derive_each_kind(documents, context, options, judged)
    checker = _Checker(context, asked, assignments, is_one=len(documents) == 1)
    subjects = tuple({id(assignment.subject): assignment.subject for assignment in assignments}.values())
    groups = list(in_groups(documents, checker.roles, "checking roles", lambda: subjects))
    roles = [role for some, _ in groups for role in some if role.subject or role.needs]
    misplaced = [action for _, some in groups for action in some]
    return CheckReport(
        derivation,
        tuple(roles),
        tuple(excesses(assignments, asked, derivation, misplaced, options, is_one=len(documents) == 1)),
    )


def _derive_each_kind(
    documents: Sequence[TaskDocument], context: Context, *by_kind: Mapping[RoleKind, Options]
) -> tuple[Derivation, ...]:
    """Return the needs of tasks for each mapping, derived for each kind of role with its options."""
    variants: list[Options] = []
    for options in (of_kind for mapping in by_kind for of_kind in mapping.values()):
        if options not in variants:
            variants.append(options)
    derived = derive_each(documents, context, variants)
    return tuple(
        _of_kinds({kind: derived[variants.index(options)] for kind, options in mapping.items()}) for mapping in by_kind
    )


def _of_kinds(derived: Mapping[RoleKind, Derivation]) -> Derivation:
    """Return the derivation with each role's grants from the derivation for that role."""
    if derived["execution"] is derived["task"]:
        return derived["execution"]
    findings = [finding for of_kind in derived.values() for finding in of_kind.findings]
    return Derivation(
        derived["execution"].context,
        tuple(sorted(grant for kind, of_kind in derived.items() for grant in of_kind.grants if grant.role == kind)),
        tuple(sorted(set(findings), key=attrgetter("order"))),
        tuple(required for of_kind in derived.values() for required in of_kind.required_elsewhere),
        tuple(need for kind, of_kind in derived.items() for need in of_kind.possible if need.grant.role == kind),
    )


class _Checker:
    def __init__(self, context: Context, asked: Derivation, assignments: Sequence[Assignment], *, is_one: bool) -> None:
        self.context = context
        self.is_one = is_one
        self.grants = GrantIndex(asked.grants)
        self.possible: dict[tuple[str, RoleKind], list[PossibleNeed]] = {}
        for need in asked.possible:
            self.possible.setdefault((need.grant.file, need.grant.role), []).append(need)
        self.regions = regions_of(asked.grants)
        self.judges: dict[int, Judge] = {}
        self.trusts: dict[int, CheckedItem] = {}
        self.subjects: dict[tuple[str, RoleKind], EffectiveRole] = {}
        # Of several roles of one kind, the first is used.
        for assignment in assignments:
            self.subjects.setdefault((assignment.file, assignment.kind), assignment.subject)

    def roles(self, documents: Sequence[TaskDocument]) -> tuple[list[RoleOfTask], list[Misplaced]]:
        """Return both roles of each task, and which actions are in the wrong one of them."""
        misplaced: list[Misplaced] = []
        return [self._role(document, kind, misplaced) for document in documents for kind in ROLE_KINDS], misplaced

    def _role(self, document: TaskDocument, kind: RoleKind, misplaced: list[Misplaced]) -> RoleOfTask:
        """Return a role of a task; actions that the other role allows are added to `misplaced`."""
        file = "" if self.is_one else document.file
        grants = self.grants.of([(file, kind)])
        subject = self.subjects.get((document.file, kind))
        is_named = bool(document.data.get(ROLE_FIELDS[kind]))
        expendable = _expendable_places(document) if grants else ()
        needs = [item for grant in grants for item in self._items(document, grant, subject, expendable, misplaced)]
        items = merged_items(needs)
        if subject is not None:
            possible = self._possible_items(self.possible.get((file, kind), []), subject)
            items = [self._trust(subject), *items, *merged_items(possible)]
        return RoleOfTask(document.file, document.family, kind, subject, tuple(items), len(grants), is_named)

    def _items(
        self,
        document: TaskDocument,
        grant: Grant,
        subject: EffectiveRole | None,
        expendable: tuple[str, ...],
        misplaced: list[Misplaced],
    ) -> Iterator[CheckedItem]:
        is_ec2 = document.data.get("requiresCompatibilities") == ["EC2"]
        is_expendable = grant.source.startswith(expendable)
        other: RoleKind = "task" if grant.role == "execution" else "execution"
        other_subject = self.subjects.get((document.file, other))
        covered = self._cover(grant, subject) if subject else _without_role(document, grant)
        elsewhere: dict[str, Coverage] | None = None
        for action, coverage in covered:
            if coverage.answer == "denied" and other_subject is not None and other_subject is not subject:
                elsewhere = elsewhere or dict(self._cover(grant, other_subject))
                if action in elsewhere and elsewhere[action].answer == "allowed":
                    why = f"{coverage.reason}; the {other} role allows it, but the {grant.role} role is used for it"
                    coverage = Coverage("denied", why)  # noqa: PLW2901 -- the same with a longer reason
                    misplaced.append(Misplaced(other_subject, action, grant.resources))
            yield item_of(grant, action, coverage, is_ec2=is_ec2, is_expendable=is_expendable)

    def _cover(self, grant: Grant, subject: EffectiveRole) -> Iterator[tuple[str, Coverage]]:
        return cover_grant(self._judge(subject), grant, self.context, self.regions)

    def _judge(self, subject: EffectiveRole) -> Judge:
        judge = self.judges.get(id(subject))
        if judge is None:
            judge = self.judges[id(subject)] = Judge(subject)
        return judge

    def _trust(self, subject: EffectiveRole) -> CheckedItem:
        if id(subject) not in self.trusts:
            self.trusts[id(subject)] = trust_item(judge_trust(subject, self.context))
        return self.trusts[id(subject)]

    def _possible_items(self, needs: Iterable[PossibleNeed], subject: EffectiveRole) -> Iterator[CheckedItem]:
        for need in needs:
            for action, is_allowed in allowed_needs(self._judge(subject), need.grant, self.context, self.regions):
                yield possible_item(need, action, is_allowed=is_allowed)


def _expendable_places(document: TaskDocument) -> tuple[str, ...]:
    """Return the pointers of expendable containers in the user's document, each with a trailing slash."""
    own_pointer = document.own_pointer or str
    return tuple(f"{own_pointer(place)}/" for place in expendable_containers(Node(document.data)))


def _without_role(document: TaskDocument, grant: Grant) -> Iterator[tuple[str, Coverage]]:
    """Yield the actions of a grant whose role is not given: denied if the task definition does not name the role."""
    if not is_called(grant):
        return
    could_be_ec2 = compatibilities(Node(document.data, "", "")) <= {"EC2"}
    for action in grant.actions:
        if document.data.get(ROLE_FIELDS[grant.role]):
            yield action, Coverage("unknown", f"the {grant.role} role is not given")
        elif grant.role == "execution" and could_be_ec2 and action.startswith(_OF_INSTANCES):
            yield (
                action,
                Coverage("unknown", "no execution role is named, and the role of the EC2 instance is unknown"),
            )
        else:
            yield action, Coverage("denied", f"the task definition names no {grant.role} role")
