"""The section titles of a report in all human-readable formats, and the facts at the start of each section."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from taskrole.plan.accounting import NotReviewed
from taskrole.review.render.changes import Holder
from taskrole.review.report import PolicyReview, Report, WorkloadReview

TRUST_TITLE = "Trust changes"
WORKLOADS_TITLE = "Workloads that run under another role"
ACCESS = "Access changes"
UNKNOWN_ROLES = "Role not known: grants of roles that the plan does not name"
POLICIES = "Customer managed policies by themselves"
MANAGED = "Managed policies"
LEVELS = "Effective actions by access level"
ERRORS = "Errors"
FINDINGS = "Findings"
UNTOUCHED_FINDINGS = "Findings on what this plan leaves alone"
UNRESOLVED_TITLE = "Unresolved"
NOT_REVIEWED = "Not reviewed here"
DRIFT = "Changed outside of Terraform"


def workload_facts(holder: Holder) -> Iterator[tuple[str, bool]]:
    """Yield the roles of a workload before and after, and why they are unknown, each with whether it is a value."""
    if not isinstance(holder, WorkloadReview):
        return
    yield f"{holder.attribute} was", False
    yield holder.before or "none", bool(holder.before)
    yield "and becomes", False
    yield holder.after or "none", bool(holder.after)
    if holder.because:
        yield holder.because, False


def workload_lines(holder: Holder) -> Iterator[tuple[str, bool]]:
    """Yield the same facts in one line, for formats that can mark values within a sentence."""
    if isinstance(holder, WorkloadReview):
        yield f"{holder.attribute}: {holder.before or 'none'} → {holder.after or 'none'}", False
        if holder.because:
            yield holder.because, False


def policy_facts(holder: Holder) -> Iterator[tuple[str, bool]]:
    """Yield the ARN of a policy, its attachments and whether its verdict counts; each with whether it is a value."""
    if not isinstance(holder, PolicyReview):
        return
    if holder.arn:
        yield holder.arn, True
    yield holder.note or attached(holder), False
    if not holder.counts and holder.seen:
        yield "the rows of its roles, which are in this plan, include these grants", False


def attached(policy: PolicyReview) -> str:
    """Return the number of attachments of a policy, and how many of them are in the plan."""
    number = policy.attachments
    if number is None:
        return "how often it is attached is not known"
    return f"attached {number:,} time{'' if number == 1 else 's'}, {policy.seen:,} of them in this plan"


def not_reviewed_groups(report: Report) -> list[tuple[str, str, list[NotReviewed]]]:
    """Return the changes that are not reviewed, by category and type."""
    groups: dict[tuple[str, str], list[NotReviewed]] = defaultdict(list)
    for entry in report.not_reviewed:
        groups[entry.category, entry.type].append(entry)
    return [(category, type_, entries) for (category, type_), entries in sorted(groups.items())]


def has_one_reason(entries: Sequence[NotReviewed]) -> bool:
    """Return whether all changes of a group have the same reason."""
    return len({entry.why for entry in entries}) == 1
