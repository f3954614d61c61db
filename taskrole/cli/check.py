"""`taskrole check`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from taskrole.arns import Context
from taskrole.check.assign import assign
from taskrole.check.report import CheckReport
from taskrole.check.tasks import check_tasks
from taskrole.cli.parts.derivation import derivation_options, read_options, read_tasks
from taskrole.cli.parts.finding_formats import (
    FORMATS_OF_FINDINGS,
    output_option,
    parse_outputs,
    render_findings,
    write_reports,
)
from taskrole.cli.parts.live_role import read_live_role
from taskrole.cli.parts.memory import keep_all_objects
from taskrole.cli.parts.print_policy import print_policy_option
from taskrole.cli.parts.replay import (
    place_of_calls,
    read_calls,
    replay_options,
    subjects_of_assignments,
    subjects_without_tasks,
    with_replays,
)
from taskrole.errors import InputError, Problem
from taskrole.exit_codes import exit_code_for
from taskrole.grant import ROLE_KINDS, RoleKind
from taskrole.output.console import echo, is_quiet
from taskrole.output.findings import finding_lines
from taskrole.output.lines import count
from taskrole.sources.arguments import Parts, read_parts
from taskrole.sources.named_role import Wanted, stack_of
from taskrole.taskdef import Derivation, Options
from taskrole.taskdef.values.values import Values

if TYPE_CHECKING:
    from taskrole.config import StackSpec
    from taskrole.observe.recording import Recording

_HELP = """\
Check roles against task definitions: missing permissions with the resulting error, and excess permissions.

FILE is a file, a folder, a pattern, or - for standard input, with task definitions in any form: the JSON or YAML of
ECS, a CloudFormation template, or `terraform show -json` of a plan or a state.
SOURCE is a role, or a policy of a role:

