"""Converts the findings of a derivation to a report for the finding formats."""

from __future__ import annotations

from collections.abc import Sequence

from taskrole.families import Family
from taskrole.grant import ROLE_KINDS
from taskrole.output.formats.report import FindingReport, Suite
from taskrole.output.lines import count


def derivation_findings(families: Sequence[Family]) -> FindingReport:
    """Return the findings of families, with a suite for each."""
    files = {file for family in families for file in family.files}
    summary = f"{count(len(files), 'task definition')} of {count(len(families), 'family')}."
    return FindingReport("derive", (summary,), tuple(map(_suite, families)))


def _suite(family: Family) -> Suite:
    grants = {kind: sum(grant.role == kind for grant in family.derivation.grants) for kind in ROLE_KINDS}
    passed = tuple(f"{kind} role: {count(number, 'grant')}" for kind, number in grants.items())
    return Suite(f"family {family.name}", passed, family.located_findings)
