"""Reports recorded calls as findings: denied calls, unused permissions, and calls that the declared role lacks."""

from __future__ import annotations

from collections.abc import Iterator

from taskrole.finding import Finding
from taskrole.observe.blind_spot_text import blind_spot_sentences
from taskrole.observe.report import ObserveReport, RoleReport
from taskrole.observe.rules import OBSERVE_DENIED, OBSERVE_OPEN, OBSERVE_PROPOSED, OBSERVE_UNUSED
from taskrole.observe.usage import amount
from taskrole.output.formats.report import FindingReport, Suite
from taskrole.output.lines import count


def observe_findings(report: ObserveReport) -> FindingReport:
    """Return a report as findings; its summary lists the blind spots of the evidence."""
    reach = report.reach
    summary = (
        f"{reach.events:,} events read, {reach.kept:,} of them of {count(len(report.roles), 'role')}.",
        *blind_spot_sentences(report.blind_spots),
        *(f"Not read: {line}." for line in report.skipped),
    )
    return FindingReport("observe", summary, tuple(map(_suite, report.roles)))


def _suite(role: RoleReport) -> Suite:
    name = role.usage.name or "no role"
    used = role.comparison.of("used") if role.comparison else ()
    passed = tuple(f"{', '.join(granted.actions)} on {', '.join(granted.resources)}" for granted in used)
    return Suite(f"role {name}", passed, tuple(_findings(role, f"role {name}")))


def _findings(role: RoleReport, source: str) -> Iterator[Finding]:
    for denial in role.denied:
        on = f" on {denial.resource}" if denial.resource else ""
        later = "; it was allowed later" if denial.since_allowed else ""
        yield OBSERVE_DENIED.finding(
            source,
            f"{denial.action}{on} was denied in {amount(denial.evidence)}: {denial.reason}{later}",
            severity="note" if denial.since_allowed else None,
            actions=(denial.action,),
            resources=(denial.resource,) if denial.resource else (),
        )
    for entry in role.proposals.entries:
        what = f"{', '.join(entry.actions)} on {', '.join(entry.resources)} was seen in {amount(entry.evidence)}"
        yield OBSERVE_PROPOSED.finding(
            source,
            f"{what}, and roles.yaml does not declare it" if role.title else what,
            fix="add it with `taskrole observe --write`" if role.title else "add it to grants in roles.yaml",
            actions=entry.actions,
            resources=entry.resources,
        )
    for use in role.proposals.not_proposed:
        on = f" on {use.resource}" if use.resource else ""
        yield OBSERVE_OPEN.finding(source, f"{use.action}{on} was seen, but is not proposed: {use.because}")
    for event in role.usage.unmapped:
        yield OBSERVE_OPEN.finding(source, f"{event.event} was seen, but maps to no IAM action: {event.because}")
    for granted in role.comparison.of("never used") if role.comparison else ():
        yield OBSERVE_UNUSED.finding(
            source,
            f"{', '.join(granted.actions)} on {', '.join(granted.resources)} is granted by {granted.policy} and was"
            " not used",
            fix=OBSERVE_UNUSED.fix,
            actions=granted.actions,
            resources=granted.resources,
        )
