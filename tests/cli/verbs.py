"""Every verb of the command line, by click, with a command that runs each."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import click

from taskrole.cli import _taskrole as main
from tests.cli.running import ROOT
from tests.review.cases import PLANS

TASKS = "examples/service/task-definitions"
_PLACE = ("--region", "eu-central-1", "--account", "123456789012")

# The verb: its arguments. A test checks that all verbs are here.
ARGUMENTS: dict[str, tuple[str, ...]] = {
    "adopt": ("--all-ecs", "--stack", "workshop", "--dry-run"),
    "audit": (),
    "check": (TASKS, *_PLACE, "--stack", "workshop"),
    "derive": (TASKS, *_PLACE),
    "explain-denial": ("denial.txt",),
    "export": ("service", "--to", "module", "--config", "examples/service/roles.yaml"),
    "init": (f"{TASKS}/worker.json", "--config", "examples/service/new.yaml"),
    "local down": (),
    "local env": (),
    "local run": ("echo", "done"),
    "local status": (),
    "local up": (),
    "lock": ("--check",),
    "observe": ("examples/observe/events.jsonl",),
    "review": ("plan.json",),
    "schema": (),
    "show": ("service", "--config", "examples/service/roles.yaml"),
    "stacks": (),
    "synth": (),
    "validate": ("--config", "examples/service/roles.yaml"),
    "verify": (),
}


def verbs() -> Iterator[str]:
    """Yield each verb with its subcommand, such as `local up`."""
    context = click.Context(main)
    context.meta["taskrole.resolving"] = True
    for name in main.list_commands(context):
        command = main.get_command(context, name)
        if isinstance(command, click.Group):
            yield from (f"{name} {subcommand}" for subcommand in command.commands)
        else:
            yield name


def project(folder: Path) -> Path:
    """Create a folder with the files of the arguments: the examples, a roles.yaml with its lock, and a plan."""
    shutil.copytree(ROOT / "examples", folder / "examples")
    shutil.copy(ROOT / "roles.yaml", folder)
    # The same content in another form, which gives a message.
    (folder / "grants.lock.json").write_bytes((ROOT / "grants.lock.json").read_bytes() + b"\n")
    (folder / "examples/service/grants.lock.json").unlink(missing_ok=True)
    shutil.copy(PLANS / "broadening/plan.json", folder)
    (folder / "denial.txt").write_text(
        "User: arn:aws:sts::111122223333:assumed-role/web/0123456789abcdef0123456789abcdef is not authorized to"
        " perform: sqs:SendMessage on resource: arn:aws:sqs:eu-west-1:111122223333:queue because no identity-based"
        " policy allows the sqs:SendMessage action"
    )
    return folder
