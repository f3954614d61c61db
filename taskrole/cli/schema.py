"""`taskrole schema`."""

from __future__ import annotations

from pathlib import Path

import click

from taskrole.config.schema import schema_text
from taskrole.exit_codes import BLOCKED
from taskrole.files import write_beside
from taskrole.output.console import echo
from taskrole.reading import is_file, read_named
from taskrole.report_schemas import REPORTS, report_schema_text

_HELP = """\
Print the JSON Schema of roles.yaml, or of a report that a verb prints with --format json.

Refer to it in the first line of roles.yaml, so that editors complete and check the file:

\b
# yaml-language-server: $schema=./roles.schema.json

\b
taskrole schema --report check
"""


@click.command(help=_HELP)
@click.option("--write", type=click.Path(dir_okay=False, path_type=Path), help="Write the schema to a file.")
@click.option("--check", type=click.Path(dir_okay=False, path_type=Path), help="Exit with 3 if a file is out of date.")
@click.option("--report", type=click.Choice(REPORTS), help="Schema of this verb's JSON report instead.")
@click.pass_context
def schema(ctx: click.Context, write: Path | None, check: Path | None, report: str | None) -> None:
    """Print, write or check the schema."""
    text = schema_text() if report is None else report_schema_text(report)
    if write:
        write_beside(write, text)
    elif check:
        if not is_file(check) or read_named(check).replace(b"\r\n", b"\n") != text.encode():
            option = "" if report is None else f"--report {report} "
            echo(f"{check} is out of date; run: taskrole schema {option}--write {check}", err=True)
            ctx.exit(BLOCKED)
    else:
        echo(text, nl=False)
