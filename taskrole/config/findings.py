"""roles.yaml as findings: its problems, or the warnings and notes on a valid one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from taskrole.config.resolve import StackSpec
from taskrole.config.rules import CONFIG
from taskrole.errors import InputError, Problem
from taskrole.finding import Finding
from taskrole.output.formats.report import FindingReport, Suite
from taskrole.output.lines import count


def config_findings(file: Path, stacks: Sequence[StackSpec]) -> FindingReport:
    """Return the warnings and notes on a valid roles.yaml."""
    roles = sum(len(stack.roles) for stack in stacks)
    summary = (f"{file}: valid; {count(len(stacks), 'stack')}, {count(roles, 'role')}.",)
    suites = [
        Suite(
            f"stack {stack.name}",
            tuple(f"role {role.key}" for role in stack.roles),
            stack.findings,
        )
        for stack in stacks
    ]
    return FindingReport("validate", summary, tuple(suites))


def problem_findings(file: Path, error: InputError) -> FindingReport:
    """Return the problems of an invalid roles.yaml, an error each."""
    findings = tuple(_finding(problem) for problem in error.problems)
    return FindingReport("validate", (f"{file} is not valid.",), (Suite(str(file), (), findings),))


def _finding(problem: Problem) -> Finding:
    place = problem.place
    finding = CONFIG.finding(place.path, problem.message)
    return replace(finding, file=place.file, line=place.line, column=place.column)
