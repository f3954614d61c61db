"""What all outputs say alike: the verdict in one line, counts, who may assume a role, and the order of things.

Texts here hold values of the plan as they are; each output escapes them for its target.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from taskrole.grant import Severity
from taskrole.plan.model import MASK, Unresolved
from taskrole.policy.catalogue.access_levels import ACCESS_LEVELS
from taskrole.review.render.options import RenderOptions
from taskrole.review.report import (
    AccessRow,
    DriftChange,
    ManagedChange,
    ManagedPolicy,
    Outcome,
    Report,
    ReviewFinding,
    RoleReview,
    Verdict,
)

Sign = Literal["+", "-"]

NOT_NEEDED = "no task in this plan needs it"
SEVERITIES: tuple[Severity, ...] = ("error", "warning", "note")
_VERBS: Mapping[Verdict, str] = {
    "unresolved": "leaves {} unresolved",
    "broadens": "broadens {}",
    "narrows": "narrows {}",
    "neutral": "rewrites {} to the same effect",
    "no-change": "changes nothing of {}",
}
_OUTCOMES: Mapping[Outcome, str] = {
    "undone": "the plan undoes it",
    "kept": "the plan leaves it so",
    "changed": "the plan changes it once more",
    "unknown": "what the plan makes of it is known only after the apply",
}
_MANAGED_SIGNS: Mapping[ManagedChange, str] = {"gains": "+", "loses": "-", "edits": "±", "keeps": "="}


@dataclass(frozen=True)
class AccessChange:
    """A grant that comes or goes, with its role. `broadens` tells whether it lets the role do more."""

    sign: Sign
    role: RoleReview
    row: AccessRow

    @property
    def broadens(self) -> bool:
        """Whether a permission comes or a denial goes."""
        return (self.sign == "+") == (self.row.effect == "Allow")

    @property
    def level(self) -> str:
        """The access level, after what the row is about when that is no permission of the role's policies."""
        boundary = "Permissions boundary: " if self.row.origin == "boundary" else ""
        return f"{boundary}{'Deny ' if self.row.effect == 'Deny' else ''}{self.row.access_level}"

    @property
    def why(self) -> str:
        """What needs it; for a permission that comes and is not needed, that."""
        is_new = self.sign == "+" and self.row.effect == "Allow" and self.row.origin == "policy"
        return self.row.because or (NOT_NEEDED if is_new and self.row.actions != (MASK,) else "")


@dataclass(frozen=True)
class LevelCount:
    """How many effective actions of an access level there are before and after."""

    level: str
    before: int
    after: int

    @property
    def delta(self) -> int:
        """How many more there are after."""
        return self.after - self.before


def is_quiet(report: Report) -> bool:
    """Tell whether a report has nothing that a person must look at."""
    return (
        report.verdict in ("no-change", "neutral")
        and not (
            report.blocked
            or report.findings
            or report.unresolved
            or report.drift
            or report.notes
            or report.plan.is_errored
        )
        and report.plan.is_complete
        and not any(role.trust.changed or role.added or role.removed for role in report.roles)
    )


def quiet_line(report: Report) -> str:
    """Return all that a quiet report says."""
    if report.verdict == "no-change":
        return "No change to what any role may do, or to who may assume it."
    roles = [role for role in report.roles if role.verdict == "neutral"]
    return f"Policies of {counted(len(roles), 'role')} are written differently, to the same effect."


def headline(report: Report) -> tuple[str, ...]:
    """Return the verdict in words: first which roles it concerns, then each thing counted."""
    return (
        _verdicts(report),
        _effective_actions(report),
        _trust(report),
        _findings(report),
        f"{len(report.unresolved)} unresolved",
    )


def banners(report: Report) -> Iterator[str]:
    """Yield what makes the whole plan doubtful."""
    if report.plan.is_errored:
        yield "Planning ended with an error: this plan is not all that Terraform would do."
    if not report.plan.is_complete:
        yield "This plan is not complete: resources were targeted or deferred, and another plan will follow."


def footer(report: Report, options: RenderOptions) -> tuple[str, ...]:
    """Return where the report comes from: plan, versions, and the date of the data that it rests on."""
    plan = report.plan
    return (
        f"Plan sha256 {plan.hash}",
        f"Terraform {plan.terraform_version} (plan format {plan.format_version})",
        *((f"IAM data of {report.data_date}",) if report.data_date else ()),
        f"taskrole {options.version}",
    )


def access_changes(report: Report) -> list[AccessChange]:
    """Return what comes, role by role, then what goes: what a reader must not miss stands first."""
    added: list[AccessChange] = [AccessChange("+", role, row) for role in report.roles for row in role.added]
    return added + [AccessChange("-", role, row) for role in report.roles for row in role.removed]


def managed_changes(report: Report) -> list[tuple[RoleReview, ManagedPolicy]]:
    """Return the managed policies of all roles, role by role, each with its role."""
    return [(role, policy) for role in report.roles for policy in role.managed]


def managed_sign(policy: ManagedPolicy) -> str:
    """Return a sign for what becomes of a managed policy: `=` where it stays as it is."""
    return _MANAGED_SIGNS[policy.change]


def managed_owner(policy: ManagedPolicy) -> str:
    """Return whose a managed policy is, and, where it is a customer's, its ARN or address."""
    return "AWS" if policy.owner == "aws" else f"customer, {policy.arn}"


