"""`taskrole schema`."""

from __future__ import annotations

from pathlib import Path

import click

from taskrole.config.schema import schema_text
from taskrole.errors import BLOCKED
from taskrole.files import write_beside
from taskrole.output.console import echo
from taskrole.reading import is_file, read_named

_HELP = """\
Print the JSON Schema of roles.yaml.

Name it in the first line of roles.yaml, and editors complete and check the file:

\b
# yaml-language-server: $schema=./roles.schema.json
"""


@click.command(help=_HELP)
@click.option("--write", type=click.Path(dir_okay=False, path_type=Path), help="Write the schema to this file.")
@click.option("--check", type=click.Path(dir_okay=False, path_type=Path), help="Exit with 3 when this file is not it.")
@click.pass_context
def schema(ctx: click.Context, write: Path | None, check: Path | None) -> None:
    """Print, write or check the schema."""
    text = schema_text()
    if write:
        write_beside(write, text)
    elif check:
        if not is_file(check) or read_named(check).replace(b"\r\n", b"\n") != text.encode():
            echo(f"{check} is not current; run: taskrole schema --write {check}", err=True)
            ctx.exit(BLOCKED)
    else:
        echo(text, nl=False)
