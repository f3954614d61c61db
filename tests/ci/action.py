"""Runs the composite action like a GitHub runner: its steps in order, by bash, with evaluated expressions."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml

from tests.ci.repository import ROOT, Repository

ACTION: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))
STEPS: list[dict[str, Any]] = ACTION["runs"]["steps"]

_EXPRESSION = re.compile(r"\$\{\{ (.*?) \}\}")
_NAME = re.compile(r"'[^']*'|[a-z_][\w.-]*")

OF_THE_REPOSITORY = {
    "github.repository": "shop/infra",
    "github.event_name": "pull_request",
    "github.event.pull_request.head.repo.full_name": "shop/infra",
    "github.event.pull_request.number": "7",
    "github.base_ref": "main",
    "github.token": "the-token",
}
OF_A_FORK = {**OF_THE_REPOSITORY, "github.event.pull_request.head.repo.full_name": "stranger/infra"}


@dataclass
class Run:
    """The result of a run of the action: the output and environment of each step, and all outputs."""

    code: int = 0
    printed: str = ""
    environments: dict[str, dict[str, str]] = field(default_factory=dict)
    used: dict[str, dict[str, str]] = field(default_factory=dict)
    context: dict[str, str] = field(default_factory=dict)


def run_action(
    repository: Repository, event: Mapping[str, str] = OF_THE_REPOSITORY, python: str = "", **inputs: str
) -> Run:
    """Run all steps. Used actions are not run but recorded with their inputs; `python` replaces setup-python."""
    given = {name: str(value.get("default", "")) for name, value in ACTION["inputs"].items()}
    given |= {name.replace("_", "-"): value for name, value in inputs.items()}
    run = Run(context={**event, "steps.python.outputs.python-path": python})
    run.context |= {f"inputs.{name}": evaluate(value, run.context) for name, value in given.items()}
    for step in STEPS:
        # A step runs only after success, unless its condition names cancelled().
        condition = step.get("if", "true")
        if (run.code and "!cancelled()" not in condition) or not _is_true(condition, run.context):
            continue
        if "uses" in step:
            run.used[step["uses"]] = {name: evaluate(str(value), run.context) for name, value in step["with"].items()}
        else:
            _run_step(step, repository, run)
    return run


def _run_step(step: dict[str, Any], repository: Repository, run: Run) -> None:
    assert step["shell"] == "bash"
    environment = {name: evaluate(value, run.context) for name, value in step.get("env", {}).items()}
    run.environments[step["name"]] = environment
    output = repository.temporary / "output"
    output.write_text("")
    variables = {"GITHUB_ACTION_PATH": str(ROOT), "GITHUB_OUTPUT": str(output), "GITHUB_REPOSITORY": "shop/infra"}
    variables["GITHUB_STEP_SUMMARY"] = str(repository.temporary / "summary.md")
    done = subprocess.run(
        ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", "-c", step["run"]],
        cwd=repository.folder / evaluate(step.get("working-directory", "."), run.context),
        env={**repository.variables, **variables, **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=1500,
    )
    run.printed += done.stdout + done.stderr
    run.code = run.code or done.returncode
    for line in output.read_text("utf-8").splitlines():
        name, _, value = line.partition("=")
        run.context[f"steps.{step['id']}.outputs.{name}"] = value


def evaluate(text: str, context: Mapping[str, str]) -> str:
    """Return a text with its expressions replaced: names, and alternatives joined by `||`."""
    return _EXPRESSION.sub(lambda match: _first(match[1].split(" || "), context), text)


def _first(names: list[str], context: Mapping[str, str]) -> str:
    return next((context[name] for name in names if context.get(name)), "")


def _is_true(condition: str, context: Mapping[str, str]) -> bool:
    """Evaluate comparisons joined by `&&` and `||`, with parentheses and `!cancelled()`."""
    python = condition.replace("!cancelled()", "true").replace("&&", "and").replace("||", "or")
    words = {"and": "and", "or": "or", "true": "True"}
    python = _NAME.sub(lambda m: m[0] if m[0][0] == "'" else words.get(m[0]) or repr(context.get(m[0], "")), python)
    return bool(eval(" ".join(python.split()), {"__builtins__": {}}))  # noqa: S307 -- the conditions of our own action
