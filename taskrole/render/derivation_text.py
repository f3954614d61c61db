"""A derivation for a person: what each role may do and why, what is worth knowing, what others must add.

Tables fold what is too long for them, so that every ARN is whole at any width.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from taskrole.derived import by_severity
from taskrole.errors import printable
from taskrole.grant import Condition, Grant, RoleKind
from taskrole.output.console import drawn
from taskrole.policy.documents.build import Statement, statement_grants
from taskrole.policy.documents.statements import policy_size
from taskrole.render.comparison import comparison_line
from taskrole.render.lines import count, place_of, required_line, statement_text
from taskrole.role import Policy, Role, assumers
from taskrole.taskdef import Derivation

_NOTHING: dict[RoleKind, str] = {
    "execution": "These task definitions need no execution role.",
    "task": "Nothing in these task definitions needs a task role.",
}
_APPLICATION = "What the application itself calls cannot be derived; roles.yaml grants it."
_MOST_REASONS = 4
_COLOURS = {"error": "bold red", "warning": "yellow", "note": "dim"}


def derivation_text(derivation: Derivation, roles: Sequence[Role]) -> str:
    """Return a derivation with the roles built of it, as wide as the terminal, with colours if it has them."""
    derivation, roles = _briefly(derivation, roles)

    def draw(console: Console) -> None:
        for role in roles:
            _print_role(console, role)
        _print_findings(console, derivation)
        for required in derivation.required_elsewhere:
            console.print(Text.assemble(("required elsewhere: ", "bold"), required_line(required)))
            console.print(Text(statement_text(required)), soft_wrap=True)
            console.print()
        for role in roles:
            if role.kind == "execution" and role.policies:
                console.print(Text(comparison_line(role)))

    return drawn(draw)


def _briefly(derivation: Derivation, roles: Sequence[Role]) -> tuple[Derivation, list[Role]]:
    """Return both with files called by as much of their paths as tells them apart."""
    named = [one.file for one in derivation.grants] + [one.file for one in derivation.findings]
    files = set(filter(None, named))
    common = os.path.commonpath([os.path.dirname(file) for file in files]) if files else ""  # noqa: PTH120 -- text
    short = {file: file.removeprefix(f"{common}/") if common else file for file in files}
    findings = tuple(replace(one, file=short.get(one.file, "")) for one in derivation.findings)
    brief = [
        replace(role, grants=tuple(replace(one, file=short.get(one.file, "")) for one in role.grants)) for role in roles
    ]
    return replace(derivation, findings=findings), brief


def _print_role(console: Console, role: Role) -> None:
    console.print(Text(f"{role.kind} role", "bold"))
    if role.policies:
        for who in assumers(role.trust):
            console.print(Text(f"assumed by {printable(who)}"))
    else:
        console.print(Text(_NOTHING[role.kind]))
    statements = statement_grants(role.policies, role.grants)
    for policy in role.policies:
        console.print(Text(_heading(policy, len(statements[policy.name]))))
        console.print(_table(statements[policy.name]))
    if role.kind == "task":
        console.print(Text(_APPLICATION))
    console.print()


def _heading(policy: Policy, statements: int) -> str:
    size = f"{policy_size(policy.document):,} characters"
    return f"{policy.kind} policy {printable(policy.name)}: {count(statements, 'statement')}, {size}"


def _table(statements: Iterable[Statement]) -> Table:
    table = Table(show_lines=True, header_style="bold")
    table.add_column("statement and actions", overflow="fold", ratio=9)
    table.add_column("resources, and why", overflow="fold", ratio=14)
    for statement in statements:
        table.add_row(_actions(statement), _resources(statement))
    return table


def _actions(statement: Statement) -> Text:
    denies = " (denied)" if statement.effect == "Deny" else ""
    text = Text.assemble((f"{statement.sid}{denies}", "bold red" if denies else "bold"))
    for action in statement.actions:
        text.append(f"\n{printable(action)}")
    return text


def _resources(statement: Statement) -> Group:
    parts: list[RenderableType] = []
    for resource in statement.resources:
        parts.append(Text(printable(resource), overflow="fold"))
        parts += (_indented(reason, "dim") for reason in _reasons(resource, statement))
    parts += (_indented(f"if {printable(one)}") for one in _conditions(statement.conditions))
    return Group(*parts)


def _indented(text: str, style: str = "") -> Padding:
    return Padding(Text(text, style, overflow="fold"), (0, 0, 0, 2))


def _conditions(conditions: Iterable[Condition]) -> Iterator[str]:
    for operator, key, values in conditions:
        yield f"{key} {operator} {' or '.join(values)}"


def _reasons(resource: str, statement: Statement) -> Iterator[str]:
    """Yield why a resource is in a statement: each reason once, with the first field that gave it."""
    fields: dict[tuple[str, str], list[Grant]] = {}
    for grant in statement.grants:
        if resource in grant.resources:
            fields.setdefault((grant.because, grant.rule), []).append(grant)
    for (because, rule), grants in list(fields.items())[:_MOST_REASONS]:
        more = f" and {count(len(grants) - 1, 'more field')}" if len(grants) > 1 else ""
        yield f"{printable(because)}: {place_of(grants[0].file, grants[0].source)}{more} [{rule}]"
    left = len(fields) - _MOST_REASONS
    if left > 0:
        yield f"and {count(left, 'more reason')}; --format json has them all"


def _print_findings(console: Console, derivation: Derivation) -> None:
    findings = by_severity(derivation.findings)
    if not findings:
        return
    table = Table.grid(padding=(0, 1))
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for one in findings:
        place = place_of(one.file, one.source)
        message = f"{place}{': ' if place else ''}{printable(one.message)} [{one.code}]"
        table.add_row(Text(one.severity, _COLOURS[one.severity]), Text(message))
    console.print(table)
    console.print()
