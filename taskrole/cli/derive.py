"""`taskrole derive`."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import click

from taskrole.cli.parts.derivation import derivation_options, has_flags, read_options, read_tasks
from taskrole.cli.parts.finding_formats import FORMATS_OF_FINDINGS, parse_outputs
from taskrole.derived import derived_roles, unseen
from taskrole.exit_codes import exit_code_for
from taskrole.families import Family, derive_families
from taskrole.finding import Finding, Severity, at_least
from taskrole.grant import ROLE_KINDS, RoleKind
from taskrole.output.console import echo, echo_page, is_quiet
from taskrole.output.findings import finding_lines
from taskrole.output.json_text import json_text
from taskrole.output.lines import count, required_line, statement_text
from taskrole.reading import is_file
from taskrole.role import Role
from taskrole.taskdef import Options, derive
from taskrole.taskdef.read import list_files

_HELP = """\
Derive the roles that task definitions need, each permission with the field that causes it.

FILE is a file, a folder, a pattern, or - for standard input, with task definitions in any form: the JSON or YAML of
ECS, a CloudFormation template, or `terraform show -json` of a plan or a state.

\b
taskrole derive task.json --region eu-central-1 --account 111122223333
taskrole derive tasks/ --per all
aws ecs describe-task-definition --task-definition web | taskrole derive - --format policy

Task definitions of several families get an execution and a task role for each family.

