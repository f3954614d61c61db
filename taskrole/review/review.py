"""The review of a plan: from its JSON to the report that all formats are rendered from."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import field, replace
from io import BytesIO
from itertools import chain
from pathlib import Path
from typing import BinaryIO, Literal

from taskrole.arns import Context
from taskrole.dataclass import dataclass
from taskrole.finding import SEVERITIES, Finding
from taskrole.plan.accounting import classify
from taskrole.plan.configuration import Configuration
from taskrole.plan.infer_context import Places
from taskrole.plan.known_parts import KnownParts
from taskrole.plan.model import Plan, Unresolved
from taskrole.plan.reader import read_plan
from taskrole.plan.roles import planned_roles
from taskrole.plan.symbolic_arns import SymbolicArns
from taskrole.policy.catalogue.actions import database_date
from taskrole.policy.comparison.compare import Verdict
from taskrole.policy.comparison.reading import documents_cached
from taskrole.reading import open_named
from taskrole.review.approvals import (
    RequireApproval,
    approved_changes,
    approved_of,
    approved_role,
    change_reasons,
    role_reasons,
    unseen_reasons,
)
from taskrole.review.assess_roles import assess_roles, users_by_role
from taskrole.review.assessment import AssessedRole
from taskrole.review.causes import Cause
from taskrole.review.drift import drifts
from taskrole.review.explained import explained
from taskrole.review.keys import policies_with_keys, role_identity, unresolved_with_keys
from taskrole.review.need_coverage import unresolved_needs
from taskrole.review.policies import policy_reviews, unresolved_policies
from taskrole.review.report import PlanFacts, PolicyReview, Report, RoleReview
from taskrole.review.rules import ReviewedPlan, check
from taskrole.review.rules.own_policies import own_policies
from taskrole.review.settings import ReviewSettings
from taskrole.review.settings_use import settings_use
from taskrole.review.source import located, locator, source_expressions
from taskrole.review.task_use import task_uses
from taskrole.review.tasks_of_plan import notes_on_keys, tasks_of
from taskrole.review.touched import mark_touched
from taskrole.review.verdict import Judged, needs_of, worst
from taskrole.review.workloads import review_workloads, unresolved_workloads

FailOn = Literal["error", "warning", "note", "never"]


@dataclass(frozen=True)
class ReviewOptions:
    """The options of a review. `today` is the date to compare expiry dates with.

    `source` is the configuration, for the locations of findings; `stack` is the stack of the plan in it.
    `kms_keys` are the keys of secrets and parameters by name; they take precedence over those of the settings.
    """

    fail_on: FailOn = "error"
    require_approval: RequireApproval = "never"
    expect_hash: str | None = None
    region: str | None = None
    account: str | None = None
    include_unchanged: bool = False
    source: Path | None = None
    stack: str = ""
    kms_keys: Mapping[str, str] = field(default_factory=dict)
    today: datetime.date = field(default_factory=lambda: datetime.datetime.now(tz=datetime.timezone.utc).date())


def review(
    source: bytes | Path | BinaryIO,
    settings: ReviewSettings | None = None,
    options: ReviewOptions | None = None,
    *,
    file: str = "plan",
) -> Report:
    """Return the review of a plan in JSON: its bytes, its path, or a stream of it.

    Raises InputError unless it is a plan of format version 1.x; `file` is its name in messages, unless it has a path.
    """
    settings, options = settings or ReviewSettings(), options or ReviewOptions()
    if isinstance(source, Path):
        with open_named(source) as opened:
            plan = read_plan(opened, str(source))
    else:
        plan = read_plan(BytesIO(source) if isinstance(source, bytes) else source, file)
    with documents_cached():
        return _review(plan, settings, options)


def _review(plan: Plan, settings: ReviewSettings, options: ReviewOptions) -> Report:
    kms_keys = {**settings.kms_keys, **options.kms_keys}
    reviewed = _reviewed_plan(plan, options, settings, kms_keys)
    raised = mark_touched([*check(reviewed), *settings.assertion_findings(reviewed)], reviewed)
    applied = settings.applied(raised, options.today)
    findings = list(applied.findings)
    if options.source is not None:
        planned = [judged.role for judged in reviewed.all_roles.values()]
        findings = located(findings, locator(options.source, options.stack, reviewed.configuration, planned))
    keys = settings.approved_keys(options.today)
    known = KnownParts(reviewed.configuration)
    roles = tuple(approved_role(judged.review, keys) for judged in reviewed.roles)
    unresolved = {
        judged.role.address: approved_changes(_unresolved(judged, known, reviewed.place), keys)
        for judged in reviewed.roles
    }
    workloads = review_workloads(plan, reviewed.configuration, [judged.role for judged in reviewed.all_roles.values()])
    moved = approved_changes(workloads.reviews, keys)
    accounting, not_reviewed, unseen = classify(plan, reviewed.configuration, explained(reviewed, workloads, findings))
    unseen, of_tasks = (
        approved_changes(unresolved_with_keys(some, known), keys) for some in (unseen, _of_tasks(reviewed))
    )
    policies = approved_changes(policies_with_keys(policy_reviews(reviewed), known), keys)
    of_changes = (*unresolved_policies(policies), *unresolved_workloads(moved))
    reasons = (
        *_reasons(plan, roles, unresolved, findings, options),
        *change_reasons(policies, moved, options.require_approval),
        *unseen_reasons(unseen, options.require_approval),
    )
    report = Report(
        "unresolved" if unseen else worst([*_verdicts(roles, policies), *(workload.verdict for workload in moved)]),
        bool(reasons),
        reasons,
        _facts(plan),
        roles,
        tuple(findings),
        _sorted([*chain(*unresolved.values()), *unseen, *of_tasks, *of_changes]),
        (*_notes(plan, reviewed), *notes_on_keys(kms_keys, reviewed.tasks)),
        database_date(),
        drifts(plan, {address: judged.role for address, judged in reviewed.all_roles.items()}),
        policies=policies,
        workloads=moved,
        not_reviewed=not_reviewed,
        accounting=accounting,
    )
    return replace(report, settings=settings_use(settings, applied, approved_of(report), options.today))


def _reviewed_plan(
    plan: Plan, options: ReviewOptions, settings: ReviewSettings, kms_keys: Mapping[str, str]
) -> ReviewedPlan:
    configuration = Configuration(plan)
    if options.source is not None:
        configuration = replace(configuration, source=source_expressions(options.source, configuration))
    roles = planned_roles(plan, configuration)
    places = Places(configuration, options.region or settings.region, options.account or settings.account)
    symbolic_arns = SymbolicArns(configuration, places)
    tasks = tasks_of(plan, roles, symbolic_arns, kms_keys)
    needs = needs_of(tasks)
    declared: Mapping[str, Sequence[Cause]] = {}
    if options.source is not None and options.source.is_file():
        # Imported late: a folder of Terraform needs no roles.yaml.
        from taskrole.review.declared import declared_causes

        declared = declared_causes(options.source, options.stack, roles)
    changed_tasks = {address for task in tasks if task.change.is_touched for address in task.roles.values()}
    drifted = {change.address for change in plan.drift}
    reported = {
        role.address
        for role in roles
        if options.include_unchanged
        or role.is_touched
        or role.address in changed_tasks
        or not role.addresses.isdisjoint(drifted)
    }
    users = users_by_role(tasks)
    uses = task_uses(roles, tasks, plan)
    policies = own_policies(role for role in roles if role.address in reported)
    known = KnownParts(configuration)
    assessed = [
        AssessedRole(
            role,
            role_identity(role, known, places.whole),
            uses[role.address],
            users.get(role.address, ()),
            needs.get(role.address, ()),
            declared.get(role.address, ()),
            policies.get(role.address, ()),
            role.address in reported,
        )
        for role in roles
    ]
    assessments = assess_roles(assessed, symbolic_arns, places.whole)
    all_roles = {address: assessment.judged for address, assessment in assessments.items()}
    to_report = [judged for address, judged in all_roles.items() if address in reported]
    return ReviewedPlan(
        plan, configuration, to_report, all_roles, assessments, tasks, users, needs, symbolic_arns, places.whole
    )


def _verdicts(roles: Iterable[RoleReview], policies: Iterable[PolicyReview]) -> Iterator[Verdict]:
    yield from (role.verdict for role in roles)
    yield from (policy.verdict for policy in policies if policy.counts)


def _reasons(
    plan: Plan,
    roles: Sequence[RoleReview],
    unresolved: Mapping[str, Sequence[Unresolved]],
    findings: Iterable[Finding],
    options: ReviewOptions,
) -> Iterator[str]:
    if options.expect_hash is not None and options.expect_hash.lower() != plan.hash:
        yield f"the hash of the plan is {plan.hash}; expected {options.expect_hash}"
    if options.fail_on != "never":
        counted = SEVERITIES[: SEVERITIES.index(options.fail_on) + 1]
        for severity in counted:
            active = sum(finding.severity == severity and _blocks(finding, options) for finding in findings)
            if active:
                yield f"{active} unwaived {severity}{'s' if active > 1 else ''}"
    for role in roles:
        yield from role_reasons(role, unresolved[role.address], options.require_approval)


def _blocks(finding: Finding, options: ReviewOptions) -> bool:
    return finding.waived is None and (finding.touched or options.include_unchanged)


def _unresolved(judged: Judged, known: KnownParts, place: Context | None) -> tuple[Unresolved, ...]:
    if not judged.unresolved:
        return ()
    return unresolved_with_keys(judged.unresolved, known, role_identity(judged.role, known, place))


def _of_tasks(reviewed: ReviewedPlan) -> Iterator[Unresolved]:
    addresses = {judged.role.address for judged in reviewed.roles}
    for task in reviewed.tasks:
        if task.change.is_touched or not addresses.isdisjoint(task.roles.values()):
            yield from task.unresolved
    yield from unresolved_needs(reviewed.covered_needs, reviewed.symbolic_arns)
    for judged in reviewed.roles:
        yield from reviewed.assessments[judged.role.address].possible


def _sorted(unresolved: Iterable[Unresolved]) -> tuple[Unresolved, ...]:
    return tuple(
        sorted(dict.fromkeys(unresolved), key=lambda item: (item.address, item.attribute, item.because, item.key))
    )


def _notes(plan: Plan, reviewed: ReviewedPlan) -> Iterator[str]:
    if plan.is_errored:
        yield "the plan ended with an error: this report does not show all of its changes"
    if not plan.is_complete:
        yield "the plan is not complete: further plans will make more changes"
    external = [judged.role.name for judged in reviewed.roles if judged.role.change is None and judged.role.is_known]
    for name in external:
        yield f"role {name} is not in this plan: only the policies that the plan attaches to it are reviewed"


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
