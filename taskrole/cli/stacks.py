"""`taskrole stacks`."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import click

from taskrole.config import StackSpec, load_config
from taskrole.errors import ToolError, quote
from taskrole.output.console import echo, echo_json
from taskrole.output.lines import count
from taskrole.report_versions import REPORT_VERSIONS

if TYPE_CHECKING:
    from taskrole.lock import StackEntry


_HELP = """\
List the stacks of roles.yaml: name, region, account, number of roles.

Use it to plan and deploy with a job a stack. In GitHub Actions, a first job prints the matrix of a second:

\b
echo "matrix=$(taskrole stacks --format github-matrix --changed-since origin/main)" >> "$GITHUB_OUTPUT"

--changed-since leaves out stacks whose permissions are the same in grants.lock.json of that commit; without a lock,
all are listed. For changes that the lock does not contain, such as tags or backends, list all.
"""


@click.command(help=_HELP)
@click.option(
    "--format", "format_", type=click.Choice(["text", "json", "github-matrix"]), default="text", show_default=True
)
@click.option(
    "--changed-since", "revision", metavar="REV", help="Only stacks whose permissions differ from that commit's lock."
)
@click.pass_obj
def stacks(config: Path, format_: str, revision: str | None) -> None:
    """List the stacks."""
    stacks = load_config(config).stacks
    if revision is not None:
        stacks = _changed(stacks, config, revision)
    rows = [
        {
            "stack": stack.name,
            "region": stack.context.region,
            "account": stack.context.account,
            "roles": len(stack.roles),
        }
        for stack in stacks
    ]
    if format_ == "github-matrix":
        include = [{key: row[key] or "" for key in ("stack", "region", "account")} for row in rows]
        echo(json.dumps({"include": include}, separators=(",", ":")))
    elif format_ == "json":
        echo_json({"schema_version": REPORT_VERSIONS["stacks"], "stacks": rows})
    else:
        for stack in stacks:
            roles = count(len(stack.roles), "role")
            echo(f"{stack.name}  {stack.context.region}  {stack.context.account or 'any account'}  {roles}")


def _changed(stacks: tuple[StackSpec, ...], config: Path, revision: str) -> tuple[StackSpec, ...]:
    from taskrole.lock import make_lock

    before = _locked(config.with_name("grants.lock.json"), revision)
    now = make_lock(stacks).stacks
    return tuple(stack for stack in stacks if before.get(stack.name) != now[stack.name])


def _locked(file: Path, revision: str) -> dict[str, StackEntry]:
    """Return the stacks in the lock of a commit, or none if it has no lock. Raises ToolError for an unknown commit."""
    from taskrole.lock import parse_lock

    folder = file.absolute().parent
    commit = _git(folder, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
    if commit is None:
        raise ToolError(
            f"{quote(revision)} is not a commit of the repository of {folder.name}/; "
            "fetch it, or remove --changed-since"
        )
    content = _git(folder, "show", f"{commit.decode().strip()}:./{file.name}")
    return {} if content is None else parse_lock(content, f"{revision}:{file.name}").stacks


def _git(folder: Path, *arguments: str) -> bytes | None:
    """Return the output of git, or None if it fails."""
    try:
        done = subprocess.run(["git", *arguments], cwd=folder, capture_output=True, check=False)
    except OSError as error:
        raise ToolError(f"git: {error.strerror}; --changed-since needs it") from error
    return done.stdout if done.returncode == 0 else None
