"""`taskrole audit`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from taskrole.cli.parts.accounts import print_policies
from taskrole.cli.parts.finding_formats import (
    FORMATS_OF_FINDINGS,
    parse_outputs,
    render_findings,
    write_reports,
)
from taskrole.cli.parts.fleet_options import account_options, is_of_many, merge_options
from taskrole.errors import InputError, ToolError, printable
from taskrole.exit_codes import exit_code_for
from taskrole.output.console import echo, message

if TYPE_CHECKING:
    from taskrole.live.account import Account, Caller
    from taskrole.live.answer_cache import Answers
    from taskrole.live.audit_model import Audit
    from taskrole.live.reader import Reader

_FORMATS = ("table", "json", "html", *FORMATS_OF_FINDINGS)


_HELP = """\
Check the roles of all running services: of a region, of some clusters, or of several accounts and regions.

Reports for the roles of each service's task definitions: missing and excess permissions, shared roles, and
replacements of managed policies. An interrupted audit continues. The account is read with the credentials of the
environment, and never changed.

\b
taskrole audit --output html=audit.html
taskrole audit --cluster production --write-roles roles.yaml
taskrole audit --assume-role TaskroleAudit --organization --regions all-enabled
taskrole audit --merge reports/*.json --output html=all.html

Of several accounts and regions, one that cannot be read is listed with the reason and counts as unknown.

Exit codes: 0 fine; 1 errors, or nothing could be read; 3 something is missing, or more than --max-excess; 4
something is unknown, with --strict.
"""


@click.command(help=_HELP)
@click.option("--cluster", "clusters", multiple=True, metavar="NAME", help="Audit only this cluster; repeatable.")
@click.option("--region", help="Region to audit. Default: the environment's.")
@click.option("--format", "format_", type=click.Choice(_FORMATS), default="table", show_default=True)
@click.option(
    "--output", "outputs", multiple=True, metavar="FORMAT=FILE", help="Also write a format to a file; repeatable."
)
@click.option(
    "--write-roles", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE",
    help="Write a least-privilege roles.yaml, with the task definitions.",
)  # fmt: skip
@click.option(
    "--options", "options_file", type=click.Path(path_type=Path), metavar="FILE.yaml",
    help="Options that task definitions lack, as under options in roles.yaml.",
)  # fmt: skip
@click.option(
    "--max-excess", type=click.IntRange(min=0), metavar="N",
    help="Exit with 3 if an execution role allows more than N unused actions.",
)  # fmt: skip
@click.option("--strict", is_flag=True, help="Exit with 4 if anything is unknown.")
@click.option(
    "--keep", type=click.Path(file_okay=False, path_type=Path), metavar="FOLDER",
    help="Folder for cached answers of an unfinished audit. Default: the user's cache folder.",
)  # fmt: skip
@click.option("--fresh", is_flag=True, help="Do not continue an interrupted audit.")
@merge_options
@account_options
@click.pass_context
def command(ctx: click.Context, /, **arguments: Any) -> None:
    """Audit an account."""
    # Imported late: they load boto3, the action database and, for --write-roles, pydantic.
    from taskrole.live.account import caller
    from taskrole.live.audit import audit
    from taskrole.live.client import known_region
    from taskrole.live.reader import Reader

    outputs = parse_outputs(arguments["outputs"], _FORMATS)
    is_many = is_of_many(arguments)
    if arguments["print_policy"]:
        print_policies(ctx, arguments, "audit")
    if is_many:
        from taskrole.cli.parts.fleet import audit_many

        ctx.exit(audit_many(arguments, outputs))
    identity = caller(known_region(arguments["region"]))
    options, raw = _options(arguments["options_file"], identity.context)
    answers = _answers(arguments["keep"], identity)
    if arguments["fresh"]:
        answers.forget()
    reader = Reader(identity.context.region, answers)
    account, task_roles = _read(reader, answers, identity, arguments)
    result = audit(account, options)
    _write(result, arguments, outputs)
    if arguments["write_roles"]:
        _write_roles(result, arguments["write_roles"], task_roles, raw)
    _progress(f"{reader.calls} calls to AWS")
    ctx.exit(_exit_code(result, arguments))


def _answers(folder: Path | None, identity: Caller) -> Answers:
    from taskrole.live.answer_cache import Answers, check_folder, default_folder

    if folder is None:
        return Answers(default_folder(), identity.identity)
    check_folder(folder)
    return Answers(folder, identity.identity, is_required=True)


def _read(
    reader: Reader, answers: Answers, identity: Caller, arguments: Mapping[str, Any]
) -> tuple[Account, Mapping[str, Mapping[str, Any]]]:
    """Return what was read from AWS. Answers stay cached only if AWS stops responding, for the next attempt."""
    from taskrole.live.account import read_account
    from taskrole.live.contradictions import is_contradiction
    from taskrole.live.least_privilege_file import read_task_roles

    try:
        account = read_account(reader, identity.context, arguments["clusters"])
        task_roles = read_task_roles(account, reader) if arguments["write_roles"] else {}
    except ToolError as error:
        if is_contradiction(error):
            answers.forget()
            raise ToolError(f"{error}\ncached answers are removed; run the same command to read all again") from error
        if answers.problem:
            raise ToolError(f"{error}\nanswers are not cached: {answers.problem}") from error
        raise ToolError(f"{error}\nanswers are cached; run the same command to continue") from error
    except InputError:
        answers.forget()
        raise
    # From here on, a failure must not make the next audit reuse these answers.
    answers.forget()
    if answers.reused:
        _progress(f"{answers.reused} answers are from an interrupted audit; use --fresh to read all again")
    return account, task_roles


def _progress(line: str) -> None:
    message(printable(line))


def _options(path: Path | None, context: Any) -> tuple[Any, Mapping[str, Any]]:
    """Return the options of a file for the derivation, and its raw data."""
    from taskrole.taskdef import Options

    if path is None:
        return Options(), {}
    from taskrole.config.options import load_options
    from taskrole.yaml_reader import read_file, read_yaml

    options = load_options(path, context)
    return options, read_yaml(read_file(path), str(path)).data or {}


def _write(result: Audit, arguments: Mapping[str, Any], outputs: Sequence[tuple[str, Path]]) -> None:
    write_reports(lambda name: _rendered(result, name), arguments["format_"], outputs, is_styled=True)


def _write_roles(
    result: Audit, path: Path, task_roles: Mapping[str, Mapping[str, Any]], raw: Mapping[str, Any]
) -> None:
    from taskrole.live.least_privilege_file import plan_roles, write_roles

    files = plan_roles(result, task_roles, raw)
    write_roles(path, files)
    for line in files.left_out:
        echo(printable(f"left out: {line}"), err=True)
    _progress(f"{path}: written; deploy it, then set in the task definitions:")
    for line in files.places:
        _progress(f"  {line}")


def _rendered(result: Audit, format_: str) -> str:
    if format_ in FORMATS_OF_FINDINGS:
        from taskrole.live.audit_finding_report import audit_findings

        return render_findings(audit_findings(result), format_)
    if format_ == "json":
        from taskrole.live.audit_json import audit_json

        return audit_json(result)
    if format_ == "html":
        from taskrole.live.audit_html import audit_html

        return audit_html(result)
    from taskrole.live.audit_text import audit_lines

    return "\n".join(audit_lines(result)) + "\n"


def _exit_code(result: Audit, arguments: Mapping[str, Any]) -> int:
    most = arguments["max_excess"]
    too_much = most is not None and result.report.most_excess > most
    return exit_code_for(
        is_blocked=bool(result.report.count("MISSING") or result.count("no") or too_much),
        is_unresolved=arguments["strict"] and bool(result.report.count("unknown") or result.count("unknown")),
    )
