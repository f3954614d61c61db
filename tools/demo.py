"""`make demo`: deploys the roles of examples/demo to an embedded AWS with cdktf, verifies, shows and reviews them.

It cannot access a real account: every program gets an environment with only the embedded AWS.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TextIO

import click

from taskrole.errors import TaskroleError
from taskrole.files import write_beside
from taskrole.local.environment import STATE_BUCKET, environment
from taskrole.local.record import FOLDER
from taskrole.local.server import up
from taskrole.local.terraform import require_terraform, terraform_environment

CONFIG = "examples/demo/roles.yaml"
STACKS = ("workshop", "service")
# Not cdktf.out, which is for deployments to a real account.
OUTPUT = FOLDER / "cdktf.out"
LOG = FOLDER / "demo.log"
# A second plan, which is reviewed but not applied: it lets the web servers write and delete pictures.
BROADER = FOLDER / "broader.yaml"
BROADER_OUTPUT = FOLDER / "broader.out"
WIDENING = ('actions: "s3:GetObject"', 'actions: ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"]')
PAGE = FOLDER / "review.html"
STAND_IN = Path(__file__).with_name("pty_stand_in.cjs")
PATIENCE = 30.0  # seconds for terraform to save its state after Ctrl-C

_ESCAPES = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
_TOLD = re.compile(r"^(aws_\S+: (Creation|Modifications|Destruction) complete|Apply complete!|No changes\.)")


def main() -> int:
    """Run the demo; return the exit status."""
    try:
        require_terraform()
        _demo()
    except TaskroleError as error:
        click.echo(str(error), err=True)
        return error.exit_code
    except subprocess.CalledProcessError as error:
        return error.returncode
    except KeyboardInterrupt:
        click.echo("\ninterrupted; continue with make demo, or stop the embedded AWS with make down", err=True)
        return 130
    return 0


def _demo() -> None:
    record, is_new = up(FOLDER)
    _step(f"embedded AWS {'up' if is_new else 'up already'} at {record.endpoint}, state bucket {STATE_BUCKET}")
    variables = terraform_environment(environment(os.environ, record), FOLDER)
    variables |= {"TASKROLE_CONFIG": CONFIG, "NODE_OPTIONS": f'--require="{STAND_IN}"'}
    _step(f"cdktf deploy {' '.join(STACKS)}: CDKTF writes Terraform, terraform and the AWS provider apply it")
    _deploy(variables)
    _step("taskrole verify: what the live API says, against roles.yaml")
    _taskrole(["verify"], variables)
    _step("taskrole show --live: the roles, as the live API gives them")
    _taskrole(["show", "--live"], variables)
    _step("taskrole review: what does a plan grant that lets shop-web write and delete pictures too?")
    _taskrole(["review", str(_plan_broader(variables)), "--output", f"html={PAGE}"], variables)
    click.echo(f"    the same as a page: {PAGE}")
    _step("next")
    click.echo(
        '    eval "$(.venv/bin/taskrole local env)"    # then the aws command line and boto3 find the embedded AWS\n'
        "    .venv/bin/taskrole --help                 # derive, check, review, export, …\n"
        "    .venv/bin/taskrole derive examples/service/task-definitions/web.json --region eu-central-1\n"
        "    make demo                                 # again: changes nothing\n"
        "    make down                                 # ends the embedded AWS\n"
        "README.md describes how to deploy to a real account."
    )


def _step(text: str) -> None:
    click.secho(f"\n{text}", bold=True)


def _deploy(variables: Mapping[str, str]) -> None:
    cdktf = Path("node_modules/.bin/cdktf").resolve()
    flags = ["--auto-approve", "--skip-provider-lock", "--output", str(OUTPUT)]
    started = time.monotonic()
    _run([str(cdktf), "deploy", *STACKS, *flags], variables)
    click.echo(f"    {time.monotonic() - started:.0f} s; the whole output: {LOG}")


def _plan_broader(variables: Mapping[str, str]) -> Path:
    """Write the second plan as JSON with `terraform show -json`, and return its file."""
    text = Path(CONFIG).read_text("utf-8").replace(*WIDENING).replace("../service/", "../examples/service/")
    write_beside(BROADER, text)
    BROADER_OUTPUT.mkdir(exist_ok=True)
    synthesis = {**variables, "TASKROLE_CONFIG": str(BROADER), "CDKTF_OUTDIR": str(BROADER_OUTPUT)}
    _run([sys.executable, "main.py"], synthesis)
    terraform = [require_terraform(), f"-chdir={BROADER_OUTPUT / 'stacks' / 'service'}"]
    _run([*terraform, "init", "-no-color"], variables)
    _run([*terraform, "plan", "-no-color", "-out=plan.bin"], variables)
    show = subprocess.run(
        [*terraform, "show", "-json", "plan.bin"], env=dict(variables), capture_output=True, text=True, check=True
    )
    plan = FOLDER / "plan.json"
    write_beside(plan, show.stdout)
    return plan


def _taskrole(arguments: Sequence[str], variables: Mapping[str, str]) -> None:
    # Flush before a child process writes to the same output.
    sys.stdout.flush()
    subprocess.run([sys.executable, "-m", "taskrole", *arguments], env=dict(variables), check=True)


def _run(command: Sequence[str], variables: Mapping[str, str]) -> None:
    """Run a program, write its output to the log, and show the lines on resources.

    Raises CalledProcessError after showing the end of the log. On Ctrl-C, the program has time to save its state.
    """
    with LOG.open("w", encoding="utf-8") as log:
        process = subprocess.Popen(
            list(command),
            env=dict(variables),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,
        )
        try:
            lines = _relay(process, log)
            status = process.wait()
        except KeyboardInterrupt:
            _end(process)
            raise
    if status:
        click.echo("\n".join(lines[-40:]), err=True)
        raise subprocess.CalledProcessError(status, list(command))


def _relay(process: subprocess.Popen[str], log: TextIO) -> list[str]:
    assert process.stdout is not None  # noqa: S101 -- a pipe, as asked for
    lines: list[str] = []
    for raw in process.stdout:
        line = _ESCAPES.sub("", raw).rstrip()
        text = line.split("  ", 1)[-1].strip()
        if not text or (lines and lines[-1] == line):
            continue
        lines.append(line)
        print(line, file=log)
        if _TOLD.match(text):
            click.echo(f"    {text.split(' after ')[0]}")
    return lines


def _end(process: subprocess.Popen[str]) -> None:
    """Let terraform save its state and release its lock, then terminate all remaining processes.

    Terminating cdktf would close terraform's terminal, and terraform would end and leave the state locked.
    """
    terraform = [pid for pid, name in _descendants(process.pid) if Path(name).name == "terraform"]
    for pid in terraform:
        os.kill(pid, signal.SIGINT)
    if not terraform:
        os.killpg(process.pid, signal.SIGINT)
    try:
        process.communicate(timeout=PATIENCE)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)


def _descendants(pid: int) -> Iterator[tuple[int, str]]:
    """Yield the process ids and names of all descendants of a process."""
    if shutil.which("ps") is None:
        return
    listed = subprocess.run(["ps", "-A", "-o", "pid=,ppid=,comm="], capture_output=True, text=True, check=True)
    rows = [line.split(None, 2) for line in listed.stdout.splitlines()]
    parents = {pid}
    for row in sorted(rows, key=lambda row: int(row[0])):
        if int(row[1]) in parents:
            parents.add(int(row[0]))
            yield int(row[0]), row[2]


if __name__ == "__main__":
    sys.exit(main())
