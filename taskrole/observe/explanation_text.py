"""Explanations of denied calls as text: action, resource, principal, reason and fix."""

from __future__ import annotations

from collections.abc import Sequence

from taskrole.observe.explanations import Declared, Explanation, Remedy
from taskrole.output.json_text import json_text
from taskrole.output.lines import count
from taskrole.output.text.page import Page
from taskrole.policy.evaluation.coverage import Answer
from taskrole.render.role_text import write_required

_MOST_IN_FULL = 20
_WORDS: dict[Answer, tuple[str, str]] = {
    "allowed": ("allows", "OK"),
    "denied": ("does not allow", "MISSING"),
    "unknown": ("leaves open", "unknown"),
}


def write_explanations(page: Page, explanations: Sequence[Explanation]) -> None:
    """Add the first twenty explanations."""
    for explanation in explanations[:_MOST_IN_FULL]:
        page.blank()
        _write_explanation(page, explanation)
    if len(explanations) > _MOST_IN_FULL:
        page.blank()
        page.line(f"and {count(len(explanations) - _MOST_IN_FULL, 'more denied call')}; --format json has all")


def _write_explanation(page: Page, explanation: Explanation) -> None:
    call = explanation.call
    what = ", ".join(call.actions) or "a call (not named in the message)"
    mark, style = ("DENIED", "MISSING") if explanation.is_denied else ("NOT DENIED", "unknown")
    page.line(what, mark=mark, style=style)
    page.labelled("on", call.resources or ["a resource (not named in the message)"], 2)
    _write_caller(page, explanation)
    page.line(f"because {explanation.why}" if explanation.is_denied else explanation.why, 2)
    if explanation.declared:
        _write_declared(page, explanation.declared)
    for remedy in explanation.remedies:
        _write_remedy(page, remedy)
    if explanation.notes:
        page.blank()
    for note in explanation.notes:
        page.line(note, mark="note:", style="note")


def _write_caller(page: Page, explanation: Explanation) -> None:
    call = explanation.call
    session = call.session
    parts = []
    if session and session.name:
        parts.append(f"role {session.name}")
    elif call.kind:
        parts.append(f"the {call.kind} role")
    if session and session.task:
        parts.append(f"task {session.task}")
    if call.time:
        parts.append(call.time)
    if parts:
        page.line(f"by {', '.join(parts)}", 2)
    if session and session.role:
        page.value(session.role, 4)
    elif call.denial.principal:
        page.value(call.denial.principal, 4)


def _write_declared(page: Page, declared: Declared) -> None:
    for action, coverage in declared.coverage:
        words, style = _WORDS[coverage.answer]
        page.line(
            f"{declared.kind} role {declared.role} {words} {action}: {coverage.reason}",
            2,
            mark=f"stack {declared.stack}:",
            style=style,
        )
    for action in declared.forbidden:
        page.line(f"its permissions boundary forbids {action}, regardless of its policies", 4)


def _write_remedy(page: Page, remedy: Remedy) -> None:
    if remedy.required:
        write_required(page, remedy.required)
        return
    page.blank()
    page.line(remedy.sentence, style="bold")
    if remedy.lines:
        page.block(remedy.lines, 4)
    if remedy.statement:
        page.block(json_text(remedy.statement), 4)
    if remedy.to_fill_in:
        page.line("Replace the words in capitals; the message does not contain their values.", 2, style="dim")
