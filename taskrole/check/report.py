"""The report: per task definition and role what is allowed and what is missing; per role what nobody needs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from taskrole.arns import Context
from taskrole.check.failures import TRUST, Failure, failure_of
from taskrole.check.trust import judge_trust
from taskrole.grant import Condition, Grant, RoleKind
from taskrole.policy.evaluation.coverage import Answer, Coverage, Judge
from taskrole.policy.evaluation.effective import effective_actions
from taskrole.policy.evaluation.excess import ExcessReport, role_excess
from taskrole.policy.evaluation.grant_calls import regions_of
from taskrole.policy.evaluation.grant_coverage import cover_grant
from taskrole.sources.effective_role import EffectiveRole
from taskrole.taskdef import Derivation, Options, TaskDocument, derive

__all__ = ["Assignment", "Excesses", "Item", "Report", "RoleOfTask", "Status", "check_tasks"]

Status = Literal["OK", "MISSING", "CANNOT TELL"]

KINDS: tuple[RoleKind, ...] = ("execution", "task")

# What a report calls the answers of the judge.
_STATUSES: Mapping[Answer, Status] = {"allowed": "OK", "denied": "MISSING", "unknown": "CANNOT TELL"}


@dataclass(frozen=True)
class Assignment:
    """A role given to one task definition, by its file, as its execution or its task role."""

    file: str
    kind: RoleKind
    subject: EffectiveRole


@dataclass(frozen=True)
class Item:
    """What a task needs of its role: some actions on a resource, how they stand, and where that is from.

    The rule of trust is TRUST, without actions and resources. Several `resources` are one thing in several forms, of
    which nobody knows which one is asked for. `sources` are the fields that need it. `failure` is what people see
    where it is missing, or may be.
    """

    status: Status
    rule: str
    actions: tuple[str, ...]
    resources: tuple[str, ...]
    conditions: tuple[Condition, ...] = ()
    sources: tuple[str, ...] = ()
    because: str = ""
    why: str = ""
    failure: Failure | None = None


@dataclass(frozen=True)
class RoleOfTask:
    """One role of one task definition; `subject` is None where none was given, and `needs` says how much is open."""

    file: str
    family: str
    kind: RoleKind
    subject: EffectiveRole | None
    items: tuple[Item, ...] = ()
    needs: int = 0

    def count(self, status: Status) -> int:
        """Return how many items have a status."""
        return sum(item.status == status for item in self.items)


@dataclass(frozen=True)
class Excesses:
    """What a role allows that none of the tasks it serves needs; `allowed` is how many actions it allows in all.

    `is_complete` is false for a task role: what the application calls is not known here.
    """

    subject: EffectiveRole
    kinds: tuple[RoleKind, ...]
    found: ExcessReport
    allowed: int

    @property
    def is_complete(self) -> bool:
        """Whether all needs of the role are known."""
        return "task" not in self.kinds

    @property
    def not_counted(self) -> tuple[str, ...]:
        """What may allow more, or forbid some of the excess, and is not known: a clause each."""
        boundary = self.subject.boundary_problem
        limit = (f"what the permissions boundary forbids: {boundary}",) if boundary else ()
        return (*self.found.unresolved, *self.subject.unknown_policies, *limit)

    @property
    def count(self) -> int:
        """How many actions are in excess."""
        return len(self.found.excess)


@dataclass(frozen=True)
class Report:
    """All of a check: the roles of each task definition, the excess of each role, and the derivation it rests on."""

    derivation: Derivation
    roles: tuple[RoleOfTask, ...]
    excesses: tuple[Excesses, ...]

    def count(self, status: Status) -> int:
        """Return how many items have a status."""
        return sum(role.count(status) for role in self.roles)

    @property
    def most_excess(self) -> int:
        """The largest excess of a role all of whose needs are known; 0 without one."""
        return max((one.count for one in self.excesses if one.is_complete), default=0)


def check_tasks(
    documents: Sequence[TaskDocument],
    context: Context,
    options: Mapping[RoleKind, Options],
    assignments: Sequence[Assignment],
) -> Report:
    """Return how the assigned roles fit the tasks; `options` are those of each kind of role.

    Raises InputError for options that are wrong, ValueError for a context without an account.
    """
    derivation = _derive(documents, context, options)
    # Secrets Manager and Parameter Store tell KMS which secret or parameter it is, whether the role asks for it or not.
    told = {kind: replace(one, kms_encryption_context=True) for kind, one in options.items()}
    checker = _Checker(context, _derive(documents, context, told).grants, is_one=len(documents) == 1)
    # Of several roles of one kind the first counts.
    assigned = {(one.file, one.kind): one.subject for one in reversed(assignments)}
    roles = [
        checker.role(document, kind, assigned.get((document.file, kind))) for document in documents for kind in KINDS
    ]
    return Report(
        derivation,
        tuple(role for role in roles if role.subject or role.needs),
        tuple(_excesses(assignments, derivation.grants, is_one=len(documents) == 1)),
    )


def _derive(documents: Sequence[TaskDocument], context: Context, options: Mapping[RoleKind, Options]) -> Derivation:
    """Return what tasks need of each role by the options of that role's kind."""
    if options["execution"] == options["task"]:
        return derive(documents, context, options["execution"])
    found = {kind: derive(documents, context, options[kind]) for kind in KINDS}
    return Derivation(
        context,
        tuple(sorted(grant for kind, one in found.items() for grant in one.grants if grant.role == kind)),
        tuple(sorted({finding for one in found.values() for finding in one.findings})),
        tuple(required for one in found.values() for required in one.required_elsewhere),
    )


