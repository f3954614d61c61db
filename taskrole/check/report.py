"""The report of a check: the needs that each task's roles allow or lack, and the excess of each role.

The text, the summary and the exit code all use the counts of this module, so that they agree.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Literal

from taskrole.dataclass import dataclass
from taskrole.derived import unseen
from taskrole.finding import Finding, at_least
from taskrole.grant import Condition, RoleKind
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
    """A role given to one task definition, by its file, as its execution or its task role."""

    file: str
    kind: RoleKind
    subject: EffectiveRole


@dataclass(frozen=True)
class CheckedItem:
    """What a task needs of its role, or may need: actions on a resource, whether the role allows them, and the cause.

    The rule of trust is TRUST, without actions and resources. Several `resources` are the forms that the ARN of one
    resource may have. `sources` are the fields that need it. `failure` is what a user sees where the permission is
    missing, or may be.
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
    """One role of one task definition; `subject` is None where none was given.

    `needs` is the number of its grants; `is_named` is true if the task definition names a role of this kind.
    """

    file: str
    family: str
    kind: RoleKind
    subject: EffectiveRole | None
    items: tuple[CheckedItem, ...] = ()
    needs: int = 0
    is_named: bool = True

    def count(self, status: Status) -> int:
        """Return how many items have a status."""
        return sum(item.status == status for item in self.items)


@dataclass(frozen=True)
class Excesses:
    """What a role allows and none of its tasks needs; `allowed` is the number of actions that it allows in total.

    `is_complete` is false for a task role: what the application calls is not known here. `misplaced` are actions that
    the other role of a task lacks: they are reported there. `errors` is the number of errors in the task definitions:
    with any, their needs are not all known, and no excess is reported.
    """

    subject: EffectiveRole
    kinds: tuple[RoleKind, ...]
    found: ExcessReport
    allowed: int
    misplaced: tuple[str, ...] = ()
    errors: int = 0

    @property
    def is_complete(self) -> bool:
        """Whether all needs of the role are known."""
        return "task" not in self.kinds

    @property
    def not_counted(self) -> tuple[str, ...]:
        """A clause for each unknown part of the role that may allow more, or deny some of the excess."""
        boundary = self.subject.boundary_problem
        limit = (f"what the permissions boundary forbids: {boundary}",) if boundary else ()
        return (*self.found.unresolved, *self.subject.unknown_policies, *limit)

    @property
    def count(self) -> int:
        """How many actions are in excess."""
        return len(self.found.excess)


@dataclass(frozen=True)
class CheckReport:
    """The result of a check: the roles of each task definition, the excess of each role, and the derived needs.

    `replays` are the recorded calls of each role, where recordings were given; `evidence` describes those recordings.
    """

    derivation: Derivation
    roles: tuple[RoleOfTask, ...]
    excesses: tuple[Excesses, ...]
    replays: tuple[Replay, ...] = ()
    evidence: ReplayEvidence | None = None

    def count(self, status: Status) -> int:
        """Return how many needs have a status; unknown includes `unseen` needs and excess that was not counted."""
        items = sum(role.count(status) for role in self.roles)
        if status != "unknown":
            return items
        return items + len(self.unseen) + sum(len(excesses.not_counted) for excesses in self.excesses)

    @cached_property
    def errors(self) -> tuple[Finding, ...]:
        """The errors in the task definitions: the needs of these fields are not known."""
        return at_least(self.derivation.findings, "error")

    @cached_property
    def unseen(self) -> tuple[Finding, ...]:
        """The findings about needs that the task definitions do not show."""
        return unseen(self.derivation.findings)

    @cached_property
    def failing(self) -> frozenset[str]:
        """The files of the task definitions that would fail to start."""
        return self._files_of("MISSING")

    @cached_property
    def doubtful(self) -> frozenset[str]:
        """The files of the task definitions that may fail to start."""
        files = {role.file for role in self.roles}
        # The file of a finding is empty where there is only one.
        wrong = {file for file in files if any(error.file in ("", file) for error in self.errors)}
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
        """How many recorded calls would be denied."""
        return sum(replay.count("denied") for replay in self.replays)

    @property
    def unknown_calls(self) -> int:
        """How many recorded calls may or may not be allowed."""
        return sum(replay.count("unknown") for replay in self.replays)

    @property
    def most_excess(self) -> int:
        """The largest excess of a role all of whose needs are known; 0 without one."""
        return max((excesses.count for excesses in self.excesses if excesses.is_complete), default=0)
