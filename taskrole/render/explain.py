"""One id of a report, explained; and what a rule about task definitions did for some."""

from __future__ import annotations

from collections.abc import Iterator

from taskrole.errors import InputError, Place, Problem, printable, quote
from taskrole.nearest import nearest
from taskrole.output.lines import finding_line, place_of
from taskrole.render.remarks import Remark, remarks
from taskrole.taskdef import RULES, Derivation, Rule

_KINDS = {
    "grant": "grants",
    "option": "grants, when an option asks for it",
    "refused": "refuses",
    "note": "warns or notes",
    "fact": "is a fact that others rest on",
}


def find_rule(name: str) -> Rule | Remark:
    """Return the rule or remark with an id, ignoring case. Raises InputError with the most similar ids."""
    entry: Rule | Remark | None = RULES.get(name.upper()) or remarks().get(name.upper())
    if entry is None:
        known = [*RULES, *(remark.id for remark in remarks().values())]
        near = nearest(name.upper(), known, most=3)
        hint = f"did you mean {' or '.join(near)}?" if near else f"there are {', '.join(sorted(known))}"
        raise InputError([Problem(Place("--explain"), f"unknown rule {quote(name)}; {hint}")])
    return entry


def explanation(rule: Rule | Remark, derivation: Derivation | None = None) -> Iterator[str]:
    """Yield a rule as lines, then, of a derivation, the grants and findings that it gave."""
    yield f"{rule.id}: {rule.title}"
    yield from _remark_lines(rule) if isinstance(rule, Remark) else _rule_lines(rule)
    if derivation is not None:
        yield ""
        yield from _given(rule, derivation)


def _remark_lines(remark: Remark) -> Iterator[str]:
    yield f"  what      {remark.what}"
    yield f"  why       {remark.why}"
    if remark.fix:
        yield f"  fix       {remark.fix}"
    yield f"  source    {remark.doc}"


def _rule_lines(rule: Rule) -> Iterator[str]:
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


def _given(rule: Rule | Remark, derivation: Derivation) -> Iterator[str]:
    grants = [grant for grant in derivation.grants if grant.rule == rule.id]
    findings = [finding for finding in derivation.findings if finding.code == rule.id]
    if not grants and not findings:
        yield "It gave nothing for these task definitions."
    for grant in grants:
        yield f"{place_of(grant.file, grant.source)}: {printable(grant.because)}"
        yield f"  {', '.join(grant.actions)}"
        yield from (f"  on {printable(resource)}" for resource in grant.resources)
    yield from map(finding_line, findings)
