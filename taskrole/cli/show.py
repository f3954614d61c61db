"""`taskrole show`."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING

import click

from taskrole.cli.print_policy import print_policy_option
from taskrole.cli.selection import selected_stacks
from taskrole.config import StackSpec
from taskrole.errors import BLOCKED, printable
from taskrole.output.console import drawn, echo
from taskrole.policy.documents.statements import statements_of
from taskrole.render.lines import count, required_line, statement_text
from taskrole.role import Role, assumers

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table


@click.command()
@click.argument("stack", required=False)
@click.option("--live", is_flag=True, help="Read the roles from the account instead of roles.yaml.")
@print_policy_option("show")
@click.pass_context
def show(ctx: click.Context, stack: str | None, live: bool) -> None:
    """Show roles as tables: STACK's, or all. With --live, as they are in the account; exits with 3 when one is not."""
    from rich.table import Table
    from rich.text import Text

    absent = 0
    for spec in selected_stacks(ctx.obj, stack):
        for role in spec.roles:
            arn, shown_role = _live(role, spec) if live else (role.arn(spec.context), role)
            if shown_role is None:
                absent += 1
                echo(f"stack {spec.name}: role {printable(role.title)} is not in the account", err=True)
                continue
            table = Table(show_header=False, title=f"{role.kind} role of stack {spec.name}", title_justify="left")
            table.add_column(style="bold", no_wrap=True)
            table.add_column(overflow="fold")
            for heading, value in role_table_rows(shown_role, arn):
                table.add_row(heading, Text(printable(value)))
            echo(drawn(partial(_print_table, table)), nl=False, is_styled=True)
        if not live:
            _show_required(spec)
    if absent:
        ctx.exit(BLOCKED)


def _print_table(table: Table, console: Console) -> None:
    console.print(table)


def _show_required(spec: StackSpec) -> None:
    """Print what other accounts must add, ready to paste."""
    for required in spec.required_elsewhere:
        echo(f"required elsewhere: {required_line(required)}")
        echo(statement_text(required))


def _live(role: Role, spec: StackSpec) -> tuple[str | None, Role | None]:
    from taskrole.live.roles import find_role_name, read_role
    from taskrole.live.service import connect

    iam = connect("iam", spec.context.region)
    name = find_role_name(iam, role)
    found = read_role(iam, name, key=role.key) if name else None
    return (found.arn, found.role) if found else (None, None)


def role_table_rows(role: Role, arn: str | None) -> Iterator[tuple[str, str]]:
    """Yield the rows of a role's table: a heading, empty where the one above holds, and a value not yet escaped."""
    yield "name", role.title
    yield "ARN", arn or "known after apply"
    for index, who in enumerate(assumers(role.trust)):
        yield "assumed by" if index == 0 else "", who
    for index, policy in enumerate(role.attachments):
        yield "managed policies" if index == 0 else "", policy.split(":policy/")[-1]
    for index, own in enumerate(role.policies):
        statements = count(len(statements_of(own.document)), "statement")
        yield "own policies" if index == 0 else "", f"{own.name} ({own.kind}), {statements}"
    if role.permissions_boundary:
        yield "boundary", role.permissions_boundary
    for index, (key, value) in enumerate(role.tags.items()):
        yield "tags" if index == 0 else "", f"{key} = {value}"
