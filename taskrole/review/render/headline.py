"""The headline: the worst change of a plan in words, then the counts.

Each part names the section of the report with the details, so that a page can link to it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from taskrole.finding import SEVERITIES
from taskrole.output.escape.plain import cut
from taskrole.partitions import host_suffixes
from taskrole.policy.comparison.compare import Verdict
from taskrole.review.render.changes import (
    QUIET,
    Group,
    access_groups,
    badness,
    policy_groups,
    row_text,
    touched_findings,
    unknown_role_groups,
    untouched_findings,
    workload_groups,
)
from taskrole.review.render.trust import TrustDifference, trust_differences
from taskrole.review.render.view import (
    LevelCount,
    counted,
    levels,
    signed,
    title_of,
    unresolved_name,
    without_permissions,
)
from taskrole.review.report import PolicyReview, Report, RoleReview, WorkloadReview

_LONGEST = 240
_MOST_NAMED = 3
_ANYBODY = ("anybody can assume it", "everyone except ")
_VERBS: Mapping[Verdict, str] = {
    "unresolved": "leaves {} unresolved",
    "broadens": "broadens {}",
    "narrows": "narrows {}",
    "neutral": "rewrites {} to the same effect",
}


class HeadlinePart(NamedTuple):
    """A part of the headline, and the id of the section with the details; empty if there is none."""

    text: str
    section: str = ""


def headline(report: Report) -> tuple[HeadlinePart, ...]:
    """Return the headline: the worst change in words, if any, then the verdict and all counts."""
    first, verdicts = worst_change(report), _verdicts(report)
    parts = (
        first,
        HeadlinePart(verdicts if first.text else f"{verdicts[:1].upper()}{verdicts[1:]}", "access"),
        HeadlinePart(_effective_actions(report), "levels"),
        HeadlinePart(_trust(report), "trust"),
        *_findings(report),
        HeadlinePart(f"{len(report.unresolved):,} unresolved", "unresolved"),
        HeadlinePart(_not_reviewed(report), "not-reviewed"),
        *map(HeadlinePart, _settings(report)),
    )
    return tuple(part for part in parts if part.text)


def worst_change(report: Report) -> HeadlinePart:
    """Return the worst change of a plan in words; empty if nothing broadens and there is no error."""
    trusts = [difference for difference in trust_differences(report) if difference.broadens]
    roles = [*unknown_role_groups(report), *access_groups(report)]
    policies = [
        group for group in policy_groups(report) if isinstance(group.holder, PolicyReview) and group.holder.counts
    ]
    candidates = (
        _administrators([*workload_groups(report), *access_groups(report), *unknown_role_groups(report), *policies]),
        _opened(trusts),
        _workloads(workload_groups(report)),
        _outsiders(trusts),
        _gains([*roles, *policies]),
        _unresolved(report),
        _trusted(trusts),
        _error(report),
    )
    worst = next((part for part in candidates if part.text), HeadlinePart(""))
    return HeadlinePart(cut(worst.text, _LONGEST), worst.section)


def _administrators(groups: Iterable[Group]) -> HeadlinePart:
    administrators = [group for group in groups if any(change.makes_administrator for change in group.changes)]
    if not administrators:
        return HeadlinePart("")
    first = administrators[0]
    if isinstance(first.holder, PolicyReview):
        return HeadlinePart(f"policy {first.title} comes to allow every action on every resource", "policies")
    more = len(administrators) - 1
    verb = "become administrators" if more else "becomes administrator"
    return HeadlinePart(f"{_named(first)}{f' and {more:,} more' if more else ''} {verb}", _section(first))


def _opened(trusts: Sequence[TrustDifference]) -> HeadlinePart:
    additions = [
        (difference, line.text)
        for difference in trusts
        for line in difference.lines
        if line.broadens and line.text.startswith(_ANYBODY) and _is_unconditional(line.text)
    ]
    if not additions:
        return HeadlinePart("")
    difference, text = additions[0]
    more = len({other.role.address for other, _ in additions}) - 1
    return HeadlinePart(f"{_who(text, difference.role)}{f', and {more:,} more roles' if more else ''}", "trust")


def _is_unconditional(text: str) -> bool:
    now = text.rpartition(": now")[2] if ": now" in text else text
    return " if " not in now or " without any condition" in now


def _workloads(groups: Sequence[Group]) -> HeadlinePart:
    for group in groups:
        holder = group.holder
        if group.changes and group.changes[0].broadens:
            return HeadlinePart(f"{_named(group)} gains {row_text(group.changes[0].row)}", "workloads")
        if holder.verdict == "unresolved" and isinstance(holder, WorkloadReview):
            return HeadlinePart(
                f"{_named(group)} comes to run as {holder.after or 'no role'}, which is not known", "workloads"
            )
    return HeadlinePart("")


def _outsiders(trusts: Sequence[TrustDifference]) -> HeadlinePart:
    lines = ((trust, line) for trust in trusts for line in trust.lines if line.broadens)
    texts = [_who(line.text, trust.role) for trust, line in lines if not _is_service(line.text)]
    return HeadlinePart(texts[0] if texts else "", "trust")


def _gains(groups: Sequence[Group]) -> HeadlinePart:
    worst_first = sorted(
        ((group, group.changes[0]) for group in groups if group.changes and group.changes[0].broadens),
        key=lambda pair: badness(pair[1]),
    )
    for group, change in worst_first:
        verb = "gains" if change.sign == "+" else "is no longer subject to"
        if change.row.origin == "boundary" and change.sign == "+":
            return HeadlinePart(
                f"the permissions boundary of {group.title} comes to allow {row_text(change.row)}", "access"
            )
        return HeadlinePart(f"{_named(group)} {verb} {row_text(change.row)}", _section(group))
    return HeadlinePart("")


def _unresolved(report: Report) -> HeadlinePart:
    first = next((item for item in report.unresolved if not item.approved), None)
    return HeadlinePart(f"{unresolved_name(first)} is not known" if first else "", "unresolved")


def _trusted(trusts: Sequence[TrustDifference]) -> HeadlinePart:
    texts = [_who(line.text, trust.role) for trust in trusts for line in trust.lines if line.broadens]
    return HeadlinePart(texts[0] if texts else "", "trust")


def _error(report: Report) -> HeadlinePart:
    errors = [finding for finding in touched_findings(report) if finding.severity == "error" and not finding.waived]
    return HeadlinePart(errors[0].message if errors else "", "errors")


def _who(text: str, role: RoleReview) -> str:
    return text.replace(" assume it", f" assume {title_of(role)}", 1)


def _is_service(text: str) -> bool:
    return text.split(" ", 1)[0].endswith(tuple(f".{suffix}" for suffix in host_suffixes()))


def _named(group: Group) -> str:
    if isinstance(group.holder, PolicyReview):
        return f"every principal with policy {group.title}"
    if isinstance(group.holder, WorkloadReview):
        return f"workload {group.title}"
    return group.title if group.holder.is_known else "a role that the plan does not name"


def _section(group: Group) -> str:
    if isinstance(group.holder, RoleReview):
        return "access" if group.holder.is_known else "unknown-roles"
    return "policies" if isinstance(group.holder, PolicyReview) else "workloads"


def _verdicts(report: Report) -> str:
    """Return the numbers of roles, policies and workloads, by verdict."""
    things = (
        ("role", [role.verdict for role in report.roles if role.verdict != "neutral" or role.lifecycle == "kept"]),
        ("policy", [policy.verdict for policy in report.policies if policy.counts]),
        ("workload", [workload.verdict for workload in report.workloads]),
    )
    texts = []
    for verdict, verb in _VERBS.items():
        counts = [counted(verdicts.count(verdict), noun) for noun, verdicts in things if verdict in verdicts]
        if counts:
            texts.append(verb.format(_and(counts)))
    texts += [f"{text} without permissions" for text in without_permissions(report.roles)]
    if texts:
        return ", ".join(texts)
    if report.verdict == "unresolved":
        return f"leaves {counted(len(report.unresolved), 'value')} unresolved"
    return "no change to roles" if report.verdict in QUIET else _VERBS[report.verdict].format("roles")


def _and(texts: Sequence[str]) -> str:
    return texts[0] if len(texts) == 1 else f"{', '.join(texts[:-1])} and {texts[-1]}"


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


def _findings(report: Report) -> Iterator[HeadlinePart]:
    active = Counter(finding.severity for finding in touched_findings(report) if finding.waived is None)
    for severity in SEVERITIES:
        if active[severity]:
            yield HeadlinePart(counted(active[severity], severity), "errors" if severity == "error" else "findings")
    if not report.findings:
        yield HeadlinePart("no findings")
    old = sum(finding.waived is None for finding in untouched_findings(report))
    if old:
        yield HeadlinePart(f"{counted(old, 'finding')} on what this plan leaves alone", "untouched-findings")


def _not_reviewed(report: Report) -> str:
    number = len(report.not_reviewed)
    return f"{counted(number, 'change')} not reviewed here" if number else ""


def _settings(report: Report) -> Iterator[str]:
    """Yield what the settings remove from the report, with numbers and owners."""
    use = report.settings
    if use.off:
        rules = [f"{rule} ({counted(number, 'finding')})" for rule, number in use.off]
        yield f"{counted(len(use.off), 'rule')} switched off: {_listed(rules)}"
    waived = use.waived or tuple(
        sorted(Counter(finding.waived.owner for finding in report.findings if finding.waived).items())
    )
    for owners, noun, verb in ((waived, "finding", "waived"), (use.approved, "change", "approved")):
        total = sum(number for _, number in owners)
        if total:
            by = [f"{owner}{f' ({number:,})' if len(owners) > 1 else ''}" for owner, number in owners]
            yield f"{counted(total, noun)} {verb} by {_listed(by)}"


def _listed(texts: Sequence[str]) -> str:
    named = [cut(text, _LONGEST // 2) for text in texts[:_MOST_NAMED]]
    more = len(texts) - _MOST_NAMED
    return f"{', '.join(named)}{f' and {more:,} more' if more > 0 else ''}"
