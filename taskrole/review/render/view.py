"""Texts and counts that all formats share.

The texts contain unescaped values of the plan; each format escapes them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from taskrole.dataclass import dataclass
from taskrole.grant import condition_words
from taskrole.output.options import RenderOptions
from taskrole.plan.model import MASK, Unresolved
from taskrole.policy.catalogue.access_levels import ACCESS_LEVELS
from taskrole.review.report import (
    AccessRow,
    DriftChange,
    ManagedChange,
    ManagedPolicy,
    Outcome,
    PolicyReview,
    Report,
    RoleReview,
    WorkloadReview,
)

_QUIET = ("no-change", "neutral")
_OUTCOMES: Mapping[Outcome, str] = {
    "undone": "the plan undoes it",
    "kept": "the plan leaves it as it is",
    "changed": "the plan changes it again",
    "unknown": "what the plan does about it is known only after the apply",
}
_MANAGED_SIGNS: Mapping[ManagedChange, str] = {"gains": "+", "loses": "-", "edits": "±", "keeps": "="}


@dataclass(frozen=True)
class LevelCount:
    """The numbers of effective actions of an access level before and after."""

    level: str
    before: int
    after: int

    @property
    def delta(self) -> int:
        """The difference between after and before."""
        return self.after - self.before


def is_uneventful(report: Report) -> bool:
    """Return whether nothing in a report needs attention."""
    has_changes = any(
        role.trust.changed or role.added or role.removed or not role.is_known or role.verdict not in _QUIET
        for role in report.roles
    )
    has_others = bool(report.workloads) or any(
        policy.added or policy.removed or policy.verdict not in _QUIET for policy in report.policies
    )
    return report.verdict in _QUIET and not (
        has_changes
        or has_others
        or report.blocked
        or report.findings
        or report.unresolved
        or report.not_reviewed
        or any((report.settings.off, report.settings.waived, report.settings.approved))
        or report.drift
        or report.notes
        or report.plan.is_errored
        or not report.plan.is_complete
    )


def quiet_line(report: Report) -> str:
    """Return the only line of an uneventful report."""
    counts = accounting_text(report)
    rest = f" {counts}." if counts else ""
    if report.verdict == "no-change":
        return f"No change to what any role may do, or to who can assume it.{rest}"
    rewritten = sum(role.lifecycle == "kept" for role in report.roles if role.verdict == "neutral")
    texts = (
        [f"Policies of {counted(rewritten, 'role')} are written differently, to the same effect."] if rewritten else []
    )
    texts += [f"{text[:1].upper()}{text[1:]} without permissions." for text in without_permissions(report.roles)]
    return f"{' '.join(texts or ['Nothing allows more or less than before.'])}{rest}"


def without_permissions(roles: Iterable[RoleReview]) -> Iterator[str]:
    """Yield the numbers of new and of removed neutral roles, which have no permissions."""
    neutral = [role.lifecycle for role in roles if role.verdict == "neutral"]
    for lifecycle in ("new", "removed"):
        if lifecycle in neutral:
            yield counted(neutral.count(lifecycle), f"{lifecycle} role")


def accounting_text(report: Report) -> str:
    """Return the numbers of changes of the plan by class; empty if it has none."""
    counts = report.accounting
    total = counts.explained + counts.without_effect + counts.not_reviewed
    if not total:
        return ""
    return (
        f"{counted(total, 'change')}: {counts.explained:,} explained, {counts.without_effect:,} without effect"
        f" on access, {counts.not_reviewed:,} not reviewed"
    )


def banners(report: Report) -> Iterator[str]:
    """Yield warnings about a plan that is incomplete."""
    if report.plan.is_errored:
        yield "Planning ended with an error: this plan does not have all of the changes."
    if not report.plan.is_complete:
        yield "This plan is not complete: resources were targeted or deferred, and another plan will follow."


def footer(report: Report, options: RenderOptions) -> tuple[str, ...]:
    """Return the origin of a report: plan, versions, and the date of the IAM data."""
    plan = report.plan
    counts = accounting_text(report)
    return (
        f"Plan sha256 {plan.hash}",
        *((counts,) if counts else ()),
        f"Terraform {plan.terraform_version} (plan format {plan.format_version})",
        *((f"IAM data of {report.data_date}",) if report.data_date else ()),
        f"taskrole {options.version}",
    )


def managed_changes(report: Report) -> list[tuple[RoleReview, ManagedPolicy]]:
    """Return the managed policies of all roles, role by role, each with its role."""
    return [(role, policy) for role in report.roles for policy in role.managed]


def managed_sign(policy: ManagedPolicy) -> str:
    """Return the sign of the change of a managed policy; `=` if it stays as it is."""
    return _MANAGED_SIGNS[policy.change]


def managed_owner(policy: ManagedPolicy) -> str:
    """Return the owner of a managed policy, with the ARN or address of a customer managed one."""
    return "AWS" if policy.owner == "aws" else f"customer, {policy.arn}"


def managed_actions(policy: ManagedPolicy) -> str:
    """Return the number of actions that a managed policy allows, and whether the plan edits it."""
    allowed = "not known" if policy.actions is None else counted(policy.actions, "action")
    return f"{allowed}, edited by this plan" if policy.change == "edits" else allowed


def drift_text(change: DriftChange) -> str:
    """Return what was changed outside Terraform, and what the plan does about it."""
    return f"{change.text}; {_OUTCOMES[change.outcome]}"


def condition_text(row: AccessRow) -> Iterator[str]:
    """Yield a text for each condition of a grant."""
    yield from map(condition_words, row.conditions)


def levels(roles: Iterable[RoleReview]) -> list[LevelCount]:
    """Return the numbers of effective actions by access level, the worst level first, without empty levels."""
    before: Counter[str] = Counter()
    after: Counter[str] = Counter()
    for role in roles:
        before.update(role.actions_before)
        after.update(role.actions_after)
    known = [*ACCESS_LEVELS, *sorted({*before, *after} - {*ACCESS_LEVELS})]
    return [LevelCount(level, before[level], after[level]) for level in known if before[level] or after[level]]


def title_of(holder: RoleReview | PolicyReview | WorkloadReview) -> str:
    """Return the name of a role, policy or workload, or its address if it has none."""
    return holder.name or holder.address


def counted(number: int, noun: str) -> str:
    """Return a number with its noun, in the plural unless the number is 1."""
    plural = f"{noun[:-1]}ies" if noun.endswith("cy") else f"{noun}s"
    return f"{number:,} {noun if number == 1 else plural}"


def unresolved_name(item: Unresolved) -> str:
    """Return the name of an unknown value: the address and attribute, or a role and its policy."""
    between = ": " if item.attribute.startswith(("arn:", MASK)) else "."
    return f"{item.address}{between}{item.attribute}"


def signed(number: int) -> str:
    """Return a number with its sign."""
    return f"+{number:,}" if number > 0 else f"-{-number:,}" if number else "0"
