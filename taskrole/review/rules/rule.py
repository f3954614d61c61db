"""A rule of the review, and what rules are asked about."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from taskrole.arns import Context
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
    """One rule, as docs/review-rules.md shows it: what is wrong, why that matters, and what to do."""

    id: str
    severity: Severity
    title: str
    why: str
    fix: str
    doc: str

    def finding(  # noqa: PLR0913 -- what a finding is made of
        self,
        address: str,
        message: str,
        *,
        actions: Sequence[str] = (),
        resources: Sequence[str] = (),
        fix: str = "",
        policy: Attached | None = None,
    ) -> Finding:
        """Return a finding of this rule; about a sensitive policy it says nothing of what stands in it."""
        if policy is not None and policy.is_hidden:
            message, actions, resources, fix = f"{self.title}; the policy is sensitive, its text masked", (), (), ""
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
class Subject:
    """What a review is about. `roles` are those that findings are wanted for, by address in `all_roles`."""

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
        """What task definitions need of the roles that findings are wanted for, and whether these allow it."""
        return tuple(cover_needs(self.roles, self.needs, self.symbolic_arns))

    def users(self, address: str, kind: RoleKind | None = None) -> list[PlannedTask]:
        """Return the task definitions that use a role, as one kind or as any."""
        return [task for task, kinds in self._users.get(address, ()) if kind is None or kind in kinds]

    @cached_property
    def _users(self) -> Mapping[str, Sequence[tuple[PlannedTask, frozenset[RoleKind]]]]:
        """The task definitions by the addresses of their roles, each with the kinds that it uses the role as."""
        users: dict[str, list[tuple[PlannedTask, frozenset[RoleKind]]]] = {}
        for task in self.tasks:
            kinds: dict[str, set[RoleKind]] = {}
            for kind, address in task.roles.items():
                kinds.setdefault(address, set()).add(kind)
            for address, some in kinds.items():
                users.setdefault(address, []).append((task, frozenset(some)))
        return users


Check = Callable[[Subject], Iterator[Finding]]
