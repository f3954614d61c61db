"""`taskrole explain-denial`."""

from __future__ import annotations

from functools import partial
from typing import Any

import click

from taskrole.cli.parts.finding_formats import (
    FORMATS_OF_FINDINGS,
    output_option,
    parse_outputs,
    report_findings,
)
from taskrole.errors import InputError, Place, Problem
from taskrole.exit_codes import exit_code_for
from taskrole.output.console import echo, echo_page
from taskrole.reading import STANDARD_INPUT, read_named, read_standard_input

_HELP = """\
Explain why AWS denied a call, and how to fix it: the lines of roles.yaml, or the policy of another owner.

FILE, or standard input, contains the denial: an AccessDenied message, a log, the stopped reason of a task, an event
of CloudTrail, or the output of these commands:

\b
aws ecs describe-tasks --cluster C --tasks ID | taskrole explain-denial
aws cloudtrail lookup-events … | taskrole explain-denial
aws sts decode-authorization-message --encoded-message TEXT | taskrole explain-denial
pbpaste | taskrole explain-denial --stack production

With --stack, the declared role is checked too: whether it allows the call, and whether its boundary does. Does not
access the account. Exit codes: 0 explained; 1 no denied call in the input; 3 the declared role does not allow a call;
4 with --strict, whether it does is unknown.
"""


@click.command(help=_HELP)
@click.argument("file", default="-", metavar="[FILE]")
@click.option("--stack", metavar="NAME[/ROLE]", help="Role of roles.yaml to check. Default: the role of the same name.")
@click.option("--strict", is_flag=True, help="Exit with 4 if it is unknown whether the declared role allows a call.")
@click.option(
    "--format", "format_", type=click.Choice(("text", "json", *FORMATS_OF_FINDINGS)), default="text", show_default=True
)
@output_option
@click.pass_context
def command(ctx: click.Context, /, file: str, **arguments: Any) -> None:
    """Explain why AWS denied a call."""
    from taskrole.observe.denial_findings import denial_findings
    from taskrole.observe.denied_calls import denied_calls
    from taskrole.observe.remedies import explain

    files = parse_outputs(arguments["outputs"], FORMATS_OF_FINDINGS)
    stack, strict, format_ = (arguments[name] for name in ("stack", "strict", "format_"))
    name = STANDARD_INPUT if file == "-" else file
    content = read_standard_input() if file == "-" else read_named(file)
    calls = denied_calls(content.decode("utf-8", "replace"))
    if not calls:
        message = "contains no denied call; give the complete error, the stopped reason of the task, or the event"
        raise InputError([Problem(Place(name), message)])
    if stack is None:
        explanations = [explain(call) for call in calls]
    else:
        from taskrole.observe.declared_denials import DeclaredRoles

        declared = DeclaredRoles(ctx.obj, *stack.partition("/")[::2])
        explanations = [explain(call, declared.judge(call)) for call in calls]
    report_findings(denial_findings(explanations), format_, files)
    if format_ == "json":
        from taskrole.observe.explanation_json import explanations_json

        echo(explanations_json(explanations), nl=False)
    elif format_ == "text":
        from taskrole.observe.explanation_text import write_explanations

        echo_page(partial(write_explanations, explanations=explanations))
    declarations = [explanation.declared for explanation in explanations if explanation.declared]
    ctx.exit(
        exit_code_for(
            is_blocked=any(role.is_denied for role in declarations),
            is_unresolved=strict and not all(role.is_allowed for role in declarations),
        )
    )
