"""Audit: whether the tasks of an account have the roles they need, and which unused permissions these roles allow.

`taskrole.check` reports missing and unused permissions. This package adds what requires a whole account: roles that do
not exist, that services with different needs share, or that ECS and an application share, and statements that replace
attached managed policies.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from operator import attrgetter
from typing import TypeAlias

from taskrole.arns import Context
from taskrole.check import Assignment, CheckReport, Excesses, RoleOfTask, check_tasks
from taskrole.grant import ROLE_KINDS, Grant, GrantIndex, RoleKind
from taskrole.live.account import Account, is_foreign, named_roles
from taskrole.live.audit_findings import account_findings
from taskrole.live.audit_model import Audit, Replacement, RoleAudit, Starts, TaskAudit
from taskrole.policy.catalogue.actions import expand
from taskrole.policy.catalogue.managed import managed_policy
from taskrole.policy.documents.build import PolicyTextError, PolicyTooLargeError, build_policies
from taskrole.policy.documents.statements import Document, as_list, statements_of
from taskrole.policy.effective_role import EffectiveRole
from taskrole.policy.evaluation.action_counts import effective_actions
from taskrole.sources.declared import configured_role
from taskrole.taskdef import EcsExec, Options, TaskDocument
from taskrole.taskdef.read import parse_document

GONE = "the role does not exist in the account"
FOREIGN = "the role is in another account, which is not read"


def audit(account: Account, options: Options) -> Audit:
    """Return the audit of an account. Raises InputError for invalid options."""
    services = _services_by_task(account)
    documents = tuple(
        parse_document(definition, _title_of(arn)) for arn, definition in account.task_definitions.items()
    )
    arns = {_title_of(arn): arn for arn in account.task_definitions}
    subjects = {
        arn: _subject(arn, account)
        for arn in sorted({arn for document in documents for _, arn in named_roles(document)})
    }
    report = _checked(documents, account, options, subjects)
    tasks = tuple(_task(document, arns[document.file], services, report) for document in documents)
    uses: dict[str, list[_Use]] = {arn: [] for arn in subjects}
    for document in documents:
        for kind, arn in named_roles(document):
            uses[arn].append((document, kind))
    excesses = {(excess.subject.arn, excess.subject.name): excess for excess in reversed(report.excesses)}
    roles = tuple(
        _role(subject, uses[arn], services, report, len(documents), arn, excesses.get((subject.arn, subject.name)))
        for arn, subject in subjects.items()
    )
    findings = account_findings(roles, account, documents, report)
    return Audit(account, tasks, roles, findings, report, documents)


def _title_of(arn: str) -> str:
    """Return FAMILY:REVISION of a task definition's ARN."""
    return arn.rpartition("/")[2]


def _services_by_task(account: Account) -> dict[str, tuple[str, ...]]:
    by_name: dict[str, list[str]] = {}
    for service in account.services:
        for arn in service.task_definitions:
            by_name.setdefault(_title_of(arn), []).append(service.name)
    return {name: tuple(services) for name, services in by_name.items()}


def _subject(arn: str, account: Account) -> EffectiveRole:
    role = account.roles.get(arn)
    if role is not None:
        return configured_role(role, account.context, documents=account.documents)
    why = FOREIGN if is_foreign(arn, account.context) else GONE
    return EffectiveRole(arn.rpartition("/")[2], unknown_policies=(why,), trust_problem=why, arn=arn)


def _checked(
    documents: Sequence[TaskDocument], account: Account, options: Options, subjects: Mapping[str, EffectiveRole]
) -> CheckReport:
    """Return the report of `taskrole check`, with ECS Exec for the tasks of services that enable it."""
    with_exec = {_title_of(arn) for service in account.services if service.exec_on for arn in service.task_definitions}
    executed = replace(options, ecs_exec=options.ecs_exec or EcsExec())
    chosen = [document for document in documents if document.file in with_exec]
    first = _check(chosen, account.context, executed, subjects) if chosen and not options.ecs_exec else None
    if first is None:
        return _check(documents, account.context, options, subjects)
    # The needs of these tasks count for the excess of a role, regardless of other tasks that use it.
    needed = _with_needs(subjects, chosen, first.derivation.grants)
    everything = _check(documents, account.context, options, needed)
    by_file = {(role.file, role.kind): role for role in first.roles}
    roles = tuple(by_file.get((role.file, role.kind), role) for role in everything.roles)
    return replace(everything, roles=roles)


