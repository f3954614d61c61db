"""`taskrole export`."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

import click

from taskrole.cli.parts.selection import config_lines, selected_stacks
from taskrole.collector import collector_paused
from taskrole.config import StackSpec
from taskrole.config.backends.registry import backend_of
from taskrole.errors import InputError, Place, Problem, printable
from taskrole.export.exported_files import ROOT_FILES, Wishes, export_files
from taskrole.export.folder import replace_module
from taskrole.export.substitution import PARAMETERS, ParameterKind
from taskrole.output.console import echo, is_quiet
from taskrole.reading import is_file

_PROJECT_FILE = "cdktf.json"


_HELP = """\
Write a Terraform module of a stack's roles, which needs neither taskrole nor CDKTF.

STACK is optional if there is only one. DIR is replaced completely or not at all.

\b
taskrole export service --to modules/roles
taskrole export service --to terraform/roles --root --from-state
"""


@click.command(help=_HELP)
@click.argument("stack", required=False)
@click.option("--to", type=click.Path(path_type=Path), required=True, metavar="DIR", help="Folder to write.")
@click.option("--format", "format_", type=click.Choice(["hcl", "json"]), default="hcl", show_default=True)
@click.option("--root", is_flag=True, help="Also write a root module with provider and backend.")
@click.option(
    "--parameterise", "parameters", type=click.Choice(list(PARAMETERS)), multiple=True,
    help="Make variables of these ARNs.",
)  # fmt: skip
@click.option("--from-state", is_flag=True, help="Add moved blocks, to take over the CDKTF stack's state unchanged.")
@click.option("--force", is_flag=True, help="Replace DIR even if it has other or edited files.")
@click.pass_context
@collector_paused()
def command(ctx: click.Context, /, stack: str | None, to: Path, **arguments: Any) -> None:
    """Write the module."""
    spec = _one_stack(ctx.obj, stack)
    if not (arguments["root"] or arguments["force"]):
        _refuse_root(to)
    wishes = Wishes(
        format=arguments["format_"],
        root=arguments["root"],
        from_state=arguments["from_state"],
        parameters=cast("tuple[ParameterKind, ...]", tuple(dict.fromkeys(arguments["parameters"]))),
    )
    state_folder, is_inside = _state_folder(ctx.obj, to)
    files = export_files(spec, wishes, state_folder)
    replace_module(to, files, force=arguments["force"], spared=[ctx.obj])
    if wishes.from_state:
        echo(
            f"warning: once this is applied, `cdktf diff {spec.name}` plans to destroy these roles, and `cdktf deploy"
            f" {spec.name}` does; remove the stack from {printable(str(ctx.obj))} before that. For a copy of the state,"
            f" {printable(str(to / 'README.md'))} has the command that makes the stack's own state forget them",
            err=True,
        )
    for name in sorted(files):
        echo(printable(str(to / name)))
    for line in _messages(spec, wishes, is_inside=is_inside):
        echo(line, err=True)


def _refuse_root(to: Path) -> None:
    """Raise InputError for a folder with a root module, whose provider and backend must not be overwritten."""
    if any(is_file(to / name) for name in ROOT_FILES):
        message = "has a root module; use --root to write it again, or choose another folder for the module"
        raise InputError([Problem(Place(str(to)), message)])


def _one_stack(config: Path, name: str | None) -> StackSpec:
    stacks = selected_stacks(config, name)
    if len(stacks) == 1:
        return stacks[0]
    names = ", ".join(stack.name for stack in stacks)
    raise InputError([Problem(Place(str(config)), f"has several stacks: {names}; give STACK")])


def _state_folder(config: Path, to: Path) -> tuple[Path, bool]:
    """Return the path of local states relative to a root module, and whether the module is in the project.

    Outside the project, it is the root module's own folder: a path to the project would be specific to this machine.
    """
    start = config.absolute().parent
    project = next(
        (folder for folder in (start, *start.parents) if (folder / _PROJECT_FILE).is_file()), start
    ).resolve()
    target = Path(os.path.realpath(to))
    if project in target.parents:
        return Path(os.path.relpath(project, target)), True
    return Path(), False


def _messages(spec: StackSpec, wishes: Wishes, *, is_inside: bool) -> Sequence[str]:
    messages = list(config_lines([spec], quiet=is_quiet()))
    if wishes.root and not is_inside:
        messages += [
            f"the root module looks for the state {printable(file)} in its own folder, "
            "since that is outside the project; copy it there, if there is one"
            for file in backend_of(spec.backend).files(spec.backend)
        ]
    if not wishes.root and not wishes.from_state:
        messages += [
            f"role {printable(role.title)} exists, and a module cannot import it; use --root, which has import blocks"
            for role in spec.roles
            if role.adopt
        ]
    return messages
