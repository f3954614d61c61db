"""`taskrole observe`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from taskrole.cli.parts.accounts import print_policies
from taskrole.cli.parts.finding_formats import (
    FORMATS_OF_FINDINGS,
    output_option,
    parse_outputs,
    render_findings,
    write_reports,
)
from taskrole.cli.parts.fleet_options import account_options, is_of_many
from taskrole.cli.parts.live_role import read_live_role
from taskrole.cli.parts.recorded_calls import print_query, read_history, read_recorded_files
from taskrole.errors import InputError, Place, Problem
from taskrole.exit_codes import exit_code_for
from taskrole.output.console import echo, is_quiet, message, page_text
from taskrole.output.lines import count

if TYPE_CHECKING:
    from taskrole.observe.filters import Filters
    from taskrole.observe.recording import Recording
    from taskrole.observe.report import KnownRole, ObserveReport, RoleReport

_FORMATS = ("text", "json", "roles-yaml", *FORMATS_OF_FINDINGS)
_DAY = click.DateTime(["%Y-%m-%d"])

_HELP = """\
Propose grants for roles from recorded calls, and compare their permissions with the calls.

SOURCE is a file, a folder, or - for standard input: files of CloudTrail, one event a line, output of
`aws cloudtrail lookup-events`, rows of Athena or CloudTrail Lake, IAM's last accessed data, and the
output of iamlive, IAM Policy Autopilot and Access Analyzer.

\b
taskrole observe AWSLogs/ --role orders-task
taskrole observe AWSLogs/ --role orders-task --stack production
taskrole observe AWSLogs/ --role orders-task --stack production --write
taskrole observe --print-query athena --table logs.cloudtrail
taskrole observe --live --role orders-task
taskrole observe --live --role orders-task --organization --assume-role TaskroleObserve

ARNs are exact unless --generalise is used, and each entry has its evidence. Nothing is removed: with --stack or
--compare the report lists unused permissions. Blind spots of the evidence are always listed.
SOURCE of --compare is as for `taskrole check`: live:NAME, plan:FILE#ADDRESS, policy files.

