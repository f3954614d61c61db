"""`taskrole init`."""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from taskrole.arns import ACCOUNT, ACCOUNT_FORM
from taskrole.errors import InputError, Place, Problem, printable, quote
from taskrole.output.console import echo, message
from taskrole.output.lines import count
from taskrole.partitions import nearest_regions, partition_of
from taskrole.reading import is_folder

if TYPE_CHECKING:
    from taskrole.init.project import NewFile, Project
    from taskrole.init.search import Search

_HELP = """\
Create roles.yaml for the task definitions of a project.

PATHS are files and folders; the folder of roles.yaml by default. Folders are searched for task definitions in all
supported forms, in JSON and YAML, except what .gitignore excludes. Also writes the JSON Schema, values.yaml with the
placeholders to fill in, if any, and grants.lock.json, once nothing is left to fill in.

Does not prompt, and overwrites no existing file: all files are written, or none.

\b
taskrole init --dry-run
taskrole init deploy/ --region eu-central-1 --account 111122223333
"""


@click.command(help=_HELP)
@click.argument("paths", nargs=-1, metavar="[PATHS]...")
@click.option("--dry-run", is_flag=True, help="List the files without writing them.")
@click.option("--region", help="Region of the tasks. Default: from the task definitions, else AWS_REGION.")
@click.option("--account", help="Account of the tasks. Default: from the task definitions.")
@click.option("--terraform", is_flag=True, help="Also write a Terraform root module to terraform/ecs.")
@click.option("--cdktf", is_flag=True, help="Also write a CDKTF app for your own stacks.")
@click.option("--ci", type=click.Choice(["github", "gitlab"]), help="Also write CI files to complete.")
@click.pass_context
def command(ctx: click.Context, /, paths: tuple[str, ...], **arguments: Any) -> None:
    """Search, plan, and write."""
    # Imported late: they load pydantic and the readers of task definitions.
    from taskrole.files import create_all

    path: Path = ctx.obj
    search = _search(paths, path)
    project = _plan(search, path, arguments)
    files = {**project.files, **_extras(project, path, arguments)}
    _refuse_existing(files)
    is_dry = arguments["dry_run"]
    if not is_dry:
        create_all({path: file.text for path, file in files.items()})
    message(_summary(search), err=False)
    for line in _file_lines(files, is_dry=is_dry):
        echo(printable(line))
    for line in project.open:
        echo(printable(f"to fill in: {line}"))
    if project.open and arguments["terraform"]:
        echo("not written yet: the Terraform root module")
    message("\nNext:", err=False)
    for line in _next_lines(project, path, arguments):
        message(printable(f"  {line}"), err=False)


def _search(paths: Sequence[str], path: Path) -> Search:
    """Return the task definitions found. Raises InputError for all invalid ones, or if there are none."""
    from taskrole.init.search import find_definitions

    if not is_folder(path.parent):
        raise InputError([Problem(Place(str(path.parent)), "no such folder; create it, or choose another")])
    places = paths or (str(path.parent),)
    search = find_definitions(places, path.parent)
    broken = [
        Problem(Place(finding.file, path=finding.source), finding.message)
        for definition in search.definitions
        for finding in definition.document.findings
        if finding.severity == "error" and finding.code != "PLACEHOLDER"
    ]
    problems = [*search.problems, *broken]
    if not problems and not search.definitions:
        where = " ".join(places)
        message = (
            f"no task definition in {count(search.files, 'JSON or YAML file')}; give the files, or create one: `aws ecs"
            " describe-task-definition --task-definition NAME > NAME.json`, or `terraform show -json PLAN > plan.json`"
        )
        problems = [Problem(Place(where), message)]
    if problems:
        raise InputError(problems)
    return search


def _plan(search: Search, path: Path, arguments: Mapping[str, Any]) -> Project:
    from taskrole.init.place import find_account, find_region
    from taskrole.init.project import plan_project

    documents = [definition.document for definition in search.definitions]
    _check_place(arguments["region"], arguments["account"])
    region = find_region(documents, arguments["region"], os.environ)
    account = find_account(documents, arguments["account"])
    return plan_project(search, path, region, account)


def _check_place(region: str | None, account: str | None) -> None:
    """Raise InputError for an unknown region, or an invalid account."""
    problems = []
    if region is not None and partition_of(region) is None:
        near = nearest_regions(region)
        hint = f"did you mean {' or '.join(near)}?" if near else "regions are named like eu-west-1"
        problems.append(Problem(Place("--region"), f"unknown region {quote(region)}; {hint}"))
    if account is not None and not ACCOUNT.fullmatch(account):
        problems.append(Problem(Place("--account"), f"must be {ACCOUNT_FORM}; got {quote(account)}"))
    if problems:
        raise InputError(problems)


def _extras(project: Project, path: Path, arguments: Mapping[str, Any]) -> Mapping[Path, NewFile]:
    """Return the additional files of the options."""
    files: dict[Path, NewFile] = {}
    if arguments["terraform"] and project.config is not None:
        from taskrole.init.terraform import terraform_files

        files |= terraform_files(project.config, path)
    if arguments["ci"]:
        from taskrole.init.continuous_integration import ci_files

        files |= ci_files(arguments["ci"], path, terraform=arguments["terraform"], cdktf=arguments["cdktf"])
    if arguments["cdktf"]:
        from taskrole.init.cdktf import cdktf_files

        files |= cdktf_files(path)
    return files


def _refuse_existing(files: Mapping[Path, NewFile]) -> None:
    paths = dict.fromkeys(file.folder or path for path, file in files.items())
    existing = [path for path in paths if os.path.lexists(path)]
    if existing:
        message = "exists already and is not overwritten; nothing was written"
        raise InputError(Problem(Place(str(path)), message) for path in existing)


def _summary(search: Search) -> str:
    files = len({definition.path for definition in search.definitions})
    definitions = count(len(search.definitions), "task definition")
    return f"{definitions} in {count(files, 'file')}, of {count(search.files, 'file')} searched"


def _file_lines(files: Mapping[Path, NewFile], *, is_dry: bool) -> Iterator[str]:
    verb = "would write" if is_dry else "wrote"
    purposes = {file.folder or path: file.purpose for path, file in files.items()}
    for path, purpose in purposes.items():
        yield f"{verb} {path}: {purpose}"


def _next_lines(project: Project, path: Path, arguments: Mapping[str, Any]) -> Iterator[str]:
    """Yield the next three commands."""
    from taskrole.init.roles import STACK
    from taskrole.init.terraform import ROOT

    config = "" if str(path) == "roles.yaml" else f"--config {shlex.quote(str(path))} "
    taskrole = f"taskrole {config}"
    target = shlex.quote(str(path.parent / ROOT))
    export = f"{taskrole}export --root --to {target}"
    plan = f"terraform -chdir={target} init && terraform -chdir={target} plan"
    if project.config is None:
        yield f"{taskrole}validate  # what to fill in, and where"
        yield f"{taskrole}lock  # then: lock the permissions of the roles"
        yield f"{export}  # export the roles as a Terraform root module"
        return
    yield f"{taskrole}show  # the permissions of each role"
    if arguments["cdktf"]:
        yield f"{taskrole}synth  # Terraform of all stacks in cdktf.out; with Node and taskrole[cdktf]"
        yield f"npx cdktf-cli@0.21.0 diff {STACK}  # with your own app, main.py"
        return
    if arguments["terraform"]:
        yield f"{taskrole}lock --check  # in CI: detect changed permissions"
    else:
        yield f"{export}  # export the roles as a Terraform root module"
    yield plan
