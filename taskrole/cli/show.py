"""`taskrole show`."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import click

from taskrole.cli.parts.print_policy import print_policy_option
from taskrole.cli.parts.selection import selected_stacks
from taskrole.config import StackSpec
from taskrole.errors import printable
from taskrole.exit_codes import BLOCKED
from taskrole.output.console import echo, echo_page, is_quiet
from taskrole.output.text.page import Page
from taskrole.render.role_text import write_declared_role, write_required
from taskrole.role import Role


@click.command()
@click.argument("stack", required=False)
@click.option("--live", is_flag=True, help="Read the roles from the account instead of roles.yaml.")
@print_policy_option("show")
@click.pass_context
def show(ctx: click.Context, stack: str | None, live: bool) -> None:
    """Show roles: STACK's, or all. With --live, those of the account; exits with 3 if one is missing."""
    absent = 0
    for number, spec in enumerate(selected_stacks(ctx.obj, stack)):
        rows: list[Role] = []
        for role in spec.roles:
            shown_role = _live(role, spec) if live else role
            if shown_role is None:
                absent += 1
                echo(f"stack {spec.name}: role {printable(role.title)} is not in the account", err=True)
            else:
                rows.append(shown_role)
        if number and rows:
            echo("")
        echo_page(partial(_write, spec=spec, roles=rows, with_required=not (live or is_quiet())))
    if absent:
        ctx.exit(BLOCKED)


def _write(page: Page, spec: StackSpec, roles: list[Role], *, with_required: bool) -> None:
    for role in roles:
        page.blank()
        write_declared_role(page, role, role.arn(spec.context), spec.name)
    for required in spec.required_elsewhere if with_required else ():
        write_required(page, required)


def _live(role: Role, spec: StackSpec) -> Role | None:
    from taskrole.live.roles import find_role_name, read_iam_role
    from taskrole.live.service import connect

    iam = connect("iam", spec.context.region)
    name = find_role_name(iam, role)
    live = read_iam_role(iam, name, key=role.key) if name else None
    # IAM does not know what ECS uses a role for.
    return replace(live, kind=role.kind) if live else None
