"""The gained and lost grants of a review, the worst first."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Literal, TypeAlias

from taskrole.dataclass import dataclass
from taskrole.finding import Finding
from taskrole.plan.model import MASK
from taskrole.policy.catalogue.access_levels import ACCESS_LEVELS
from taskrole.policy.comparison.boundary import FORBIDDEN
from taskrole.policy.comparison.compare import Verdict
from taskrole.review.report import AccessRow, PolicyReview, Report, RoleReview, WorkloadReview
from taskrole.review.rows import grant_text, listed
from taskrole.review.task_use import not_needed

Sign = Literal["+", "-"]
# A role, policy or workload that gains and loses grants.
Holder: TypeAlias = RoleReview | PolicyReview | WorkloadReview

QUIET: tuple[Verdict, ...] = ("no-change", "neutral")


@dataclass(frozen=True)
class AccessChange:
    """A grant that is gained or lost, with its holder. `broadens` is whether it allows more."""

    sign: Sign
    role: Holder
    row: AccessRow

    @property
    def broadens(self) -> bool:
        """Whether a permission is gained or a denial is lost."""
        return (self.sign == "+") == (self.row.effect == "Allow")

    @property
    def makes_administrator(self) -> bool:
        """Whether every action on every resource is gained."""
        is_permission = self.row.effect == "Allow" and self.row.origin == "policy"
        return self.sign == "+" and is_permission and self.row.is_everything

    @property
    def level(self) -> str:
        """The access level, with a note if the row is not a permission that the role can use."""
        boundary = "Permissions boundary: " if self.row.origin == "boundary" else ""
        forbidden = FORBIDDEN if self.row.forbidden else ""
        return f"{boundary}{'Deny ' if self.row.effect == 'Deny' else ''}{self.row.access_level}{forbidden}"

    @property
    def key(self) -> str:
        """The key for an approval, if the change needs one: a policy or workload is approved as a whole."""
        return self.row.key if self.broadens and isinstance(self.role, RoleReview) else ""

    @property
    def why(self) -> str:
        """Why the grant is needed or, for a gained permission, that no task needs it or why that is unknown."""
        if self.row.because or not isinstance(self.role, RoleReview) or not self.role.is_known:
            return self.row.because
        is_new = self.sign == "+" and self.row.effect == "Allow" and self.row.origin == "policy"
        is_shown = is_new and self.row.actions != (MASK,)
        return not_needed(self.role.used_as, self.role.needs_unknown, "it") if is_shown else ""


@dataclass(frozen=True)
class Group:
    """The gains and losses of a role, policy or workload, the worst first."""

    holder: Holder
    changes: tuple[AccessChange, ...]

    @property
    def title(self) -> str:
        """The name, or the address if there is none."""
        return self.holder.name or self.holder.address


def access_groups(report: Report) -> list[Group]:
    """Return the known roles that gain or lose grants or whose access is unknown, the worst role first."""
    return _groups(role for role in report.roles if role.is_known)


def unknown_role_groups(report: Report) -> list[Group]:
    """Return the gains and losses of roles that the plan does not name, the worst first."""
    return _groups(role for role in report.roles if not role.is_known)


def policy_groups(report: Report) -> list[Group]:
    """Return the customer managed policies that are compared separately, those that count first."""
    groups = [Group(policy, changes_of(policy)) for policy in report.policies]
    return sorted(groups, key=lambda group: (not _counts(group.holder), *_order(group)))


def workload_groups(report: Report) -> list[Group]:
    """Return the workloads that run under another role, the worst first."""
    return sorted((Group(workload, changes_of(workload)) for workload in report.workloads), key=_order)


def access_changes(report: Report) -> list[AccessChange]:
    """Return the gains and losses of known roles, role by role, the worst first."""
    return [change for group in access_groups(report) for change in group.changes]


def changes_of(holder: Holder) -> tuple[AccessChange, ...]:
    """Return the gains and losses of a holder: broadening changes first, the worst of each first."""
    changes = (
        *(AccessChange("+", holder, row) for row in holder.added),
        *(AccessChange("-", holder, row) for row in holder.removed),
    )
    return tuple(sorted(changes, key=badness))


def badness(change: AccessChange) -> tuple[bool, bool, int]:
    """Return the sort key of a change, the worst first."""
    level = change.row.access_level
    rank = [*ACCESS_LEVELS].index(level) if level in ACCESS_LEVELS else len(ACCESS_LEVELS)
    return not change.broadens, not (change.row.is_everything and change.row.origin == "policy"), rank


def quiet_roles(report: Report) -> dict[Verdict, list[RoleReview]]:
    """Return the known roles that neither gain nor lose grants, by verdict, which is that of their trust, if any."""
    quiet: dict[Verdict, list[RoleReview]] = defaultdict(list)
    for role in report.roles:
        if not _is_loud(role):
            quiet[role.verdict].append(role)
    return dict(quiet)


def touched_findings(report: Report) -> list[Finding]:
    """Return the findings on resources that the plan changes."""
    return [finding for finding in report.findings if finding.touched]


def untouched_findings(report: Report) -> list[Finding]:
    """Return the findings on resources that the plan does not change."""
    return [finding for finding in report.findings if not finding.touched]


def row_text(row: AccessRow) -> str:
    """Return a grant in words, without its holder."""
    if row.policy:
        return f"{what_of(row)[0]} on {listed(row.resources)}"
    return f"{grant_text(row, row.access_level, row.actions)}{FORBIDDEN if row.forbidden else ''}"


def what_of(row: AccessRow) -> tuple[str, ...]:
    """Return the actions of a row, or the AWS managed policy that it represents."""
    if not row.policy:
        return row.actions
    name = row.policy.rpartition("/")[2]
    if row.count is None:
        return (f"AWS managed policy {name}",)
    return (f"AWS managed policy {name}: {row.count:,} action{'' if row.count == 1 else 's'}",)


def _groups(roles: Iterable[RoleReview]) -> list[Group]:
    return sorted((Group(role, changes_of(role)) for role in roles if _is_loud(role)), key=_order)


def _is_loud(role: RoleReview) -> bool:
    return bool(role.added or role.removed or role.verdict == "unresolved" or not role.is_known)


def _order(group: Group) -> tuple[object, ...]:
    if group.changes and group.changes[0].broadens:
        return 0, badness(group.changes[0])
    if group.holder.verdict in ("unresolved", "broadens"):
        return (1,)
    return (2, badness(group.changes[0])) if group.changes else (3,)


def _counts(holder: Holder) -> bool:
    return isinstance(holder, PolicyReview) and holder.counts
