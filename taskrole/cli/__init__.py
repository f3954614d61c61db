"""The command line. Each verb parses its arguments, calls a function, renders the result, and exits.

A verb's module is imported only when it is called, so that `taskrole --help` loads little more than click.
"""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from typing import Any

import click

from taskrole import __version__
from taskrole.cli.last_resort import run
from taskrole.cli.parts.common_options import add_common_options, quiet_option
from taskrole.cli.parts.memory import skip_cycles_at_exit
from taskrole.errors import TaskroleError
from taskrole.exit_codes import INPUT_ERROR
from taskrole.extras import missing_extra
from taskrole.nearest import limited_hints
from taskrole.output.console import echo
from taskrole.output.progress import terminal_progress

# By verb: the location of its command, and its line in --help.
_VERBS = {
    "adopt": ("taskrole.cli.adopt:command", "Add existing roles of an account to roles.yaml, unchanged."),
    "audit": ("taskrole.cli.audit:command", "Check the roles of all tasks of an account and region."),
    "check": ("taskrole.cli.check:command", "Check roles against task definitions: missing and excess permissions."),
    "derive": (
        "taskrole.cli.derive:command",
        "Derive the roles that task definitions need, field by field.",
    ),
    "explain-denial": (
        "taskrole.cli.explain_denial:command",
        "Explain why AWS denied a call, and how to fix it.",
    ),
    "export": ("taskrole.cli.export:command", "Export a stack's roles as a Terraform module."),
    "init": ("taskrole.cli.init:command", "Create roles.yaml for the task definitions of a project."),
    "local": ("taskrole.cli.local:local", "Run an embedded AWS for development: up, status, env, run, down."),
    "lock": ("taskrole.cli.lock:command", "Lock the permissions of all roles, or check the lock."),
    "observe": ("taskrole.cli.observe:command", "Propose grants from recorded calls, and list unused permissions."),
    "review": ("taskrole.cli.review:review", "Review the IAM changes of a Terraform plan."),
    "schema": ("taskrole.cli.schema:schema", "Print, write or check the JSON Schema of roles.yaml."),
    "show": ("taskrole.cli.show:show", "Show roles: name, ARN, trust and policies."),
    "stacks": ("taskrole.cli.stacks:stacks", "List the stacks, also as a CI job matrix."),
    "synth": ("taskrole.cli.synth:command", "Synthesize the Terraform of all stacks with CDKTF."),
    "validate": ("taskrole.cli.validate:validate", "Check roles.yaml and report every problem with its line."),
    "verify": ("taskrole.cli.verify:verify", "Compare the live roles with roles.yaml."),
}


class _LazyGroup(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        return list(_VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _VERBS:
            return None
        if _only_lists(ctx):
            return click.Command(cmd_name, short_help=_VERBS[cmd_name][1])
        module, attribute = _VERBS[cmd_name][0].split(":")
        command: click.Command = getattr(importlib.import_module(module), attribute)
        return add_common_options(command)

    def resolve_command(self, ctx: click.Context, args: list[str]) -> Any:
        ctx.meta["taskrole.resolving"] = True
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        try:
            with limited_hints(), terminal_progress():
                return super().invoke(ctx)
        except TaskroleError as error:
            echo(error, err=True)
            ctx.exit(error.exit_code)
        except ModuleNotFoundError as error:
            line = missing_extra(error)
            if line is None:
                raise
            echo(line, err=True)
            ctx.exit(INPUT_ERROR)


def _only_lists(ctx: click.Context) -> bool:
    return "taskrole.resolving" not in ctx.meta


@click.group(cls=_LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="taskrole")
@click.option(
    "--config",
    type=click.Path(path_type=Path),
    default=Path("roles.yaml"),
    envvar="TASKROLE_CONFIG",
    show_default=True,
    show_envvar=True,
    help="The file that declares stacks and roles.",
)
@click.pass_context
def _taskrole(ctx: click.Context, config: Path) -> None:
    """Give every Amazon ECS task the exact IAM roles it needs, as Terraform.

    Exit codes: 0 fine; 1 usage or input error; 3 blocked, such as a live role that differs; 4 unresolved, where
    --strict asks for it.
    """
    ctx.obj = config


_taskrole.params.append(quiet_option())


def main() -> None:
    """Run the command line. Usage errors exit with 1, like input errors."""
    code = run(_run)
    skip_cycles_at_exit()
    sys.exit(code)


def _run() -> int:
    code = _taskrole.main(standalone_mode=False)
    return code if isinstance(code, int) else 0
