"""Part: the rows of an account and region in a report on several accounts, without policies."""

from __future__ import annotations

from taskrole.dataclass import dataclass
from taskrole.finding import Finding
from taskrole.live.audit_model import Replacement, Starts


@dataclass(frozen=True, slots=True)
class TaskRow:
    """A task definition, named FAMILY:REVISION, with the names of its roles, or empty strings."""

    name: str
    arn: str
    services: tuple[str, ...]
    starts: Starts
    execution_role: str
    task_role: str


@dataclass(frozen=True, slots=True)
class NeedRow:
    """A permission that a role of a task definition lacks (`MISSING`) or may lack (`unknown`), and its fields."""

    task: str
    kind: str
    role: str
    status: str
    actions: tuple[str, ...]
    resources: tuple[str, ...]
    why: str
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RoleRow:
    """A role: the kinds it is used as, the number of actions it allows (None: not read), and what no task needs.

    The latter is by action, with the resources on which it is allowed but not needed. `is_complete` is whether all
    needs are known; the needs of an application are not.
    """

    arn: str
    name: str
    kinds: tuple[str, ...]
    tasks: tuple[str, ...]
    services: tuple[str, ...]
    allowed: int | None
    excess: tuple[tuple[str, tuple[str, ...]], ...]
    is_complete: bool
    replacements: tuple[Replacement, ...]


@dataclass(frozen=True, slots=True)
class AccountPart:
    """The audit of an account in a region; `name` is the account's, or empty. `services` is the number of services."""

    account: str
    region: str
    name: str
    partition: str
    clusters: tuple[str, ...]
    services: int
    tasks: tuple[TaskRow, ...]
    needs: tuple[NeedRow, ...]
    roles: tuple[RoleRow, ...]
    findings: tuple[Finding, ...]

    @property
    def key(self) -> tuple[str, str]:
        """Return the account and region, which are unique in a report."""
        return self.account, self.region

    @property
    def counts(self) -> tuple[int, ...]:
        """Return the numbers of services, task definitions, non-starting and unknown ones, needs and unused actions."""
        return (
            self.services,
            len(self.tasks),
            self.starting("no"),
            self.starting("unknown"),
            self.lacking("MISSING"),
            self.excess,
        )

    def starting(self, starts: Starts) -> int:
        """Return the number of task definitions whose tasks start, do not start, or are unknown."""
        return sum(task.starts == starts for task in self.tasks)

    def lacking(self, status: str) -> int:
        """Return the number of needs with a status, MISSING or unknown."""
        return sum(need.status == status for need in self.needs)

    @property
    def excess(self) -> int:
        """Return the number of actions that execution roles allow and no task of this region needs."""
        return sum(len(role.excess) for role in self.roles if role.is_complete)