Exit codes: 0 success; 1 errors, no matching call, or policies that are too large; 4 with --strict, a recorded call
cannot be proposed.
"""


@click.command(help=_HELP)
@click.argument("sources", nargs=-1, metavar="SOURCE...")
@click.option("--role", default="", metavar="NAME|ARN", help="Only calls of this role. Default: all roles.")
@click.option("--family", default="", metavar="NAME", help="Only calls of tasks of this family.")
@click.option("--from", "since", type=_DAY, metavar="DATE", help="First day in UTC, such as 2026-09-01.")
@click.option("--to", "until", type=_DAY, metavar="DATE", help="Last day in UTC.")
@click.option("--stack", metavar="NAME[/ROLE]", help="Role of roles.yaml to compare with and to add grants to.")
@click.option(
    "--compare", multiple=True, metavar="SOURCE", help="Other role to compare with, or its policies; repeatable."
)
@click.option(
    "--generalise", type=click.IntRange(min=2), metavar="N",
    help="Replace N or more ARNs with a common prefix by the prefix. Default: exact ARNs only.",
)  # fmt: skip
@click.option("--write", is_flag=True, help="Add the proposals to the role in roles.yaml; needs --stack.")
@click.option("--strict", is_flag=True, help="Exit with 4 if a recorded call cannot be proposed.")
@click.option("--format", "format_", type=click.Choice(_FORMATS), default="text", show_default=True)
@output_option
@click.option("--live", is_flag=True, help="Also read the account's event history: 90 days, no data events.")
@click.option("--region", help="Region of --live. Default: the environment's.")
@click.option("--fresh", is_flag=True, help="Do not continue an interrupted reading of --live.")
@click.option(
    "--engine", type=click.Choice(["auto", "python", "duckdb"]), default="auto", show_default=True,
    help="Engine for events; auto: DuckDB for large inputs, if it is installed.",
)  # fmt: skip
@click.option(
    "--print-query", "query", type=click.Choice(["athena", "lake"]),
    help="Print the SQL that reduces an organization's trail to rows for SOURCE, and exit.",
)  # fmt: skip
@click.option("--table", default="", metavar="NAME", help="Table, or event data store id, of --print-query.")
@account_options
@click.pass_context
def command(ctx: click.Context, /, sources: tuple[str, ...], **arguments: Any) -> None:
    """Propose grants from recorded calls."""
    if arguments["write"] and not arguments["stack"]:
        raise click.UsageError("--write needs --stack, the role of roles.yaml to add to.", ctx)
    outputs = parse_outputs(arguments["outputs"], _FORMATS)
    if arguments["query"]:
        print_query(arguments["query"], arguments["table"], _filters(arguments))
        return
    is_many = is_of_many(arguments)
    if arguments["print_policy"]:
        print_policies(ctx, arguments, "observe")
    if is_many and not arguments["live"]:
        raise click.UsageError("Options for accounts and regions need --live.", ctx)
    if not (sources or arguments["live"]):
        raise click.UsageError("Missing argument 'SOURCE'; give recorded calls, or use --live.", ctx)
    from taskrole.observe.empty import refuse_empty
    from taskrole.observe.report import observed

    filters = _filters(arguments)
    recording = _recording(sources, filters, arguments, is_many=is_many)
    refuse_empty(recording, filters, sources, _period(arguments))
    report = observed(recording, _known(ctx.obj, recording, arguments), least=arguments["generalise"])
    if arguments["write"]:
        _write(ctx.obj, arguments["stack"], report)
    else:
        _show(report, arguments["format_"], outputs, arguments["stack"] or "")
    ctx.exit(_exit_code(report, is_strict=arguments["strict"]))


def _filters(arguments: dict[str, Any]) -> Filters:
    from taskrole.observe.filters import Filters

    since: datetime | None = arguments["since"]
    until: datetime | None = arguments["until"]
    return Filters(
        arguments["role"],
        arguments["family"],
        since.date().isoformat() if since else "",
        (until.date() + timedelta(days=1)).isoformat() if until and until.date() < date.max else "",
    )


def _period(arguments: dict[str, Any]) -> str:
    days = (("--from", arguments["since"]), ("--to", arguments["until"]))
    return " ".join(f"{option} {day.date()}" for option, day in days if day)


def _recording(sources: Sequence[str], filters: Filters, arguments: dict[str, Any], *, is_many: bool) -> Recording:
    if is_many:
        from taskrole.cli.parts.fleet_history import read_histories_of

        return read_histories_of(sources, filters, arguments)
    if arguments["live"]:
        return read_history(sources, filters, arguments["region"], fresh=arguments["fresh"])
    return read_recorded_files(sources, filters, arguments["engine"])


def _known(config: Path, recording: Recording, arguments: dict[str, Any]) -> dict[str, KnownRole]:
    """Return what is known about the roles in addition to the recorded calls, by ARN."""
    if not (arguments["stack"] or arguments["compare"]):
        return {}
    from taskrole.observe.known_roles import compared_role, declared_roles
    from taskrole.observe.usage import roles_of

    arns = roles_of(recording)
    known = declared_roles(config, arguments["stack"], arns) if arguments["stack"] else {}
    if arguments["compare"]:
        known = {arns[0]: compared_role(config, arguments["compare"], recording, known.get(arns[0]), read_live_role)}
    return known


def _show(report: ObserveReport, format_: str, outputs: Sequence[tuple[str, Path]], stack: str) -> None:
    if "roles-yaml" in (format_, *(name for name, _ in outputs)):
        _refuse_too_large(report)
    write_reports(lambda name: _rendered(report, name, stack), format_, outputs, is_styled=format_ == "text")


def _rendered(report: ObserveReport, format_: str, stack: str) -> str:
    if format_ in FORMATS_OF_FINDINGS:
        from taskrole.observe.findings import observe_findings

        return render_findings(observe_findings(report), format_, stack=stack)
    if format_ == "json":
        from taskrole.observe.json_report import observe_json

        return observe_json(report)
    if format_ == "roles-yaml":
        from taskrole.observe.roles_yaml import roles_yaml

        return roles_yaml(report)
    from taskrole.observe.text import write_report

    return page_text(lambda page: write_report(page, report, quiet=is_quiet()))


def _write(config: Path, stack: str, report: ObserveReport) -> None:
    """Add the proposals to the role in roles.yaml, unless the file changed in between."""
    from taskrole.config.load import parse_config
    from taskrole.files import replace_unchanged
    from taskrole.observe.roles_edit import with_entries
    from taskrole.yaml_reader import read_file

    _refuse_too_large(report)
    roles = [role for role in report.roles if role.title]
    content = read_file(config)
    before = text = content.decode("utf-8-sig")
    name = stack.partition("/")[0]
    for role in roles:
        if role.proposals.entries:
            text = with_entries(text, config, (name, role.title), role.proposals.entries)
    if text != before:
        parse_config(text.encode(), str(config))
        replace_unchanged(config, text, content)
    for role in roles:
        echo(f"{config}: {_added(role)} role {role.title} of stack {name}")
    message(
        "For the changes, run: taskrole lock --check. For what was not proposed, run the same command without --write."
    )


def _added(role: RoleReport) -> str:
    entries = role.proposals.entries
    return f"added {count(len(entries), 'entry')} to" if entries else "nothing to add to"


def _refuse_too_large(report: ObserveReport) -> None:
    problems = []
    for role in report.roles:
        too_large = role.proposals.too_large
        if too_large:
            fix = (
                f"they fit with --generalise {too_large.least}"
                if too_large.least
                else "no prefix is short enough: write statements, or use separate roles for some tasks"
            )
            text = f"{too_large.resources:,} ARNs are {too_large.excess:,} characters too many for IAM's quotas; {fix}"
            problems.append(Problem(Place(f"role {role.usage.name}"), text))
    if problems:
        raise InputError(problems)


def _exit_code(report: ObserveReport, *, is_strict: bool = False) -> int:
    """Return the exit code of a report."""
    is_open = report.skipped or any(role.proposals.not_proposed or role.usage.unmapped for role in report.roles)
    return exit_code_for(has_errors=report.is_too_large, is_unresolved=is_strict and bool(is_open))
