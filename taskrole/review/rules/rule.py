"""A rule of the review, and the plan that rules check."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property

from taskrole.arns import Context
from taskrole.dataclass import dataclass
from taskrole.errors import printable
from taskrole.finding import Finding, Severity
from taskrole.grant import RoleKind
from taskrole.plan.configuration import Configuration
from taskrole.plan.model import Plan
from taskrole.plan.planned_task import PlannedTask
from taskrole.plan.role_policies import Attached
from taskrole.plan.symbolic_arns import SymbolicArns
from taskrole.review.need_coverage import NeedCoverage, cover_needs
from taskrole.review.verdict import Judged, Need

IAM = "https://docs.aws.amazon.com/IAM/latest/UserGuide"
ECS_GUIDE = "https://docs.aws.amazon.com/AmazonECS/latest/developerguide"


@dataclass(frozen=True)
class ReviewRule:
    """A rule, as documented in docs/review-rules.md: what is wrong, why it matters, and the fix."""

    id: str
    severity: Severity
    title: str
    why: str
    fix: str
    doc: str

    def finding(  # noqa: PLR0913 -- the parts of a finding
        self,
        address: str,
        message: str,
        *,
        actions: Sequence[str] = (),
        resources: Sequence[str] = (),
        fix: str = "",
        policy: Attached | None = None,
    ) -> Finding:
        """Return a finding of this rule; its message reveals nothing of a sensitive policy."""
        if policy is not None and policy.is_hidden:
            message, actions, resources, fix = f"{self.title}; the policy is sensitive and masked", (), (), ""
        return Finding(
            self.id,
            self.severity,
            address,
            printable(message),
            fix=printable(fix or self.fix),
            actions=tuple(map(printable, actions)),
            resources=tuple(map(printable, resources)),
        )


@dataclass(frozen=True)
class ReviewedPlan:
    """The plan under review. `roles` are the roles to report on, `all_roles` all roles of the plan by address."""

    plan: Plan
    configuration: Configuration
    roles: Sequence[Judged]
    all_roles: Mapping[str, Judged]
    tasks: Sequence[PlannedTask]
    needs: Mapping[str, Sequence[Need]]
    place: Context | None = None
    symbolic_arns: SymbolicArns | None = None

    @cached_property
    def covered_needs(self) -> tuple[NeedCoverage, ...]:
        """The needs of task definitions of the roles to report on, and whether the roles allow them."""
        return tuple(cover_needs(self.roles, self.needs, self.symbolic_arns))

    def users(self, address: str, kind: RoleKind | None = None) -> list[PlannedTask]:
        """Return the task definitions that use a role, as a role of this kind or of any."""
        return [task for task, kinds in self._users.get(address, ()) if kind is None or kind in kinds]

    @cached_property
    def _users(self) -> Mapping[str, Sequence[tuple[PlannedTask, frozenset[RoleKind]]]]:
        """The task definitions by the addresses of their roles, each with the kinds of role."""
        users: dict[str, list[tuple[PlannedTask, frozenset[RoleKind]]]] = {}
        for task in self.tasks:
            kinds: dict[str, set[RoleKind]] = {}
            for kind, address in task.roles.items():
                kinds.setdefault(address, set()).add(kind)
            for address, some in kinds.items():
                users.setdefault(address, []).append((task, frozenset(some)))
        return users


Check = Callable[[ReviewedPlan], Iterator[Finding]]
