"""The report of a check: the needs that each task's roles allow or lack, and the excess of each role.

Text, summary and exit code use the counts of this module, so that they agree.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Literal

from taskrole.dataclass import dataclass
from taskrole.derived import unseen
from taskrole.finding import Finding, at_least
from taskrole.grant import Condition, GrantIndex, RoleKind
from taskrole.policy.effective_role import EffectiveRole
from taskrole.policy.evaluation.excess import ExcessReport
from taskrole.taskdef import Derivation
from taskrole.taskdef.failures import Failure

if TYPE_CHECKING:
    # Imported late: needed for recorded calls only.
    from taskrole.check.replay import Replay, ReplayEvidence

Status = Literal["OK", "MISSING", "unknown"]

STATUSES: tuple[Status, ...] = ("OK", "MISSING", "unknown")


@dataclass(frozen=True)
class Assignment:
    """The role assigned to a task definition, by its file, as the execution or task role."""

    file: str
    kind: RoleKind
    subject: EffectiveRole


@dataclass(frozen=True)
class CheckedItem:
    """What a task needs, or may need, of a role: actions on a resource, whether the role allows them, and the cause.

    The rule of the trust policy is TRUST, without actions and resources. Several `resources` are the possible ARNs of
    one resource. `sources` are the fields that need it. `failure` is the error that users see if the permission is
    missing.
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
    """One role of one task definition; `subject` is None if it is not given.

    `needs` is the number of its grants; `is_named` is True if the task definition names a role of this kind.
    """

    file: str
    family: str
    kind: RoleKind
    subject: EffectiveRole | None
    items: tuple[CheckedItem, ...] = ()
    needs: int = 0
    is_named: bool = True

    def count(self, status: Status) -> int:
        """Return the number of items with a status."""
        return sum(item.status == status for item in self.items)


@dataclass(frozen=True)
class Excesses:
    """What a role allows and none of its tasks needs; `allowed` is the number of all actions that it allows.

    `misplaced` are actions that the other role of a task lacks; they are reported there. `errors` is the number of
    errors in the task definitions: with any, not all needs are known, and no excess is reported.
    """

    subject: EffectiveRole
    kinds: tuple[RoleKind, ...]
    report: ExcessReport
    allowed: int
    misplaced: tuple[str, ...] = ()
    errors: int = 0

    @property
    def is_complete(self) -> bool:
        """Whether all needs of the role are known; those of an application, and so of a task role, are not."""
        return "task" not in self.kinds

    @property
    def not_counted(self) -> tuple[str, ...]:
        """A clause for each unknown part of the role that may allow more, or deny part of the excess."""
        boundary = self.subject.boundary_problem
        limit = (f"the permissions boundary: {boundary}",) if boundary else ()
        return (*self.report.unresolved, *self.subject.unknown_policies, *limit)

    @property
    def count(self) -> int:
        """The number of actions in excess."""
        return len(self.report.excess)


@dataclass(frozen=True)
class CheckReport:
    """The result of a check: the roles of each task definition, the excess of each role, and the derived needs.

    `replays` are the recorded calls of each role, if recordings are given; `evidence` describes those recordings.
    """

    derivation: Derivation
    roles: tuple[RoleOfTask, ...]
    excesses: tuple[Excesses, ...]
    replays: tuple[Replay, ...] = ()
    evidence: ReplayEvidence | None = None

    def count(self, status: Status) -> int:
        """Return the number of needs with a status; unknown includes `unseen` needs and excess that was not counted."""
        items = sum(role.count(status) for role in self.roles)
        if status != "unknown":
            return items
        return items + len(self.unseen) + sum(len(excesses.not_counted) for excesses in self.excesses)

    @cached_property
    def roles_by_file(self) -> Mapping[str, tuple[RoleOfTask, ...]]:
        """The roles of each task definition, by its file."""
        roles: dict[str, list[RoleOfTask]] = {}
        for role in self.roles:
            roles.setdefault(role.file, []).append(role)
        return {file: tuple(some) for file, some in roles.items()}

    @cached_property
    def grants(self) -> GrantIndex:
        """The derived needs, by task definition and role."""
        return GrantIndex(self.derivation.grants)

    @cached_property
    def errors(self) -> tuple[Finding, ...]:
        """The errors in the task definitions: the needs of these fields are unknown."""
        return at_least(self.derivation.findings, "error")

    def errors_of(self, file: str) -> list[Finding]:
        """Return the errors in a task definition; one on no file is on each."""
        return [*self.errors_by_file.get("", ()), *self.errors_by_file.get(file, ())]

    @cached_property
    def errors_by_file(self) -> Mapping[str, list[Finding]]:
        """The errors in the task definitions by file, which is empty if there is only one."""
        errors: dict[str, list[Finding]] = {}
        for error in self.errors:
            errors.setdefault(error.file, []).append(error)
        return errors

    @cached_property
    def unseen(self) -> tuple[Finding, ...]:
        """The findings on needs that the task definitions do not contain."""
        return unseen(self.derivation.findings)

    @cached_property
    def failing(self) -> frozenset[str]:
        """The files of the task definitions that would fail to start."""
        return self._files_of("MISSING")

    @cached_property
    def doubtful(self) -> frozenset[str]:
        """The files of the task definitions that may fail to start."""
        files = {role.file for role in self.roles}
        wrong = {file for file in files if self.errors_of(file)}
        return frozenset(self._files_of("unknown") | wrong) - self.failing

    def _files_of(self, status: Status) -> frozenset[str]:
        return frozenset(
            role.file
            for role in self.roles
            for item in role.items
            if item.status == status and item.failure is not None and item.failure.stops
        )

    @property
    def denied_calls(self) -> int:
        """The number of recorded calls that would be denied."""
        return sum(replay.count("denied") for replay in self.replays)

    @property
    def unknown_calls(self) -> int:
        """The number of recorded calls that may be denied."""
        return sum(replay.count("unknown") for replay in self.replays)

    @property
    def most_excess(self) -> int:
        """The largest excess of a role whose needs are all known; 0 without one."""
        return max((excesses.count for excesses in self.excesses if excesses.is_complete), default=0)
