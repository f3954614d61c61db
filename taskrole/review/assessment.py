"""The assessment of one role in a review: its permissions before and after, and whether its tasks' needs are met."""

from __future__ import annotations

from collections.abc import Sequence

from taskrole.dataclass import dataclass
from taskrole.finding import Finding
from taskrole.grant import RoleKind
from taskrole.plan.model import Unresolved
from taskrole.plan.planned_task import PlannedTask
from taskrole.plan.role_policies import Attached
from taskrole.plan.roles import PlannedRole
from taskrole.policy.evaluation.excess import Excess
from taskrole.review.causes import Cause
from taskrole.review.need_coverage import NeedCoverage
from taskrole.review.task_use import TaskUse
from taskrole.review.verdict import Judged, Need


@dataclass(frozen=True)
class Assessment:
    """What a review says about one role.

    `findings` are about its own policies. `covered` are the needs of its tasks, `possible` what they may need and the
    role does not allow, `unneeded` what an execution role allows beyond the needs. For a role that is not reported on,
    they are empty.
    """

    judged: Judged
    findings: tuple[Finding, ...] = ()
    covered: tuple[NeedCoverage, ...] = ()
    possible: tuple[Unresolved, ...] = ()
    unneeded: tuple[Excess, ...] = ()


# The task definitions that use a role, each with the kinds of role it uses the role as.
Users = Sequence[tuple[PlannedTask, frozenset[RoleKind]]]


@dataclass(frozen=True)
class AssessedRole:
    """A role and the input of its assessment: its use, its users, the needs of their tasks, and the declared causes.

    `identity` is the role's in the keys of approvals. `policies` are the policies to check with this role: its own,
    without those that are checked with another role.
    """

    role: PlannedRole
    identity: tuple[str, str]
    use: TaskUse
    users: Users
    needs: Sequence[Need]
    declared: Sequence[Cause]
    policies: Sequence[Attached]
    is_reported: bool
