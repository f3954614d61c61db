"""Explains the id of a grant or finding, and for a rule on fields what it gave for task definitions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from taskrole.catalogue import rules_by_id
from taskrole.errors import InputError, Place, Problem, printable, quote
from taskrole.nearest import nearest
from taskrole.output.lines import finding_line, place_of
from taskrole.rule import Rule, RuleType
from taskrole.taskdef import Derivation, FieldRule

_OF_FIELDS: Mapping[RuleType, str] = {
    "grant": "grants",
    "option": "grants, when an option asks for it",
    "refused": "refuses",
    "note": "warns or notes",
    "fact": "is a fact that others rest on",
}
_OF_INPUTS: Mapping[RuleType, str] = {
    "grant": "the cause of permissions in",
    "error": "an error in",
    "warning": "a warning about",
    "note": "a note about",
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
    """Yield a rule as lines, then, of a derivation, the grants and findings that it gave."""
    yield f"{rule.id}: {rule.title}"
    yield from _field_lines(rule) if isinstance(rule, FieldRule) else _input_lines(rule)
    if derivation is not None:
        yield ""
        yield from _given(rule, derivation)


def _input_lines(rule: Rule) -> Iterator[str]:
    yield f"  what      {_OF_INPUTS[rule.kind]} {rule.field}"
    yield f"  why       {rule.why}"
    if rule.fix:
        yield f"  fix       {rule.fix}"
    yield f"  source    {rule.doc}"


def _field_lines(rule: FieldRule) -> Iterator[str]:
    yield f"  what      {_OF_FIELDS[rule.kind]}"
    yield f"  field     {rule.field}"
    if rule.roles:
        yield f"  role      {' and '.join(rule.roles)}"
    if rule.actions:
        yield f"  actions   {', '.join(rule.actions)}"
    if rule.resource:
        yield f"  resource  {rule.resource}"
    yield f"  source    {rule.doc}"
    yield f"  verified  {'yes' if rule.verified else 'no'}"
    if rule.note:
        yield f"  note      {rule.note}"


def _given(rule: Rule, derivation: Derivation) -> Iterator[str]:
    grants = [grant for grant in derivation.grants if grant.rule == rule.id]
    findings = [finding for finding in derivation.findings if finding.code == rule.id]
    if not grants and not findings:
        yield "It gave nothing for these task definitions."
    for grant in grants:
        yield f"{place_of(grant.file, grant.source)}: {printable(grant.because)}"
        yield f"  {', '.join(grant.actions)}"
        yield from (f"  on {printable(resource)}" for resource in grant.resources)
    yield from map(finding_line, findings)
