"""Explains a rule by its id, and lists its results for task definitions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from taskrole.errors import InputError, Place, Problem, printable, quote
from taskrole.nearest import nearest
from taskrole.output.lines import finding_line, place_of
from taskrole.rule import Rule, RuleType
from taskrole.rule_catalogue import rules_by_id
from taskrole.taskdef import Derivation, FieldRule

_WHAT: Mapping[RuleType, str] = {
    "grant": "grants",
    "option": "grants, when an option asks for it",
    "refused": "refuses",
    "fact": "is a fact that others rest on",
    "error": "an error",
    "warning": "a warning",
    "note": "a note",
}


def find_rule(name: str) -> Rule:
    """Return the rule with an id, ignoring case. Raises InputError with the most similar ids."""
    rules = rules_by_id()
    rule = rules.get(name.upper())
    if rule is None:
        known = [each.id for each in rules.values()]
        near = nearest(name.upper(), known, most=3)
        hint = f"did you mean {' or '.join(near)}?" if near else f"there are {', '.join(sorted(known))}"
        raise InputError([Problem(Place("--explain"), f"unknown rule {quote(name)}; {hint}")])
    return rule


def explanation(rule: Rule, derivation: Derivation | None = None) -> Iterator[str]:
    """Yield the lines of a rule, followed by its grants and findings in a derivation."""
    yield f"{rule.id}: {rule.title}"
    yield from (f"  {name:<9} {text}" for name, text in _parts(rule) if text)
    if derivation is not None:
        yield ""
        yield from _given(rule, derivation)


def _parts(rule: Rule) -> Iterator[tuple[str, str]]:
    # A finding on a field has a severity of its own.
    is_finding = isinstance(rule, FieldRule) and rule.kind == "note"
    yield "what", "warns or notes" if is_finding else _WHAT[rule.kind]
    if isinstance(rule, FieldRule):
        yield "field", rule.field
        yield "role", " and ".join(rule.roles)
        yield "actions", ", ".join(rule.actions)
        yield "resource", rule.resource
    else:
        yield "about", rule.field
    yield "why", rule.why
    yield "fix", rule.fix
    yield "source", rule.doc
    if isinstance(rule, FieldRule):
        yield "verified", "yes" if rule.verified else "no"
        yield "note", rule.note


def _given(rule: Rule, derivation: Derivation) -> Iterator[str]:
    grants = [grant for grant in derivation.grants if grant.rule == rule.id]
    findings = [finding for finding in derivation.findings if finding.code == rule.id]
    if not grants and not findings:
        yield "It has no results for these task definitions."
    for grant in grants:
        yield f"{place_of(grant.file, grant.source)}: {printable(grant.because)}"
        yield f"  {', '.join(grant.actions)}"
        yield from (f"  on {printable(resource)}" for resource in grant.resources)
    yield from map(finding_line, findings)
