"""The audit findings on roles: missing, in another account, or shared by families or by ECS and an application."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from taskrole.check import CheckReport
from taskrole.finding import Finding
from taskrole.grant import RoleKind
from taskrole.live.account import Account, is_foreign, named_roles
from taskrole.live.audit_model import RoleAudit
from taskrole.live.rules import AUDIT_BOTH, AUDIT_FOREIGN, AUDIT_GONE, AUDIT_SHARED
from taskrole.taskdef import TaskDocument


def account_findings(
    roles: Sequence[RoleAudit], account: Account, documents: Sequence[TaskDocument], report: CheckReport
) -> tuple[Finding, ...]:
    """Return the findings on roles: AUDIT-GONE, AUDIT-FOREIGN, AUDIT-SHARED and AUDIT-BOTH, in this order."""
    return (*_gone(roles, account), *_shared(roles, report), *_both(roles, documents))


def _gone(roles: Sequence[RoleAudit], account: Account) -> Iterator[Finding]:
    for role in roles:
        if role.arn in account.roles:
            continue
        used = f"is the {' and '.join(role.kinds)} role of {_some(role.tasks)}"
        if is_foreign(role.arn, account.context):
            message = f"{used} and is in another account; ECS assumes only roles of the task's account"
            yield AUDIT_FOREIGN.finding(f"role {role.arn}", message)
        else:
            message = f"{used} and does not exist; these tasks do not start"
            yield AUDIT_GONE.finding(f"role {role.arn}", message)


def _shared(roles: Sequence[RoleAudit], report: CheckReport) -> Iterator[Finding]:
    """Yield a finding for each role that families with different needs share."""
    needs: dict[tuple[str, RoleKind], set[tuple[str, ...]]] = {}
    for grant in report.derivation.grants:
        pairs = needs.setdefault((grant.file, grant.role), set())
        pairs |= {(action, resource) for action in grant.actions for resource in grant.resources}
    for role in roles:
        for kind in role.kinds:
            families: dict[str, set[tuple[str, ...]]] = {}
            for task in role.tasks:
                families.setdefault(task.rpartition(":")[0], set()).update(needs.get((task, kind), set()))
            different = {frozenset(family) for family in families.values()}
            if len(families) > 1 and len(different) > 1:
                message = (
                    f"is the {kind} role of {len(families)} families with {len(different)} different needs "
                    f"({_some(sorted(families))}); each is allowed what the others need; use a role for each"
                )
                yield AUDIT_SHARED.finding(f"role {role.name}", message)


def _both(roles: Sequence[RoleAudit], documents: Sequence[TaskDocument]) -> Iterator[Finding]:
    by_task_role: dict[str, list[str]] = {}
    for document in documents:
        for kind, arn in named_roles(document):
            if kind == "task":
                by_task_role.setdefault(arn, []).append(document.file)
    for role in roles:
        if len(role.kinds) > 1:
            of_task = by_task_role[role.arn]
            message = (
                f"is an execution role, and the task role of {_some(of_task)}: the application in the containers is "
                "allowed what ECS is, such as to read all secrets of the tasks; use a separate task role"
            )
            yield AUDIT_BOTH.finding(f"role {role.name}", message)


def _some(names: Sequence[str]) -> str:
    more = len(names) - 3
    return ", ".join(names[:3]) + (f" and {more} more" if more > 0 else "")
