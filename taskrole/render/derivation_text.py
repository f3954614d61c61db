"""Formats a derivation as text: errors, the grants of each role with reasons, required statements elsewhere, notes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from taskrole.families import Family, brief_files
from taskrole.finding import Finding, at_least
from taskrole.grant import RoleKind
from taskrole.output.findings import write_findings
from taskrole.output.lines import count
from taskrole.output.text.page import Page
from taskrole.policy.documents.statements import as_list, statements_of
from taskrole.render.role_text import write_assumers, write_policies, write_required
from taskrole.role import Role

_NOTHING: dict[RoleKind, str] = {
    "execution": "These task definitions need no execution role.",
    "task": "These task definitions need no task role.",
}
_LONGEST_NAME = 40


def write_derivation(
    page: Page, families: Sequence[Family], roles: Mapping[str, Sequence[Role]], *, quiet: bool = False
) -> None:
    """Add families with their roles by name, after a summary if there are several.

    `quiet` leaves out the summary and the notes.
    """
    if len(families) == 1 and len(families[0].files) > 1 and not quiet:
        page.line(f"{count(len(families[0].files), 'task definition')}, with one pair of roles for all")
        page.blank()
    brief = brief_files(file for family in families for file in family.files)
    findings = [_briefly(finding, brief) for finding in _findings(families)]
    if len(families) > 1 and not quiet:
        _write_summary(page, families, roles)
    write_findings(page, at_least(findings, "warning"))
    for family in families:
        page.blank()
        if len(families) > 1:
            page.line(f"family {family.name}", style="bold")
            for file in family.files:
                page.value(brief.get(file, file), 2)
            page.blank()
        for role in roles[family.name]:
            _write_role(page, _brief_role(role, brief))
        for required in family.derivation.required_elsewhere:
            write_required(page, required)
    if not quiet:
        page.blank()
        write_findings(page, [finding for finding in findings if finding.severity == "note"])


def _findings(families: Sequence[Family]) -> list[Finding]:
    if len(families) == 1:
        return list(families[0].derivation.findings)
    return [finding for family in families for finding in family.located_findings]


def _briefly(finding: Finding, brief: Mapping[str, str]) -> Finding:
    return replace(finding, file=brief.get(finding.file, finding.file))


def _brief_role(role: Role, brief: Mapping[str, str]) -> Role:
    return replace(role, grants=tuple(replace(grant, file=brief.get(grant.file, grant.file)) for grant in role.grants))


def _write_role(page: Page, role: Role) -> None:
    page.blank()
    page.line(f"{role.kind} role", style="bold")
    if not role.policies:
        page.line(_NOTHING[role.kind])
        return
    write_assumers(page, role.trust)
    write_policies(page, role)


def _write_summary(page: Page, families: Sequence[Family], roles: Mapping[str, Sequence[Role]]) -> None:
    page.line(f"{count(len(families), 'family')}, each with its own roles; --per all derives one pair for all")
    width = min(_LONGEST_NAME, max(len(family.name) for family in families))
    for family in sorted(families, key=_badness):
        parts = [_role_summary(role) for role in roles[family.name]]
        page.value("  ".join([f"{family.name:<{width}}", "; ".join([*parts, _finding_summary(family)])]), 2)
    page.blank()


def _badness(family: Family) -> tuple[int, int, str]:
    findings = family.derivation.findings
    errors, warnings = len(at_least(findings, "error")), len(at_least(findings, "warning"))
    return (-errors, -warnings, family.name)


def _role_summary(role: Role) -> str:
    statements = [statement for policy in role.policies for statement in statements_of(policy.document)]
    if not statements:
        return f"no {role.kind} role"
    actions = {action for statement in statements for action in as_list(statement["Action"])}
    resources = {resource for statement in statements for resource in as_list(statement["Resource"])}
    return f"{role.kind} role: {count(len(actions), 'action')} on {count(len(resources), 'resource')}"


def _finding_summary(family: Family) -> str:
    findings = family.derivation.findings
    counts = [
        (len([finding for finding in findings if finding.severity == severity]), severity)
        for severity in ("error", "warning", "note")
    ]
    return ", ".join(count(number, severity) for number, severity in counts if number) or "no findings"
