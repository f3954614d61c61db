"""Formats a role as text: its trust policy, and each statement with its actions, resources and reason."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from taskrole.errors import printable
from taskrole.grant import Condition, Grant, RequiredElsewhere, condition_test
from taskrole.output.lines import count, place_of, statement_text
from taskrole.output.text.page import Page
from taskrole.policy.documents.build import Statement, statement_grants
from taskrole.policy.documents.policy import Policy
from taskrole.policy.documents.statements import Document, policy_size, statements_of
from taskrole.render.comparison import is_workshop_role, workshop_line
from taskrole.role import PLAIN_ATTRIBUTES, Role, conditional_assumers

_MOST_REASONS = 4


def write_assumers(page: Page, trust: Document, indent: int = 0) -> None:
    """Add the principals that can assume a role, with conditions."""
    for who, conditions in conditional_assumers(trust):
        page.labelled("assumed by", [who], indent)
        write_conditions(page, conditions, indent + 2)


def write_conditions(page: Page, conditions: Iterable[Condition], indent: int) -> None:
    """Add conditions, each with its values."""
    for condition in conditions:
        page.labelled(f"if {condition_test(condition)}", condition[2], indent)


def write_policies(page: Page, role: Role) -> None:
    """Add the policies of a role that was built from grants, statement by statement."""
    statements = statement_grants(role.policies, role.grants)
    for policy in role.policies:
        page.line(_heading(policy, len(statements[policy.name])))
        for statement in statements[policy.name]:
            page.blank()
            _write_statement(page, statement)


def write_required(page: Page, required: RequiredElsewhere) -> None:
    """Add a statement that another account must add: to which policy, why, and the JSON."""
    owner = f"account {required.account}" if required.account else "its owner"
    page.blank()
    page.line(f"{owner} must add to the {required.service} policy of", mark="required elsewhere:", style="bold")
    page.value(required.resource, 2)
    page.line(required.because, 2, style="dim")
    page.block(statement_text(required))


def write_declared_role(page: Page, role: Role, arn: str | None, stack: str) -> None:
    """Add the summary of a stack's role: its ARN, trusted principals, policies by name, boundary and tags."""
    page.line(f"{role.title}: {role.kind} role of stack {stack}", style="bold")
    page.labelled("ARN:", [arn or "known after apply"], 2)
    write_assumers(page, role.trust, 2)
    if role.attachments:
        page.labelled("managed policies:", [*role.attachments], 2)
        if is_workshop_role(role):
            page.line(workshop_line(), 4, style="dim")
    if role.policies:
        page.labelled("own policies:", [_own_policy(policy) for policy in role.policies], 2)
    for attribute in PLAIN_ATTRIBUTES:
        value = attribute.set_in(role)
        if attribute.label and value is not None:
            page.labelled(f"{attribute.label}:", [str(value)], 2)
    if role.tags:
        page.labelled("tags:", [f"{key} = {value}" for key, value in role.tags.items()], 2)


def _own_policy(policy: Policy) -> str:
    return f"{policy.name} ({policy.kind}), {count(len(statements_of(policy.document)), 'statement')}"


def _heading(policy: Policy, statements: int) -> str:
    size = f"{policy_size(policy.document):,} characters"
    return f"{policy.kind} policy {policy.name}: {count(statements, 'statement')}, {size}"


def _write_statement(page: Page, statement: Statement) -> None:
    if statement.effect == "Deny":
        page.line(f"{statement.sid} (denied)", 2, style="red")
    else:
        page.line(statement.sid, 2, style="bold")
    for action in statement.actions:
        page.value(action, 4)
    for resource in statement.resources:
        page.value(resource, 6)
        for reason in _reasons(resource, statement):
            page.line(reason, 8, style="dim")
    write_conditions(page, statement.conditions, 6)


def _reasons(resource: str, statement: Statement) -> Iterator[str]:
    """Yield the reasons for a resource in a statement, without duplicates, each with its first field."""
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
