"""`taskrole synth`."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import click

from taskrole.config import load_config
from taskrole.errors import ToolError, printable
from taskrole.extras import install_line
from taskrole.init.templates import template_path
from taskrole.output.console import echo

_OUTPUT = Path("cdktf.out")
_HELP = """\
Synthesize the Terraform of all stacks to cdktf.out, as `cdktf synth` does, without your own app.

Needs Node and the extra cdktf: pip install "taskrole[cdktf]". For your own stacks, `taskrole init --cdktf` writes
an app; `taskrole export` writes Terraform without CDKTF.

\b
taskrole synth
terraform -chdir=cdktf.out/stacks/ecs init
terraform -chdir=cdktf.out/stacks/ecs plan
"""


@click.command(help=_HELP)
@click.pass_context
def command(ctx: click.Context) -> None:
    """Run taskrole's CDKTF app on roles.yaml."""
    config: Path = ctx.obj
    if find_spec("cdktf") is None:
        raise ToolError(install_line("cdktf") or "")
    stacks = load_config(config).stacks
    program = template_path("main.py")
    environment = {**os.environ, "TASKROLE_CONFIG": str(config), "CDKTF_OUTDIR": str(_OUTPUT)}
    done = subprocess.run([sys.executable, str(program)], env=environment, check=False)
    if done.returncode != 0:
        ctx.exit(done.returncode)
    for stack in stacks:
        echo(printable(str(_OUTPUT / "stacks" / stack.name / "cdk.tf.json")))