\b
  stack:NAME[/ROLE]          a role of roles.yaml
  plan:FILE[#ADDRESS]        a role after the apply of a plan (terraform show -json)
  live:NAME                  a role in the account
  policy.json                a policy document, or several by name
  AmazonS3ReadOnlyAccess     a managed policy of AWS, by name or ARN
  trust:FILE, boundary:FILE  the trust policy, the permissions boundary
  ARN=FILE                   the document of a customer managed policy

\b
taskrole check task.json --role SecretsManagerReadWrite --role own.json
taskrole check tasks/ --stack production
taskrole check --stack production --calls AWSLogs/
aws ecs describe-task-definition --task-definition web | taskrole check - --live

Reads only, a live role with the credentials of the environment, which then also says the region where nothing else
does. What no task definition says is unknown until an option says it: the keys of secrets (--kms-key aws-owned), for
one. With --calls every recorded call of the old role is judged by the role as it would be, too, with or without task
definitions. Exit codes: 0 fine; 1 errors; 3 something is missing, a recorded call would be denied, or more than
--max-excess; 4 something is unknown, with --strict.
"""

_FORMATS = ("text", "json", *FORMATS_OF_FINDINGS)
_FLAGS: dict[RoleKind, str] = {"execution": "--role", "task": "--task-role"}
_NAMES: dict[RoleKind, str] = {"execution": "roles", "task": "task_roles"}


@click.command(help=_HELP)
@click.argument("files", nargs=-1, metavar="[FILE]...")
@click.option("--role", "roles", multiple=True, metavar="SOURCE", help="Execution role, or a policy of it; repeatable.")
@click.option(
    "--task-role", "task_roles", multiple=True, metavar="SOURCE", help="Task role, or a policy of it; repeatable."
)
@click.option("--stack", metavar="NAME", help="Check both roles of this stack in roles.yaml.")
@click.option("--live", is_flag=True, help="Check the live roles of the task definitions.")
@click.option(
    "--max-excess", type=click.IntRange(min=0), metavar="N",
    help="Exit with 3 if an execution role allows more than N unused actions.",
)  # fmt: skip
@click.option("--strict", is_flag=True, help="Exit with 4 if anything is unknown.")
@click.option("--format", "format_", type=click.Choice(_FORMATS), default="text", show_default=True)
@output_option
@replay_options
@derivation_options
@print_policy_option("check")
@click.pass_context
def command(ctx: click.Context, /, files: Sequence[str], **arguments: Any) -> None:
    """Check roles against task definitions."""
    outputs = parse_outputs(arguments["outputs"], _FORMATS)
    recording = read_calls(arguments)
    if not files and recording is None:
        raise click.UsageError("Missing argument 'FILE'; give task definitions, or --calls.", ctx)
    parts = _parts(ctx, arguments)
    stacks = _stacks(parts, ctx.obj)
    is_live = arguments["live"] or any(part.whole and part.whole[0] == "live" for part in parts.values())
    if not is_live:
        keep_all_objects()
    wanted = Wanted(parts, ctx.obj, stacks, read_live_role, arguments["live"])
    if recording is not None and not files:
        report = _check_calls(arguments, wanted, recording)
    else:
        last_region = _environment_region if is_live else None
        report = _check_files(files, arguments, wanted, recording, last_region)
    _show(report, arguments["format_"], outputs, arguments["stack"] or "")
    ctx.exit(exit_code(report, most_excess=arguments["max_excess"], is_strict=arguments["strict"]))


def _check_files(
    files: Sequence[str],
    arguments: dict[str, Any],
    wanted: Wanted,
    recording: Recording | None,
    last_region: Callable[[], str] | None,
) -> CheckReport:
    """Return the check of roles against task definitions, and against recorded calls if there are any."""
    default = next((stack.context for stack in wanted.stacks.values()), None)
    documents, context = read_tasks(files, arguments, default, last_region, _values(wanted))
    options = {kind: _options(kind, wanted, arguments, context) for kind in ROLE_KINDS}
    assignments = assign(documents, context, wanted)
    report = check_tasks(documents, context, options, assignments)
    if recording is None:
        return report
    subjects = subjects_of_assignments(assignments, wanted)
    return with_replays(report, recording, subjects, arguments)


def _check_calls(arguments: dict[str, Any], wanted: Wanted, recording: Recording) -> CheckReport:
    """Return the check of roles against recorded calls only."""
    default = next((stack.context for stack in wanted.stacks.values()), None)
    context = place_of_calls(recording, default, arguments)
    subjects = subjects_without_tasks(wanted, context, arguments["stack"])
    return with_replays(CheckReport(Derivation(context, (), (), ()), (), ()), recording, subjects, arguments)


def _parts(ctx: click.Context, arguments: dict[str, Any]) -> dict[RoleKind, Parts]:
    parts: dict[RoleKind, Parts] = {}
    problems: list[Problem] = []
    for kind, option in _FLAGS.items():
        try:
            if arguments[_NAMES[kind]]:
                parts[kind] = read_parts(arguments[_NAMES[kind]], option)
        except InputError as error:  # noqa: PERF203 -- the sources of every role are read
            problems += error.problems
    if problems:
        raise InputError(problems)
    stack = arguments["stack"]
    if stack is not None:
        from taskrole.config.stack_lookup import find_stack

        kinds = {role.kind for role in find_stack(ctx.obj, stack).roles}
        for kind in ROLE_KINDS:
            if kind in kinds and kind not in parts:
                parts[kind] = Parts(_FLAGS[kind], ("stack", stack))
    if not parts and not arguments["live"]:
        raise click.UsageError("Missing role; use --role, --task-role, --stack or --live.", ctx)
    return parts


def _environment_region() -> str:
    """Return the environment's region, for reading live roles. Raises InputError."""
    from taskrole.live.client import known_region

    return known_region(None)


def _stacks(parts: dict[RoleKind, Parts], config: Path) -> dict[str, StackSpec]:
    """Return the stacks in sources, by name."""
    names = dict.fromkeys(match[0] for part in parts.values() if (match := stack_of(part.whole)))
    if not names:
        return {}
    from taskrole.config.stack_lookup import find_stack

    return {name: find_stack(config, name) for name in names}


def _options(kind: RoleKind, wanted: Wanted, arguments: dict[str, Any], context: Context) -> Options:
    """Return the options for a kind of role: those on the command line, or else those in roles.yaml."""
    source = stack_of(wanted.parts[kind].whole) if kind in wanted.parts else None
    default = None
    if source:
        from taskrole.config.stack_lookup import options_of, role_of

        stack = wanted.stacks[source[0]]
        default = options_of(stack, role_of(stack, source[1], kind, wanted.config), wanted.config)
    return read_options(arguments, context, default)


def _values(wanted: Wanted) -> Values:
    """Return the values in roles.yaml for the roles, those of the execution role first."""
    values = Values()
    for kind in reversed(ROLE_KINDS):
        source = stack_of(wanted.parts[kind].whole) if kind in wanted.parts else None
        if source:
            from taskrole.config.stack_lookup import role_of, values_of

            stack = wanted.stacks[source[0]]
            own = values_of(stack, role_of(stack, source[1], kind, wanted.config), wanted.config)
            values = Values({**values.by_name, **own.by_name}, {**values.images, **own.images})
    return values


def _show(report: CheckReport, format_: str, outputs: Sequence[tuple[str, Path]], stack: str) -> None:
    write_reports(lambda name: _rendered(report, name, stack), format_, outputs, is_styled=format_ == "text")
    if format_ == "json":
        for line in finding_lines(report.errors):
            echo(line, err=True)
    if report.errors:
        errors = count(len(report.errors), "error")
        echo(f"{errors}: not all needs of the tasks are known; the result is incomplete", err=True)


def _rendered(report: CheckReport, format_: str, stack: str) -> str:
    if format_ in FORMATS_OF_FINDINGS:
        from taskrole.check.findings import check_findings

        return render_findings(check_findings(report), format_, stack=stack)
    if format_ == "json":
        from taskrole.check.json_report import report_json

        return report_json(report)
    from taskrole.check.text import report_lines

    ways = {kind: f"with {option}" for kind, option in _FLAGS.items()}
    return "\n".join(report_lines(report, ways, quiet=is_quiet())) + "\n"


def exit_code(report: CheckReport, *, most_excess: int | None = None, is_strict: bool = False) -> int:
    """Return the exit code of a check, from the counts of its summary."""
    too_much = most_excess is not None and report.most_excess > most_excess
    return exit_code_for(
        has_errors=bool(report.errors),
        is_blocked=bool(report.count("MISSING") or report.denied_calls or too_much),
        is_unresolved=is_strict and bool(report.count("unknown") or report.unknown_calls),
    )
