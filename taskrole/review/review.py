"""The review of a plan: from its bytes to the report that everything is rendered from."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from io import BytesIO
from pathlib import Path
from typing import BinaryIO, Literal

from taskrole.errors import InputError, Place, Problem, printable
from taskrole.grant import Severity
from taskrole.plan.accounting import classify
from taskrole.plan.configuration import Configuration
from taskrole.plan.infer_context import place_of
from taskrole.plan.model import Plan, Unresolved
from taskrole.plan.reader import read_plan
from taskrole.plan.roles import planned_roles
from taskrole.plan.symbolic_arns import StandIns
from taskrole.plan.task_definitions import planned_tasks
from taskrole.policy.catalogue.actions import database_date
from taskrole.review.drift import drifts
from taskrole.review.explained import explained
from taskrole.review.report import AccessRow, PlanFacts, Report, ReviewFinding, RoleReview
from taskrole.review.rows import row_key
from taskrole.review.rules import Subject, check
from taskrole.review.settings import ReviewSettings
from taskrole.review.source import located, locator
from taskrole.review.verdict import judge, needs_of, worst

FailOn = Literal["error", "warning", "note", "never"]
RequireApproval = Literal["never", "broadening", "any"]

_SEVERITIES: tuple[Severity, ...] = ("error", "warning", "note")


@dataclass(frozen=True)
class ReviewOptions:
    """How a review decides. `today` is the day that waivers and approvals expire by.

    `source` is where the configuration stands, for the places of findings; `stack` the one of it that the plan is of.
    """

    fail_on: FailOn = "error"
    require_approval: RequireApproval = "never"
    expect_hash: str | None = None
    region: str | None = None
    account: str | None = None
    include_unchanged: bool = False
    source: Path | None = None
    stack: str = ""
    today: datetime.date = field(default_factory=lambda: datetime.datetime.now(tz=datetime.timezone.utc).date())


def review(
    source: bytes | Path | BinaryIO,
    settings: ReviewSettings | None = None,
    options: ReviewOptions | None = None,
    *,
    file: str = "plan",
) -> Report:
    """Return the review of a plan in JSON: its bytes, its path, or a stream of it.

    Raises InputError for what is no plan of format version 1.x; `file` is what messages call it, unless it has a path.
    """
    settings, options = settings or ReviewSettings(), options or ReviewOptions()
    if isinstance(source, Path):
        try:
            with source.open("rb") as opened:
                plan = read_plan(opened, str(source))
        except OSError as error:
            raise InputError([Problem(Place(str(source)), f"cannot be read: {error.strerror}")]) from error
    else:
        plan = read_plan(BytesIO(source) if isinstance(source, bytes) else source, file)
    return _review(plan, settings, options)


def _review(plan: Plan, settings: ReviewSettings, options: ReviewOptions) -> Report:
    subject = _subject(plan, options, settings)
    judged = subject.roles
    findings = list(settings.applied([*check(subject), *settings.assertion_findings(subject)], options.today))
    if options.source is not None:
        planned = [one.role for one in subject.all_roles.values()]
        findings = located(findings, locator(options.source, options.stack, subject.configuration, planned))
    keys = settings.approved_keys(options.today)
    roles = tuple(_approved(one.review, keys) for one in judged)
    unresolved = {one.role.address: _approved_unresolved(one.unresolved, keys) for one in judged}
    accounting, not_reviewed, unseen = classify(plan, subject.configuration, explained(subject))
    unseen = _approved_unresolved(unseen, keys)
    reasons = (*_reasons(plan, roles, unresolved, findings, options), *_wants_unseen(unseen, options.require_approval))
    return Report(
        "unresolved" if unseen else worst(one.verdict for one in roles),
        bool(reasons),
        reasons,
        _facts(plan),
        roles,
        tuple(findings),
        tuple(_unresolved(subject, {**unresolved, "": unseen}, keys)),
        tuple(_notes(plan, subject)),
        database_date(),
        drifts(plan, {address: one.role for address, one in subject.all_roles.items()}),
        not_reviewed=not_reviewed,
        accounting=accounting,
    )


def _subject(plan: Plan, options: ReviewOptions, settings: ReviewSettings) -> Subject:
    configuration = Configuration(plan)
    roles = planned_roles(plan, configuration)
    place = place_of(plan, region=options.region or settings.region, account=options.account or settings.account)
    stand_ins = StandIns(configuration, place) if place else None
    tasks = planned_tasks(plan, configuration, roles, place, stand_ins)
    needs = needs_of(tasks)
    judged = {role.address: judge(role, needs.get(role.address, ()), stand_ins) for role in roles}
    drifted = {change.address for change in plan.drift}
    changed_tasks = {address for task in tasks if task.change.is_touched for address in task.roles.values()}
    reviewed = [
        one
        for address, one in judged.items()
        if options.include_unchanged
        or one.role.is_touched
        or address in changed_tasks
        or not one.role.addresses.isdisjoint(drifted)
    ]
    return Subject(plan, configuration, reviewed, judged, tasks, needs, place, stand_ins)


def _approved(role: RoleReview, keys: frozenset[str]) -> RoleReview:
    if not keys:
        return role
    rows = [tuple(replace(row, approved=row.key in keys) for row in one) for one in (role.added, role.removed)]
    trust = replace(role.trust, approved=role.trust.key in keys)
    return replace(role, added=rows[0], removed=rows[1], trust=trust)


def _approved_unresolved(found: Iterable[Unresolved], keys: frozenset[str]) -> tuple[Unresolved, ...]:
    keyed = ((one, row_key([one.address, one.attribute, one.because, *filter(None, [one.key])])) for one in found)
    return tuple(replace(one, key=key, approved=key in keys) for one, key in keyed)


def _reasons(
    plan: Plan,
    roles: Sequence[RoleReview],
    unresolved: Mapping[str, Sequence[Unresolved]],
    findings: Iterable[ReviewFinding],
    options: ReviewOptions,
) -> Iterator[str]:
    if options.expect_hash is not None and options.expect_hash.lower() != plan.hash:
        yield f"the plan is not the one expected: its hash is {plan.hash}, expected was {options.expect_hash}"
    if options.fail_on != "never":
        counted = _SEVERITIES[: _SEVERITIES.index(options.fail_on) + 1]
        for severity in counted:
            active = sum(one.severity == severity and one.waived is None for one in findings)
            if active:
                yield f"{active} {severity}{'s' if active > 1 else ''} that nobody has waived"
    for role in roles:
        yield from _wants_approval(role, unresolved[role.address], options.require_approval)


def _wants_approval(role: RoleReview, unresolved: Sequence[Unresolved], required: RequireApproval) -> Iterator[str]:
    if required == "never" or role.verdict in ("no-change", "neutral"):
        return
    for one in unresolved:
        if role.verdict == "unresolved" and not one.approved:
            yield printable(
                f"role {role.name}: {one.address} {one.attribute} cannot be told, which counts as broader;"
                f" {one.key} approves it"
            )
    rows = [*(row for row in role.added if _broadens(row, added=True))]
    rows += [row for row in role.removed if _broadens(row, added=False)]
    if required == "any":
        rows = [*role.added, *role.removed]
    open_ = sum(not row.approved for row in rows)
    if open_:
        yield f"role {role.name}: {open_} grant{'s' if open_ > 1 else ''} without an approval"
    opens = any(change.broadens for change in role.trust.changes) or (role.trust.added and not role.trust.changes)
    if (opens if required == "broadening" else role.trust.changed) and not role.trust.approved:
        yield f"role {role.name}: who may assume it changes without an approval"


def _wants_unseen(unseen: Iterable[Unresolved], required: RequireApproval) -> Iterator[str]:
    for value in unseen:
        if required != "never" and not value.approved:
            yield printable(f"{value.address}: {value.because}; {value.key} approves it")


def _broadens(row: AccessRow, *, added: bool) -> bool:
    return (row.effect == "Allow") is added


def _unresolved(
    subject: Subject, of_roles: Mapping[str, Sequence[Unresolved]], keys: frozenset[str]
) -> list[Unresolved]:
    found = [one for some in of_roles.values() for one in some]
    tasks = [
        task for task in subject.tasks if task.change.is_touched or not of_roles.keys().isdisjoint(task.roles.values())
    ]
    found += _approved_unresolved((one for task in tasks for one in task.unresolved), keys)
    return sorted(dict.fromkeys(found), key=lambda one: (one.address, one.attribute, one.because))


def _notes(plan: Plan, subject: Subject) -> Iterator[str]:
    if plan.is_errored:
        yield "the plan ended with an error: what is below is not all that it would have changed"
    if not plan.is_complete:
        yield "the plan is not complete: further plans will change more"
    external = [one.role.name for one in subject.roles if one.role.change is None]
    for name in external:
        yield f"role {name} is not in this plan: only what the plan attaches to it is seen, not what it has beside"


def _facts(plan: Plan) -> PlanFacts:
    return PlanFacts(
        plan.hash,
        plan.format_version,
        plan.terraform_version,
        plan.is_complete,
        plan.is_errored,
        plan.creates,
        plan.updates,
        plan.deletes,
    )
