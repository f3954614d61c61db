"""The report of an audit: task definitions, roles, and replacements for managed policies of roles."""

from __future__ import annotations

from typing import Literal

from taskrole.arns import Context
from taskrole.check import CheckReport, Excesses, RoleOfTask
from taskrole.dataclass import dataclass
from taskrole.finding import Finding
from taskrole.grant import RoleKind
from taskrole.live.account import Account
from taskrole.policy.documents.statements import Document
from taskrole.taskdef import TaskDocument

Starts = Literal["yes", "no", "unknown"]


@dataclass(frozen=True)
class TaskAudit:
    """A task definition, named FAMILY:REVISION: the services that run it, its roles, and whether its tasks start."""

    name: str
    arn: str
    services: tuple[str, ...]
    roles: tuple[RoleOfTask, ...]
    starts: Starts


@dataclass(frozen=True)
class Replacement:
    """The replacement of an AWS managed policy on an execution role: statements for the role's own policy.

    `allowed` is the number of actions that the managed policy allows; without statements, no task needs any of them.
    """

    policy: str
    allowed: int
    sids: tuple[str, ...]


@dataclass(frozen=True)
class RoleAudit:
    """A role: the task definitions that use it, the kinds of role it is used as, its excess, and policy replacements.

    `exact` is the document that allows exactly what tasks need from it as their execution role; None if that is
    unknown, for the reason in `open`, and for a role that is only a task role.
    """

    arn: str
    name: str
    kinds: tuple[RoleKind, ...]
    tasks: tuple[str, ...]
    services: tuple[str, ...]
    excess: Excesses | None
    exact: Document | None
    open: str
    replacements: tuple[Replacement, ...]


@dataclass(frozen=True)
class Audit:
    """An audit; `report` is the `taskrole check` report on all task definitions, `findings` are additional ones."""

    account: Account
    tasks: tuple[TaskAudit, ...]
    roles: tuple[RoleAudit, ...]
    findings: tuple[Finding, ...]
    report: CheckReport
    documents: tuple[TaskDocument, ...]

    @property
    def context(self) -> Context:
        """The context that was read."""
        return self.account.context

    def count(self, starts: Starts) -> int:
        """Return the number of task definitions whose tasks start, do not start, or may not start."""
        return sum(task.starts == starts for task in self.tasks)

    @property
    def excess(self) -> int:
        """The total number of actions that execution roles allow and no task needs."""
        return sum(role.excess.count for role in self.roles if role.excess and role.excess.is_complete)
