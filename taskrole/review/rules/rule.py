"""A review rule, and the plan that rules check."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

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
from taskrole.review.assessment import Assessment, Users
from taskrole.review.need_coverage import NeedCoverage
from taskrole.review.verdict import Judged, Need
from taskrole.rule import Rule

IAM = "https://docs.aws.amazon.com/IAM/latest/UserGuide"
ECS_GUIDE = "https://docs.aws.amazon.com/AmazonECS/latest/developerguide"


class ReviewRule(Rule):
    """A rule for plans. Findings use the rule's fix unless they have their own, and hide sensitive values."""

    def __init__(  # noqa: PLR0913, PLR0917 -- the parts of a rule
        self, name: str, severity: Severity, title: str, why: str, fix: str, doc: str
    ) -> None:
        super().__init__(name, severity, title, "a plan", doc, why=why, fix=fix)

    def finding(  # noqa: PLR0913 -- the parts of a finding
        self,
        source: str,
        message: str,
        *,
        severity: Severity | None = None,
        fix: str = "",
        actions: Sequence[str] = (),
        resources: Sequence[str] = (),
        key: tuple[str, ...] | None = None,
        policy: Attached | None = None,
    ) -> Finding:
        """Return a finding about the resource with an address; its message reveals nothing of a sensitive policy."""
        if policy is not None and policy.is_hidden:
            message, actions, resources, fix = f"{self.title}; the policy is sensitive and masked", (), (), ""
        return super().finding(
            source,
            printable(message),
            severity=severity,
            fix=printable(fix or self.fix),
            actions=tuple(map(printable, actions)),
            resources=tuple(map(printable, resources)),
            key=key,
        )


@dataclass(frozen=True)
class ReviewedPlan:
    """The plan under review. `roles` are the roles to report on, `all_roles` all roles of the plan by address.

    `assessments` and `task_users` are by the address of the role as well.
    """

    plan: Plan
    configuration: Configuration
    roles: Sequence[Judged]
    all_roles: Mapping[str, Judged]
    assessments: Mapping[str, Assessment]
    tasks: Sequence[PlannedTask]
    task_users: Mapping[str, Users]
    needs: Mapping[str, Sequence[Need]]
    symbolic_arns: SymbolicArns
    place: Context | None = None

    @property
    def covered_needs(self) -> Iterator[NeedCoverage]:
        """The needs of task definitions of the roles to report on, and whether the roles allow them."""
        return (covered for judged in self.roles for covered in self.assessments[judged.role.address].covered)

    def users(self, address: str, kind: RoleKind | None = None) -> list[PlannedTask]:
        """Return the task definitions that use a role as a role of this kind, or of any kind."""
        return [task for task, kinds in self.task_users.get(address, ()) if kind is None or kind in kinds]


Check = Callable[[ReviewedPlan], Iterator[Finding]]
