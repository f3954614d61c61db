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
    from taskrole.lock import LockedStack


_HELP = """\
List the stacks of roles.yaml: name, region, account, number of roles.

A fleet is planned and deployed by one job a stack. In GitHub Actions, a first job prints the matrix of a second:

\b
echo "matrix=$(taskrole stacks --format github-matrix --changed-since origin/main)" >> "$GITHUB_OUTPUT"

With --changed-since, a stack is left out when grants.lock.json of that commit has it exactly as roles.yaml grants
it now; without a lock there, all are listed. For a change of anything that no lock holds, such as a tag or a
backend, list all.
"""


@click.command(help=_HELP)
@click.option(
    "--format", "format_", type=click.Choice(["text", "json", "github-matrix"]), default="text", show_default=True
)
@click.option(
    "--changed-since", "revision", metavar="REV", help="Only stacks that the lock of that commit does not have so."
)
@click.pass_obj
def stacks(config: Path, format_: str, revision: str | None) -> None:
    """List the stacks."""
    found = load_config(config).stacks
    if revision is not None:
        found = _changed(found, config, revision)
    rows = [
        {"stack": one.name, "region": one.context.region, "account": one.context.account, "roles": len(one.roles)}
        for one in found
    ]
    if format_ == "github-matrix":
        include = [{key: row[key] or "" for key in ("stack", "region", "account")} for row in rows]
        echo(json.dumps({"include": include}, separators=(",", ":")))
    elif format_ == "json":
        echo_json({"schema_version": REPORT_VERSIONS["stacks"], "stacks": rows})
    else:
        for one in found:
            roles = count(len(one.roles), "role")
            echo(f"{one.name}  {one.context.region}  {one.context.account or 'any account'}  {roles}")


def _changed(found: tuple[StackSpec, ...], config: Path, revision: str) -> tuple[StackSpec, ...]:
    from taskrole.lock import make_lock

    before = _locked(config.with_name("grants.lock.json"), revision)
    now = make_lock(found).stacks
    return tuple(one for one in found if before.get(one.name) != now[one.name])


def _locked(file: Path, revision: str) -> dict[str, LockedStack]:
    """Return the stacks of the lock of a commit, none where it has no lock. Raises ToolError for no commit of ours."""
    from taskrole.lock import parse_lock

    folder = file.absolute().parent
    commit = _git(folder, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
    if commit is None:
        raise ToolError(
            f"{quote(revision)} is no commit of the repository around {folder.name}/; "
            "fetch it, or leave --changed-since out"
        )
    content = _git(folder, "show", f"{commit.decode().strip()}:./{file.name}")
    return {} if content is None else parse_lock(content, f"{revision}:{file.name}").stacks


def _git(folder: Path, *arguments: str) -> bytes | None:
    """Return what git prints, or None where it says no."""
    try:
        done = subprocess.run(["git", *arguments], cwd=folder, capture_output=True, check=False)
    except OSError as error:
        raise ToolError(f"git: {error.strerror}; --changed-since needs it") from error
    return done.stdout if done.returncode == 0 else None
