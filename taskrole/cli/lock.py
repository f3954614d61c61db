"""`taskrole lock`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from taskrole.cli.parts.finding_formats import (
    FORMATS_OF_FINDINGS,
    output_option,
    parse_outputs,
    report_findings,
)
from taskrole.config import load_config
from taskrole.exit_codes import BLOCKED
from taskrole.files import write_beside
from taskrole.lock import lock_text, make_lock, parse_lock
from taskrole.lock_difference import lock_differences
from taskrole.lock_findings import lock_findings
from taskrole.lock_format import refuse_to_replace_newer_format
from taskrole.output.console import echo, message
from taskrole.output.lines import count
from taskrole.reading import is_file, read_declared
from taskrole.yaml_reader import read_file


@click.command()
@click.option("--check", is_flag=True, help="Write nothing; exit with 3 if permissions differ from the lock.")
@click.option(
    "--file", "given", type=click.Path(dir_okay=False, path_type=Path),
    help="Default: grants.lock.json beside roles.yaml.",
)  # fmt: skip
@click.option(
    "--format",
    "format_",
    type=click.Choice(("text", *FORMATS_OF_FINDINGS)),
    default="text",
    show_default=True,
    help="Needs --check, as --output does.",
)
@output_option
@click.pass_context
def command(ctx: click.Context, check: bool, given: Path | None, format_: str, outputs: Sequence[str]) -> None:
    """Write the permissions of all roles to a lock file to commit, or check the lock.

    In CI, `taskrole lock --check` reports in sentences what a change of roles.yaml, or of a task definition, gives to a
    role or takes from it. Changes of form only are none. Needs neither Terraform nor Node nor an account.

    A lock in the format of a newer taskrole is neither compared nor replaced.
    """
    files = parse_outputs(outputs, FORMATS_OF_FINDINGS)
    if (files or format_ != "text") and not check:
        raise click.UsageError(f"{'--output' if files else '--format'} needs --check.", ctx)
    config: Path = ctx.obj
    file = given or config.with_name("grants.lock.json")
    lock = make_lock(load_config(config).stacks)
    text = lock_text(lock)
    if not check:
        if is_file(file):
            refuse_to_replace_newer_format(read_declared(file), str(file))
        write_beside(file, text)
        roles = sum(len(stack.roles) for stack in lock.stacks.values())
        echo(f"{file}: locked {count(roles, 'role')} of {count(len(lock.stacks), 'stack')}")
        return
    content = read_file(file, "create it with: taskrole lock")
    locked = parse_lock(content, str(file))
    differences = list(lock_differences(locked, lock))
    report_findings(lock_findings(file, lock, differences), format_, files)
    if differences:
        if format_ == "text":
            echo("\n".join(map(str, differences)))
        echo(f"{file} is out of date; if the change is intended, run: taskrole lock", err=True)
        ctx.exit(BLOCKED)
    if content != text.encode():
        message(f"{file}: equivalent, but written differently; to update it, run: taskrole lock")
    if format_ == "text":
        echo(f"{file}: up to date with {config}")
