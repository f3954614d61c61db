"""Explanations of denied calls as findings: one for each call, with the fix."""

from __future__ import annotations

from collections.abc import Sequence

from taskrole.finding import Finding, Severity
from taskrole.observe.explanations import Explanation, Remedy
from taskrole.observe.rules import OBSERVE_DENIED, OBSERVE_FAILED
from taskrole.output.formats.report import FindingReport, Suite
from taskrole.output.lines import count, required_line


def denial_findings(explanations: Sequence[Explanation]) -> FindingReport:
    """Return explanations as findings; a call that the declared role denies is an error."""
    denied = sum(explanation.is_denied for explanation in explanations)
    others = len(explanations) - denied
    more = f", and {count(others, 'failure')} with another cause" if others else ""
    summary = f"{count(denied, 'denied call')}{more}."
    return FindingReport("explain-denial", (summary,), (Suite("denied calls", (), tuple(map(_finding, explanations))),))


def _finding(explanation: Explanation) -> Finding:
    call, declared = explanation.call, explanation.declared
    what = ", ".join(call.actions) or "a call"
    on = f" on {', '.join(call.resources)}" if call.resources else ""
    parts = [f"{what}{on} was denied, because {explanation.why}" if explanation.is_denied else explanation.why]
    if declared:
        parts += [
            f"{declared.kind} role {declared.role} of stack {declared.stack}: {action} is {coverage.answer},"
            f" {coverage.reason}"
            for action, coverage in declared.coverage
        ]
    severity: Severity | None = "error" if declared and declared.is_denied else None
    return (OBSERVE_DENIED if explanation.is_denied else OBSERVE_FAILED).finding(
        _source(explanation),
        "; ".join(parts),
        severity=severity,
        fix=_fix(explanation.remedies[0], f"{what}{on}") if explanation.remedies else "",
        actions=call.actions,
        resources=call.resources,
        key=(*call.actions, *call.resources, explanation.why),
    )


def _fix(remedy: Remedy, what: str) -> str:
    if remedy.required:
        return required_line(remedy.required)
    sentence = remedy.sentence.rstrip(":.")
    return f"{sentence}: {what}" if remedy.lines or remedy.statement else sentence


def _source(explanation: Explanation) -> str:
    """Return the role that made the call: its name, its kind, or the principal of the message."""
    call = explanation.call
    if call.session and call.session.name:
        return f"role {call.session.name}"
    return f"{call.kind} role" if call.kind else call.denial.principal or "unknown role"
