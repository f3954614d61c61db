"""What an audit reports: task definitions, roles, and what is to replace the managed policies of these."""

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
    """One task definition, called FAMILY:REVISION: who runs it, how its roles fit, whether its tasks start."""

    name: str
    arn: str
    services: tuple[str, ...]
    roles: tuple[RoleOfTask, ...]
    starts: Starts


@dataclass(frozen=True)
class Replacement:
    """What takes the place of a managed policy of AWS's on an execution role: these statements of the role's own.

    `allowed` is how many actions the managed policy allows; no statements say that no task needs any of them.
    """

    policy: str
    allowed: int
    sids: tuple[str, ...]


@dataclass(frozen=True)
class RoleAudit:
    """One role: the task definitions that use it, as what, its excess, and what is to take its policies' place.

    `exact` is the document that allows all that tasks need of it as their execution role; None where that is not
    known, with `open` saying why, and for a role that is a task role only.
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
    """All of an audit; `report` is what `taskrole check` says of all task definitions, `findings` what it does not."""

    account: Account
    tasks: tuple[TaskAudit, ...]
    roles: tuple[RoleAudit, ...]
    findings: tuple[Finding, ...]
    report: CheckReport
    documents: tuple[TaskDocument, ...]

    @property
    def context(self) -> Context:
        """Where it was read."""
        return self.account.context

    def count(self, starts: Starts) -> int:
        """Return how many task definitions start, do not, or may not."""
        return sum(task.starts == starts for task in self.tasks)

    @property
    def excess(self) -> int:
        """How many actions execution roles allow that no task needs, in all."""
        return sum(role.excess.count for role in self.roles if role.excess and role.excess.is_complete)