Exit codes: 0 success; 1 errors, which without --partial prevent any output; 3 findings of --fail-on or worse; 4 with
--strict, needs that are unknown.
"""


# From this number of files or task definitions, derivation uses two processes.
MANY = 200

# Options that apply to several task definitions combined.
_ABOUT_SEVERAL = ("families", "images", "set_values", "skeleton_file")

# Options for placeholders; the roles.yaml output keeps the placeholders.
_FILLING = ("set_values", "values_files", "images", "state_file")


_FORMATS = ("text", "json", "policy", "roles-yaml", "hcl", *FORMATS_OF_FINDINGS)


@click.command(help=_HELP)
@click.argument("files", nargs=-1, metavar="[FILE]...")
@click.option("--role", type=click.Choice(ROLE_KINDS), help="Derive only this role. Default: both.")
@click.option(
    "--per", type=click.Choice(["family", "all"]), default="family", show_default=True,
    help="A pair of roles for each family, or for all task definitions.",
)  # fmt: skip
@click.option(
    "--format", "format_", type=click.Choice(_FORMATS), default="text",
    show_default=True, help="policy: IAM documents; roles-yaml: for taskrole; hcl: for Terraform.",
)  # fmt: skip
@click.option(
    "--output", "outputs", multiple=True, metavar="FORMAT=FILE",
    help=f"Write the findings to a file too, as {', '.join(FORMATS_OF_FINDINGS)}; repeatable.",
)  # fmt: skip
@click.option("--explain", metavar="RULE", help="Explain a rule, and its results for FILE, if given.")
@click.option("--partial", is_flag=True, help="Despite errors, print what could be derived; exits with 1.")
@click.option("--strict", is_flag=True, help="Exit with 4 if some needs are unknown.")
@click.option(
    "--fail-on", type=click.Choice(["warning", "note"]), help="Exit with 3 on findings of this severity or worse."
)
@derivation_options
@click.pass_context
def command(ctx: click.Context, /, files: Sequence[str], **arguments: Any) -> None:
    """Derive roles, print them, and exit according to the findings."""
    explained = arguments["explain"]
    if not files and explained is None:
        raise click.UsageError("Missing argument 'FILE'; give files, folders, patterns or -.", ctx)
    findings = _derive(files, arguments) if explained is None else _explain(explained, files, arguments)
    errors = at_least(findings, "error")
    if errors:
        what = (
            "the result is incomplete" if arguments["partial"] else "no output; use --partial for what can be derived"
        )
        echo(f"{count(len(errors), 'error')}: {what}", err=True)
    ctx.exit(_exit_code(findings, arguments))


def _explain(rule: str, files: Sequence[str], arguments: Mapping[str, Any]) -> Sequence[Finding]:
    """Print a rule and its results for files, and return the findings on the files."""
    from taskrole.explain import explanation, find_rule

    derivation = None
    if files:
        documents, context = read_tasks(files, arguments)
        derivation = derive(documents, context, read_options(arguments, context))
    echo("\n".join(explanation(find_rule(rule), derivation)))
    return derivation.findings if derivation else ()


def _derive(files: Sequence[str], arguments: Mapping[str, Any]) -> Sequence[Finding]:
    """Print the permissions for files in the chosen format, and return all findings."""
    outputs = parse_outputs(arguments["outputs"], FORMATS_OF_FINDINGS)
    kinds = ROLE_KINDS if arguments["role"] is None else (arguments["role"],)
    written = _echo_separately(files, arguments, kinds)
    if written is not None:
        return written
    documents, context = read_tasks(files, arguments)
    options = read_options(arguments, context)
    if len(documents) >= MANY and _is_separate(arguments):
        from taskrole.cli.parts.derive_many import echo_documents

        written = echo_documents(documents, context, kinds)
        if written is not None:
            return written
    families = derive_families(documents, context, options, arguments["per"])
    findings_format = arguments["format_"] if arguments["format_"] in FORMATS_OF_FINDINGS else None
    if outputs or findings_format:
        _write_findings(families, findings_format, outputs, arguments["fail_on"] or "error")
    findings = _located_findings(families)
    is_whole = not at_least(findings, "error") or arguments["partial"]
    roles = {family.name: derived_roles(family.derivation, kinds) for family in families} if is_whole else {}
    if findings_format:
        return findings
    if arguments["format_"] == "json":
        echo(_json(families, roles), nl=False)
        _echo(finding_lines(at_least(findings, "error")))
    elif not is_whole:
        _echo(finding_lines(_wanted(findings)))
    elif arguments["format_"] == "text":
        from taskrole.render.derivation_text import write_derivation

        echo_page(partial(write_derivation, families=families, roles=roles, quiet=is_quiet()))
    else:
        echo(_pasteable(families, roles, options, arguments), nl=False)
        _echo(finding_lines(_wanted(findings)))
        for required in (required for family in families for required in family.derivation.required_elsewhere):
            _echo([f"required elsewhere: {required_line(required)}", statement_text(required)])
    return findings


def _echo_separately(
    paths: Sequence[str], arguments: Mapping[str, Any], kinds: Sequence[RoleKind]
) -> Sequence[Finding] | None:
    """Print the permissions for many files, derived in two processes, and return the findings; None if not printed."""
    if not _is_separate(arguments):
        return None
    files, problems = list_files(paths)
    if problems or len(files) < MANY:
        return None
    # The files are read again if they must be derived together, and a pipe cannot be read twice. Those that were found
    # must be regular anyway.
    named = (file.path for file in files if file.folder is None)
    values = {*arguments["values_files"], arguments["state_file"]} - {None, "env"}
    if not all(map(is_file, (*named, *values))):
        return None
    from taskrole.cli.parts.derive_many import echo_files

    return echo_files(files, arguments, kinds)


def _is_separate(arguments: Mapping[str, Any]) -> bool:
    """Return whether each task definition is derived separately, and the output is for another program."""
    is_for_programs = hasattr(sys.stdout, "buffer") and not sys.stdout.isatty()
    is_json = arguments["format_"] == "json" and arguments["per"] == "family" and not arguments["outputs"]
    is_about_several = has_flags(arguments) or any(arguments[name] for name in _ABOUT_SEVERAL)
    return is_for_programs and is_json and not is_about_several


def _write_findings(
    families: Sequence[Family], format_: str | None, outputs: Sequence[tuple[str, Path]], fail_on: Severity
) -> None:
    from taskrole.cli.parts.finding_formats import report_findings
    from taskrole.render.derivation_findings import derivation_findings

    report = derivation_findings(families)
    report_findings(report, format_, outputs, fail_on=fail_on)


def _pasteable(
    families: Sequence[Family], roles: Mapping[str, Sequence[Role]], options: Options, arguments: Mapping[str, Any]
) -> str:
    """Return the output for use in other files, which has no findings."""
    if arguments["format_"] == "hcl":
        from taskrole.render.derivation_hcl import derivation_hcl

        return derivation_hcl(families, roles)
    if arguments["format_"] == "roles-yaml":
        from taskrole.render.derivation_yaml import derivation_yaml

        is_filled = any(arguments[name] for name in _FILLING)
        return derivation_yaml(families, roles, options, is_filled=is_filled)
    return _policies_text([_policies(roles[family.name]) for family in families], families)


def _located_findings(families: Sequence[Family]) -> Sequence[Finding]:
    """Return the findings on all families, with file names if there are several files."""
    if len(families) == 1:
        return families[0].derivation.findings
    return [finding for family in families for finding in family.located_findings]


def _wanted(findings: Sequence[Finding]) -> Sequence[Finding]:
    return at_least(findings, "warning") if is_quiet() else findings


def _json(families: Sequence[Family], roles: Mapping[str, Sequence[Role]]) -> str:
    from taskrole.render.derivation_json import derivation_json, families_json

    if len(families) > 1:
        return families_json(families, roles)
    return derivation_json(families[0].derivation, roles.get(families[0].name, ()))


def _policies(roles: Iterable[Role]) -> dict[str, Any]:
    return {policy.name: policy.document for role in roles for policy in role.policies}


def _policies_text(policies: Sequence[Mapping[str, Any]], families: Sequence[Family]) -> str:
    """Return the documents in ASCII: a single one, or several by name, or those of several families by family."""
    if len(families) > 1:
        return json_text({family.name: named for family, named in zip(families, policies, strict=True)})
    (named,) = policies
    return json_text(next(iter(named.values())) if len(named) == 1 else named)


def _echo(lines: Iterable[str]) -> None:
    for line in lines:
        echo(line, err=True)


def _exit_code(findings: Sequence[Finding], arguments: Mapping[str, Any]) -> int:
    return exit_code_for(
        has_errors=bool(at_least(findings, "error")),
        is_blocked=bool(arguments["fail_on"] and at_least(findings, arguments["fail_on"])),
        is_unresolved=bool(arguments["strict"] and unseen(findings)),
    )