class _Checker:
    def __init__(self, context: Context, grants: Sequence[Grant], *, is_one: bool) -> None:
        self.context = context
        self.is_one = is_one
        self.grants: dict[tuple[str, RoleKind], list[Grant]] = {}
        for grant in grants:
            self.grants.setdefault((grant.file, grant.role), []).append(grant)
        self.regions = regions_of(grants)
        self.judges: dict[int, Judge] = {}
        self.trusts: dict[int, Item] = {}

    def role(self, document: TaskDocument, kind: RoleKind, subject: EffectiveRole | None) -> RoleOfTask:
        grants = self.grants.get(("" if self.is_one else document.file, kind), [])
        if subject is None:
            return RoleOfTask(document.file, document.family, kind, None, needs=len(grants))
        is_ec2 = document.data.get("requiresCompatibilities") == ["EC2"]
        items = _merged(list(self.items(grants, subject, is_ec2=is_ec2)))
        return RoleOfTask(document.file, document.family, kind, subject, (self.trust(subject), *items), len(grants))

    def trust(self, subject: EffectiveRole) -> Item:
        if id(subject) not in self.trusts:
            self.trusts[id(subject)] = _trust_item(judge_trust(subject, self.context))
        return self.trusts[id(subject)]

    def items(self, grants: Sequence[Grant], subject: EffectiveRole, *, is_ec2: bool) -> Iterator[Item]:
        judge = self.judges.get(id(subject))
        if judge is None:
            judge = self.judges[id(subject)] = Judge(subject)
        for grant in grants:
            for action, coverage in cover_grant(judge, grant, self.context, self.regions):
                yield _item(grant, action, coverage, is_ec2=is_ec2)


def _item(grant: Grant, action: str, coverage: Coverage, *, is_ec2: bool) -> Item:
    failure = None if coverage.answer == "allowed" else failure_of(grant.rule, action, is_ec2=is_ec2)
    return Item(
        _STATUSES[coverage.answer],
        grant.rule,
        (action,),
        grant.resources,
        grant.conditions,
        (grant.source,),
        grant.because,
        "" if coverage.answer == "allowed" else coverage.reason,
        failure,
    )


def _trust_item(coverage: Coverage) -> Item:
    status = _STATUSES[coverage.answer]
    failure = None if status == "OK" else TRUST
    return Item(
        status,
        "TRUST",
        (),
        (),
        because="ECS assumes it",
        why="" if status == "OK" else coverage.reason,
        failure=failure,
    )


def _merged(items: Sequence[Item]) -> list[Item]:
    """Return items with the fields that need the same together, and actions that stand the same together."""
    by_need: dict[tuple[object, ...], Item] = {}
    for one in items:
        need = (one.rule, one.actions, one.resources, one.conditions)
        known = by_need.get(need)
        by_need[need] = one if known is None else replace(known, sources=_union(known.sources, one.sources))
    by_standing: dict[tuple[object, ...], Item] = {}
    for one in by_need.values():
        standing = (one.rule, one.resources, one.conditions, one.sources, one.status, one.why, one.failure)
        known = by_standing.get(standing)
        by_standing[standing] = one if known is None else replace(known, actions=_union(known.actions, one.actions))
    return list(by_standing.values())


def _union(one: tuple[str, ...], other: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*one, *other)))


def _excesses(assignments: Sequence[Assignment], grants: Sequence[Grant], *, is_one: bool) -> Iterator[Excesses]:
    """Yield the excess of each role once, whatever it is a role of."""
    by_subject: dict[int, list[Assignment]] = {}
    for one in assignments:
        by_subject.setdefault(id(one.subject), []).append(one)
    for group in by_subject.values():
        subject = group[0].subject
        roles = {("" if is_one else one.file, one.kind) for one in group}
        needed = [grant for grant in grants if ("" if is_one else grant.file, grant.role) in roles]
        kinds = tuple(kind for kind in KINDS if any(one.kind == kind for one in group))
        boundary = None if subject.boundary_problem else subject.boundary
        allowed = effective_actions(subject.documents, boundary).actions
        yield Excesses(subject, kinds, role_excess(subject, needed), len(allowed))
