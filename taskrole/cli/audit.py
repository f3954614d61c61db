"""`taskrole audit`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from taskrole.cli.accounts import print_policies
from taskrole.cli.fleet_options import account_options, is_of_many, merge_options
from taskrole.errors import BLOCKED, UNRESOLVED, InputError, Place, Problem, ToolError, printable, quote
from taskrole.output.console import echo, echo_markup, message

if TYPE_CHECKING:
    from taskrole.live.account import Account, Caller
    from taskrole.live.answer_cache import Answers
    from taskrole.live.audit_model import Audit
    from taskrole.live.reader import Reader

_FORMATS = ("table", "json", "html")


_HELP = """\
Check the roles of all tasks that run: of a region, of some of its clusters, or of many accounts and regions.

For each service its task definitions and their roles: what is missing, what is too much, who shares a role, and
what takes the place of managed policies. An audit that was interrupted goes on where it was. The account is read,
with the credentials of the environment, and never written to.

\b
taskrole audit --output html=audit.html
taskrole audit --cluster production --write-roles roles.yaml
taskrole audit --assume-role TaskroleAudit --organization --regions all-enabled
taskrole audit --merge reports/*.json --output html=all.html

An account or region of several that cannot be read is listed with the reason, and is unknown.

Exit codes: 0 fine; 1 errors, or nothing could be read; 3 something is missing, or more than --max-excess; 4
something is unknown, with --strict.
"""


@click.command(help=_HELP)
@click.option("--cluster", "clusters", multiple=True, metavar="NAME", help="Only this cluster; repeatable.")
@click.option("--region", help="Default: the environment's.")
@click.option("--format", "format_", type=click.Choice(_FORMATS), default="table", show_default=True)
@click.option(
    "--output", "outputs", multiple=True, metavar="FORMAT=FILE", help="Write another format to a file; repeatable."
)
@click.option(
    "--write-roles", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE",
    help="Write a roles.yaml of least privilege, with the task definitions beside it.",
)  # fmt: skip
@click.option(
    "--options", "options_file", type=click.Path(path_type=Path), metavar="FILE.yaml",
    help="What the task definitions do not say, as under options in roles.yaml.",
)  # fmt: skip
@click.option(
    "--max-excess", type=click.IntRange(min=0), metavar="N",
    help="Exit with 3 when an execution role allows more than N actions too many.",
)  # fmt: skip
@click.option("--strict", is_flag=True, help="Exit with 4 when something is unknown.")
@click.option(
    "--keep", type=click.Path(file_okay=False, path_type=Path), metavar="FOLDER",
    help="Where answers are kept until the audit is done. Default: the user's cache folder.",
)  # fmt: skip
@click.option("--fresh", is_flag=True, help="Do not go on from an audit that was interrupted.")
@merge_options
@account_options
@click.pass_context
def command(ctx: click.Context, /, **arguments: Any) -> None:
    """Audit an account."""
    # Only now: these load boto3, the action database and, for --write-roles, pydantic.
    from taskrole.live.account import caller
    from taskrole.live.audit import audit
    from taskrole.live.client import known_region
    from taskrole.live.reader import Reader

    outputs = _outputs(arguments["outputs"])
    is_many = is_of_many(arguments)
    if arguments["print_policy"]:
        print_policies(ctx, arguments, "audit")
    if is_many:
        from taskrole.cli.fleet import audit_many

        ctx.exit(audit_many(arguments, outputs))
    identity = caller(known_region(arguments["region"]))
    options, raw = _options(arguments["options_file"], identity.context)
    answers = _answers(arguments["keep"], identity)
    if arguments["fresh"]:
        answers.forget()
    reader = Reader(identity.context.region, answers)
    account, task_roles = _read(reader, answers, identity, arguments)
    found = audit(account, options)
    _write(found, arguments, outputs)
    if arguments["write_roles"]:
        _write_roles(found, arguments["write_roles"], task_roles, raw)
    _progress(f"{reader.calls} calls to AWS")
    ctx.exit(_exit_code(found, arguments))


def _answers(folder: Path | None, identity: Caller) -> Answers:
    from taskrole.live.answer_cache import Answers, check_folder, default_folder

    if folder is None:
        return Answers(default_folder(), identity.identity)
    check_folder(folder)
    return Answers(folder, identity.identity, is_required=True)


def _read(
    reader: Reader, answers: Answers, identity: Caller, arguments: Mapping[str, Any]
) -> tuple[Account, Mapping[str, Mapping[str, Any]]]:
    """Return all that is read from AWS. What was read is kept where AWS stops answering, and nowhere else."""
    from taskrole.live.account import read_account
    from taskrole.live.written import read_task_roles

    try:
        account = read_account(reader, identity.context, arguments["clusters"], _progress)
        task_roles = read_task_roles(account, reader) if arguments["write_roles"] else {}
    except ToolError as error:
        if answers.problem:
            raise ToolError(f"{error}\nwhat was read is not kept: {answers.problem}") from error
        raise ToolError(f"{error}\nwhat was read is kept; the same command goes on from there") from error
    except InputError:
        answers.forget()
        raise
    # All is read: whatever goes wrong from here on, the next audit must see the account as it is then.
    answers.forget()
    if answers.reused:
        _progress(f"{answers.reused} answers are of an audit that was interrupted; --fresh reads all anew")
    return account, task_roles


def _progress(line: str) -> None:
    message(printable(line))


def _options(path: Path | None, context: Any) -> tuple[Any, Mapping[str, Any]]:
    """Return the options of a file as the derivation takes them, and as they stand there."""
    from taskrole.taskdef import Options

    if path is None:
        return Options(), {}
    from taskrole.config.options import load_options
    from taskrole.yaml_reader import read_file, read_yaml

    options = load_options(path, context)
    return options, read_yaml(read_file(path), str(path)).data or {}


def _outputs(given: tuple[str, ...]) -> list[tuple[str, Path]]:
    outputs, problems = [], []
    for one in given:
        name, _, file = one.partition("=")
        if name not in _FORMATS or not file:
            message = f"must be FORMAT=FILE, a format of {', '.join(_FORMATS)}; got {quote(one)}"
            problems.append(Problem(Place("--output"), message))
        outputs.append((name, Path(file)))
    if problems:
        raise InputError(problems)
    return outputs


def _write(found: Audit, arguments: Mapping[str, Any], outputs: list[tuple[str, Path]]) -> None:
    from taskrole.files import write_beside

    for name, path in outputs:
        write_beside(path, click.unstyle(_rendered(found, name)))
    text = _rendered(found, arguments["format_"])
    if arguments["format_"] == "html":
        echo_markup(text)
    else:
        echo(text, nl=False, is_styled=True)


def _write_roles(found: Audit, path: Path, task_roles: Mapping[str, Mapping[str, Any]], raw: Mapping[str, Any]) -> None:
    from taskrole.live.written import plan_roles, write_roles

    written = plan_roles(found, task_roles, raw)
    write_roles(path, written)
    for line in written.left_out:
        echo(printable(f"left out: {line}"), err=True)
    _progress(f"{path}: written; deploy it, then name in the task definitions:")
    for line in written.places:
        _progress(f"  {line}")


def _rendered(found: Audit, format_: str) -> str:
    if format_ == "json":
        from taskrole.live.audit_json import audit_json

        return audit_json(found)
    if format_ == "html":
        from taskrole.live.audit_html import audit_html

        return audit_html(found)
    from taskrole.live.audit_text import audit_lines

    return "\n".join(audit_lines(found)) + "\n"


def _exit_code(found: Audit, arguments: Mapping[str, Any]) -> int:
    most = arguments["max_excess"]
    too_much = most is not None and found.report.most_excess > most
    if found.report.count("MISSING") or found.count("no") or too_much:
        return BLOCKED
    is_open = found.report.count("unknown") or found.count("unknown")
    return UNRESOLVED if arguments["strict"] and is_open else 0