def managed_actions(policy: ManagedPolicy) -> str:
    """Return what a managed policy allows by itself, counted, and whether the plan edits it."""
    allowed = "not known" if policy.actions is None else counted(policy.actions, "action")
    return f"{allowed}, edited by this plan" if policy.change == "edits" else allowed


def drift_text(change: DriftChange) -> str:
    """Return what was changed outside of Terraform, and what the plan makes of it."""
    return f"{change.text}; {_OUTCOMES[change.outcome]}"


def what_of(row: AccessRow) -> tuple[str, ...]:
    """Return what a row is about: its actions, or the managed policy of AWS that it stands for."""
    if not row.policy:
        return row.actions
    name = row.policy.rpartition("/")[2]
    count = f": {counted(row.count, 'action')}" if row.count is not None else ""
    return (f"AWS managed policy {name}{count}",)


def condition_text(row: AccessRow) -> Iterator[str]:
    """Yield a grant's conditions, one text each."""
    for operator, key, values in row.conditions:
        yield f"{key} {operator} {', '.join(values)}"


def levels(roles: Iterable[RoleReview]) -> list[LevelCount]:
    """Return the effective actions by access level, the worst level first, levels that have none left out."""
    before: Counter[str] = Counter()
    after: Counter[str] = Counter()
    for role in roles:
        before.update(role.actions_before)
        after.update(role.actions_after)
    known = [*ACCESS_LEVELS, *sorted({*before, *after} - {*ACCESS_LEVELS})]
    return [LevelCount(level, before[level], after[level]) for level in known if before[level] or after[level]]


def by_severity(findings: Iterable[ReviewFinding]) -> list[ReviewFinding]:
    """Return findings, active ones first, the most severe first."""
    return sorted(
        findings, key=lambda one: (one.waived is not None, SEVERITIES.index(one.severity), one.code, one.address)
    )


def advice(finding: ReviewFinding) -> str:
    """Return what is wrong and the way out, in one line."""
    return (
        f"{finding.message}. Fix: {finding.fix}" if finding.fix and finding.message else finding.message or finding.fix
    )


def waiver_text(finding: ReviewFinding) -> str:
    """Return a waiver in a sentence, or nothing where the finding is active."""
    waiver = finding.waived
    if waiver is None:
        return ""
    until = f" until {waiver.expires}" if waiver.expires else ""
    return f"Waived by {waiver.owner}{until}: {waiver.reason}"


def location_of(finding: ReviewFinding) -> str:
    """Return file:line of a finding, or nothing."""
    return f"{finding.location.file}:{finding.location.line}" if finding.location else ""


def fingerprint(*parts: str) -> str:
    """Return a stable id of what the parts name: 64 hexadecimal digits."""
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()


def role_title(role: RoleReview) -> str:
    """Return the name that a person knows a role by."""
    return role.name or role.address


def counted(number: int, noun: str) -> str:
    """Return a number with its noun, in the plural where it is one."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def unresolved_name(one: Unresolved) -> str:
    """Return what is not known: an attribute by its address, or a policy and the role that has it."""
    between = ": " if one.attribute.startswith(("arn:", MASK)) else "."
    return f"{one.address}{between}{one.attribute}"


def identity(finding: ReviewFinding) -> tuple[str, ...]:
    """Return what makes a finding the same after another plan: neither its line, nor its severity."""
    about = (*finding.actions, "", *finding.resources)
    return finding.code, finding.address, *(about if len(about) > 1 else (finding.message,))


def signed(number: int) -> str:
    """Return a number with its sign."""
    return f"+{number:,}" if number > 0 else f"-{-number:,}" if number else "0"


def _verdicts(report: Report) -> str:
    found = Counter(role.verdict for role in report.roles)
    if not set(found) - {"no-change"}:
        return _VERBS[report.verdict].format("roles") if report.verdict != "no-change" else "no change to roles"
    said = [_VERBS[verdict].format(counted(found[verdict], "role")) for verdict in _VERBS if found[verdict]]
    return ", ".join(part for part in said if not part.startswith("changes nothing"))


def _effective_actions(report: Report) -> str:
    changes = [level for level in levels(report.roles) if level.delta]
    gains = [level for level in changes if level.delta > 0]
    losses = [level for level in changes if level.delta < 0]
    parts = [_sum(some) for some in (gains, losses) if some]
    return ", ".join(parts) or "as many effective actions as before"


def _sum(changes: Iterable[LevelCount]) -> str:
    changes = list(changes)
    total = sum(level.delta for level in changes)
    by_level = ", ".join(f"{abs(level.delta):,} {level.level}" for level in changes)
    return f"{signed(total)} effective action{'' if abs(total) == 1 else 's'} ({by_level})"


def _trust(report: Report) -> str:
    changed = sum(role.trust.changed for role in report.roles)
    return f"trust of {counted(changed, 'role')} changed" if changed else "trust unchanged"


def _findings(report: Report) -> str:
    active = Counter(finding.severity for finding in report.findings if finding.waived is None)
    waived = sum(finding.waived is not None for finding in report.findings)
    said = [counted(active[severity], severity) for severity in SEVERITIES if active[severity]]
    return ", ".join([*said, *([f"{waived:,} waived"] if waived else [])]) or "no findings"
