"""--format and --output for every verb that reports findings: the verb provides a FindingReport."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeVar

import click

from taskrole.errors import InputError, Place, Problem, quote
from taskrole.output.console import echo, echo_json_text, echo_markup
from taskrole.output.formats.registry import FINDING_FORMATS, finding_renderer
from taskrole.output.formats.report import FindingReport, Suite
from taskrole.reading import is_file

if TYPE_CHECKING:
    from taskrole.finding import Finding, Severity

FORMATS_OF_FINDINGS = tuple(FINDING_FORMATS)

_Command = TypeVar("_Command", bound=Callable[..., Any])


def output_option(command: _Command) -> _Command:
    """Add the option --output."""
    option = click.option(
        "--output", "outputs", multiple=True, metavar="FORMAT=FILE", help="Write another format to a file; repeatable."
    )
    return option(command)


def parse_outputs(values: Sequence[str], formats: Sequence[str]) -> list[tuple[str, Path]]:
    """Return the formats and files in --output. Raises InputError with all invalid ones."""
    problems, outputs = [], []
    for value in values:
        name, _, file = value.partition("=")
        if name not in formats or not file:
            message = f"must be FORMAT=FILE, with a format of {', '.join(formats)}; got {quote(value)}"
            problems.append(Problem(Place("--output"), message))
        outputs.append((name, Path(file)))
    if problems:
        raise InputError(problems)
    return outputs


def render_findings(
    report: FindingReport, format_: str, *, fail_on: Severity | Literal["never"] = "error", stack: str = ""
) -> str:
    """Return a report in a format of findings, without locations in files outside the working folder."""
    from taskrole.output.options import RenderOptions
    from taskrole.review.source import default_source
    from taskrole.rule_catalogue import titles

    options = RenderOptions(
        verb=report.verb,
        stack=stack,
        titles=titles(),
        source=default_source(),
        fail_on=fail_on,
        rules_page="docs/rules.md",
        place_kind="element",
    )
    return finding_renderer(format_)(_in_working_folder(report), options)


def report_findings(
    report: FindingReport,
    format_: str | None,
    outputs: Sequence[tuple[str, Path]],
    *,
    fail_on: Severity | Literal["never"] = "error",
    stack: str = "",
) -> None:
    """Write the files of --output, then print the report if --format is a format of findings."""
    printed = format_ if format_ in FINDING_FORMATS else None
    write_reports(lambda name: render_findings(report, name, fail_on=fail_on, stack=stack), printed, outputs)


def write_reports(
    render: Callable[[str], str], format_: str | None, outputs: Sequence[tuple[str, Path]], *, is_styled: bool = False
) -> None:
    """Write the files of --output without colours, then print the --format, if given."""
    if outputs:
        from taskrole.files import write_beside

        for name, path in outputs:
            write_beside(path, click.unstyle(render(name)))
    if format_ is not None:
        print_report(render(format_), format_, is_styled=is_styled)


def print_report(text: str, format_: str, *, color: bool | None = None, is_styled: bool = False) -> None:
    """Print a report of any verb, escaped as its format requires."""
    if format_ == "json":
        echo_json_text(text)
    elif _is_markup(format_):
        echo_markup(text)
    else:
        echo(text, nl=False, color=color, is_styled=is_styled)


def _is_markup(format_: str) -> bool:
    """Return whether a format is HTML, XML or Markdown; a name is the same format for every verb."""
    from taskrole.review.formats import REVIEW_FORMATS

    known = FINDING_FORMATS.get(format_) or REVIEW_FORMATS.get(format_)
    return known is not None and known.is_markup


def _in_working_folder(report: FindingReport) -> FindingReport:
    def located(finding: Finding) -> Finding:
        return replace(finding, file=_relative_file(finding.file))

    suites = (Suite(suite.name, suite.passed, tuple(map(located, suite.findings))) for suite in report.suites)
    return replace(report, suites=tuple(suites))


@functools.lru_cache(maxsize=4096)
def _relative_file(file: str) -> str:
    """Return a file's path relative to the working folder; empty if it is outside the folder or not a file.

    If a file contains several definitions, each is named FILE#/POINTER.
    """
    for name in (file, file.rpartition("#")[0]):
        if name and is_file(name):
            path, folder = Path(name).absolute(), Path.cwd()
            return path.relative_to(folder).as_posix() if path.is_relative_to(folder) else ""
    return ""