def _check(
    documents: Sequence[TaskDocument], context: Context, options: Options, subjects: Mapping[str, EffectiveRole]
) -> CheckReport:
    assignments = [
        Assignment(document.file, kind, subjects[arn]) for document in documents for kind, arn in named_roles(document)
    ]
    return check_tasks(documents, context, dict.fromkeys(ROLE_KINDS, options), assignments)


def _with_needs(
    subjects: Mapping[str, EffectiveRole], documents: Sequence[TaskDocument], grants: Sequence[Grant]
) -> dict[str, EffectiveRole]:
    by_task = GrantIndex(grants)
    needed: dict[str, list[Grant]] = {arn: [] for arn in subjects}
    for document in documents:
        file = document.file if len(documents) > 1 else ""
        for kind, arn in named_roles(document):
            needed[arn] += by_task.of([(file, kind)])
    return {arn: replace(subject, needed=tuple(needed[arn])) for arn, subject in subjects.items()}


def _task(document: TaskDocument, arn: str, services: Mapping[str, tuple[str, ...]], report: CheckReport) -> TaskAudit:
    roles = report.roles_by_file.get(document.file, ())
    starts = _starts(roles, is_known=not report.errors_of(document.file))
    return TaskAudit(document.file, arn, services.get(document.file, ()), roles, starts)


def _starts(roles: Sequence[RoleOfTask], *, is_known: bool) -> Starts:
    if any(role.subject and GONE in role.subject.unknown_policies for role in roles):
        return "no"
    # ECS does not start a task that needs an execution role and has none.
    if any(role.subject is None and role.kind == "execution" and role.needs for role in roles):
        return "no"
    items = [item for role in roles for item in role.items]
    stopping = [item for item in items if item.failure is not None and item.failure.stops]
    if any(item.status == "MISSING" for item in stopping):
        return "no"
    return "unknown" if any(item.status == "unknown" for item in stopping) or not is_known else "yes"


_Use: TypeAlias = tuple[TaskDocument, RoleKind]


def _role(  # noqa: PLR0913, PLR0917 -- the parts of an audit
    subject: EffectiveRole,
    uses: Sequence[_Use],
    services: Mapping[str, tuple[str, ...]],
    report: CheckReport,
    total: int,
    arn: str,
    excess: Excesses | None,
) -> RoleAudit:
    tasks = tuple(dict.fromkeys(document.file for document, _ in uses))
    kinds = tuple(kind for kind in ROLE_KINDS if any(used == kind for _, used in uses))
    is_known = not subject.unknown_policies or not subject.trust_problem
    exact, open_ = exact_document([document for document, kind in uses if kind == "execution"], total, report)
    users = tuple(dict.fromkeys(service for task in tasks for service in services.get(task, ())))
    replacements = () if exact is None and open_ else tuple(_replacements(subject, exact))
    return RoleAudit(arn, subject.name, kinds, tasks, users, excess if is_known else None, exact, open_, replacements)


def exact_document(documents: Sequence[TaskDocument], total: int, report: CheckReport) -> tuple[Document | None, str]:
    """Return the document that allows what tasks need from their execution role, or why it is unknown.

    `total` is the number of task definitions in the report.
    """
    if not documents:
        return None, "what the application calls is unknown"
    files = dict.fromkeys(document.file if total > 1 else "" for document in documents)
    errors = [error for file in files for error in report.errors_by_file.get(file, ())]
    if errors:
        first = min(errors, key=attrgetter("order"))
        return None, f"{first.file or documents[0].file} {first.source}: {first.message} [{first.code}]"
    grants = report.grants.of((file, "execution") for file in files)
    try:
        policies = build_policies(grants, kind="inline", base_name="grants")
    except (PolicyTooLargeError, PolicyTextError) as error:
        return None, str(error).splitlines()[0]
    if not policies:
        return None, ""
    statements = [statement for policy in policies for statement in statements_of(policy.document)]
    return {**policies[0].document, "Statement": statements}, ""


def _replacements(subject: EffectiveRole, exact: Document | None) -> Iterator[Replacement]:
    """Yield the replacement of each AWS managed policy on an execution role."""
    statements = statements_of(exact) if exact else []
    for policy in subject.policies:
        if policy.kind != "managed" or ":iam::aws:" not in policy.name:
            continue
        known = managed_policy(policy.name)
        allowed = effective_actions([policy.document]).actions
        sids = tuple(str(statement["Sid"]) for statement in statements if _allows_some(allowed, statement))
        yield Replacement(known.name if known else policy.name.rpartition("/")[2], len(allowed), sids)


def _allows_some(allowed: frozenset[str], statement: Mapping[str, object]) -> bool:
    return not allowed.isdisjoint(expand(as_list(statement.get("Action", []))))
