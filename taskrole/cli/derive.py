"""`taskrole derive`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import click

from taskrole.cli.derivation import derivation_options, read_options, read_tasks
from taskrole.derived import KINDS, at_least, by_severity, derived_roles, unseen
from taskrole.errors import BLOCKED, INPUT_ERROR, UNRESOLVED
from taskrole.grant import Finding
from taskrole.output.console import echo
from taskrole.output.json_text import json_text
from taskrole.render.lines import count, finding_line, required_line, statement_text
from taskrole.role import Role
from taskrole.taskdef import Derivation, derive

_HELP = """\
Derive the roles that task definitions need, each permission with the field that causes it.

FILE is what `register-task-definition` takes or `describe-task-definition` returns: a file, a folder, a pattern,
or - for standard input.

\b
taskrole derive task.json --region eu-central-1 --account 111122223333
aws ecs describe-task-definition --task-definition web | taskrole derive - --format policy

Exit codes: 0 fine; 1 errors, and nothing is derived without --partial; 3 findings as bad as --fail-on; 4 something
could not be seen, with --strict.
"""


@click.command(help=_HELP)
@click.argument("files", nargs=-1, metavar="[FILE]...")
@click.option("--role", type=click.Choice(KINDS), help="Only this role. Default: both.")
@click.option(
    "--format", "format_", type=click.Choice(["text", "json", "policy"]), default="text", show_default=True,
    help="policy: the bare IAM documents, one as it is, several as an object by name.",
)  # fmt: skip
@click.option("--explain", metavar="RULE", help="Explain a rule, and what it did for the files, if any are given.")
@click.option("--partial", is_flag=True, help="With errors, show what could be derived; the exit code stays 1.")
@click.option("--strict", is_flag=True, help="Exit with 4 when something that may need more could not be seen.")
@click.option("--fail-on", type=click.Choice(["warning", "note"]), help="Exit with 3 on findings this bad, or worse.")
@derivation_options
@click.pass_context
def command(ctx: click.Context, /, files: Sequence[str], **arguments: Any) -> None:
    """Derive, show, and exit by what was found."""
    explained = arguments["explain"]
    if not files and explained is None:
        raise click.UsageError("Missing argument 'FILE'; name files, folders, patterns or -.", ctx)
    derivation = _derivation(files, arguments) if files else None
    if explained is not None:
        from taskrole.render.explain import explanation, find_rule

        echo("\n".join(explanation(find_rule(explained), derivation)))
    if derivation is None:
        return
    errors = at_least(derivation.findings, "error")
    if explained is None:
        is_whole = not errors or arguments["partial"]
        kinds = KINDS if arguments["role"] is None else (arguments["role"],)
        roles = derived_roles(derivation, kinds) if is_whole else ()
        _show(derivation, roles, arguments["format_"], is_whole=is_whole)
    if errors:
        what = "this is incomplete" if arguments["partial"] else "nothing is derived; --partial shows the rest"
        echo(f"{count(len(errors), 'error')}: {what}", err=True)
    ctx.exit(_exit_code(derivation.findings, arguments))


def _derivation(files: Sequence[str], arguments: Mapping[str, Any]) -> Derivation:
    documents, context = read_tasks(files, arguments)
    return derive(documents, context, read_options(arguments, context))


def _show(derivation: Derivation, roles: Sequence[Role], format_: str, *, is_whole: bool) -> None:
    """Write the result to standard output, and what does not stand in it to standard error."""
    if format_ == "json":
        from taskrole.render.derivation_json import derivation_json

        echo(derivation_json(derivation, roles), nl=False)
        _echo(map(finding_line, at_least(derivation.findings, "error")))
    elif format_ == "policy":
        if is_whole:
            echo(_policies_text(roles), nl=False)
        _echo(map(finding_line, by_severity(derivation.findings)))
        for required in derivation.required_elsewhere:
            _echo([f"required elsewhere: {required_line(required)}", statement_text(required)])
    elif is_whole:
        from taskrole.render.derivation_text import derivation_text

        echo(derivation_text(derivation, roles), nl=False, is_styled=True)
    else:
        _echo(map(finding_line, by_severity(derivation.findings)))


def _policies_text(roles: Iterable[Role]) -> str:
    """Return the bare documents in ASCII: one as it is, several, or none, as an object by the policies' names."""
    policies = [policy for role in roles for policy in role.policies]
    if len(policies) == 1:
        return json_text(policies[0].document)
    return json_text({policy.name: policy.document for policy in policies})


def _echo(lines: Iterable[str]) -> None:
    for line in lines:
        echo(line, err=True)


def _exit_code(findings: Sequence[Finding], arguments: Mapping[str, Any]) -> int:
    if at_least(findings, "error"):
        return INPUT_ERROR
    if arguments["fail_on"] and at_least(findings, arguments["fail_on"]):
        return BLOCKED
    return UNRESOLVED if arguments["strict"] and unseen(findings) else 0
