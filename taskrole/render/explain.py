"""One rule, explained; and what it did for task definitions."""

from __future__ import annotations

import difflib
from collections.abc import Iterator

from taskrole.errors import InputError, Place, Problem, printable, shown
from taskrole.render.lines import finding_line, place_of
from taskrole.taskdef import RULES, Derivation, Rule

_KINDS = {
    "grant": "grants",
    "option": "grants, when an option asks for it",
    "refused": "refuses",
    "note": "warns or notes",
    "fact": "is a fact that others rest on",
}


def find_rule(name: str) -> Rule:
    """Return the rule of an id, in any case. Raises InputError, naming the nearest, for another."""
    rule = RULES.get(name.upper())
    if rule is None:
        near = difflib.get_close_matches(name.upper(), RULES, n=3)
        hint = f"did you mean {' or '.join(near)}?" if near else f"there are {', '.join(sorted(RULES))}"
        raise InputError([Problem(Place("--explain"), f"no rule is called {shown(name)}; {hint}")])
    return rule


def explanation(rule: Rule, derivation: Derivation | None) -> Iterator[str]:
    """Yield a rule as lines, then, of a derivation, the grants and findings that it gave."""
    yield f"{rule.id}: {rule.title}"
    yield f"  what      {_KINDS[rule.kind]}"
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
    if derivation is not None:
        yield ""
        yield from _given(rule, derivation)


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
