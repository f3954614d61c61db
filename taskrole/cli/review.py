"""`taskrole review`."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from taskrole.cli.parts.ci_job import RULES_PAGE, is_pull_request, rules_page, this_run
from taskrole.cli.parts.finding_formats import output_option, parse_outputs, print_report, write_reports
from taskrole.cli.parts.keys import given_keys
from taskrole.cli.parts.memory import keep_all_objects
from taskrole.cli.parts.regions import warn_of_region
from taskrole.exit_codes import exit_code_for
from taskrole.output.console import echo
from taskrole.reading import STANDARD_INPUT, exists, is_file, standard_input
from taskrole.review.formats import REVIEW_FORMATS

if TYPE_CHECKING:
    from taskrole.review.render import RenderOptions
    from taskrole.review.report import Report
    from taskrole.review.settings import ReviewSettings


_SETTINGS = Path("taskrole.review.yaml")


@click.command()
@click.argument("plan", type=click.Path(path_type=Path, allow_dash=True), required=False)
@click.option("--format", "format_", type=click.Choice([*REVIEW_FORMATS]), default="terminal", show_default=True)
@output_option
@click.option(
    "--settings",
    type=click.Path(path_type=Path),
    help=f"Severities, waivers, approvals, assertions. Default: {_SETTINGS}, if it exists.",
)
@click.option(
    "--fail-on",
    type=click.Choice(["error", "warning", "note", "never"]),
    default="error",
    show_default=True,
    help="Block on findings of this severity or worse.",
)
@click.option(
    "--require-approval",
    type=click.Choice(["never", "broadening", "any"]),
    default="never",
    show_default=True,
    help="Block on grants that the settings do not approve.",
)
@click.option("--expect-hash", metavar="SHA256", help="Block unless the plan has this hash.")
@click.option(
    "--strict", is_flag=True, help="Exit with 4 if anything is unknown and not approved, or the plan is incomplete."
)
@click.option("--detailed-exitcode", is_flag=True, help="Exit with 2 if permissions of roles change.")
@click.option(
    "--all",
    "include_unchanged",
    is_flag=True,
    help="Also review unchanged roles, and block on findings about them.",
)
@click.option("--region", help="Region of the tasks. Default: from the plan.")
@click.option("--account", help="Account of the tasks. Default: from the plan.")
@click.option(
    "--kms-key",
    "kms_keys",
    multiple=True,
    metavar="[NAME=]ARN",
    help="KMS key of a secret or parameter, or of all; aws-owned: AWS manages it. Default: kms_keys of the settings.",
)
@click.option("--stack", default="", help="Name of the plan in comments and test suites.")
@click.option(
    "--source",
    type=click.Path(path_type=Path),
    help="Configuration, for what the plan does not show and for lines of findings: a folder of .tf or .tf.json files,"
    " or roles.yaml.",
)
@click.option(
    "--docs-url",
    metavar="URL",
    help=f"URL of the page of rules, for links. Default, in GitHub Actions and GitLab CI: {RULES_PAGE} of the"
    " repository, if it exists.",
)
@click.option(
    "--report-url",
    metavar="URL",
    help="URL of the complete report, for truncated comments. Default: the GitHub Actions run or GitLab CI job.",
)
@click.option("--explain", metavar="RULE", help="Explain a rule of reviews; needs no plan.")
@click.pass_context
def review(  # noqa: PLR0913 -- one an option
    ctx: click.Context,
    *,
    plan: Path | None,
    format_: str,
    outputs: tuple[str, ...],
    settings: Path | None,
    fail_on: str,
    require_approval: str,
    expect_hash: str | None,
    strict: bool,
    detailed_exitcode: bool,
    include_unchanged: bool,
    region: str | None,
    account: str | None,
    kms_keys: tuple[str, ...],
    stack: str,
    source: Path | None,
    docs_url: str | None,
    report_url: str | None,
    explain: str | None,
) -> None:
    """Review what a plan changes in the permissions and the trust of roles.

    PLAN is the output of `terraform show -json`, or - for standard input.

    Exits with 3 if the plan is blocked; see --fail-on, --require-approval and --expect-hash.
    """
    if explain is not None:
        _explain(explain)
        return
    if plan is None:
        raise click.UsageError("Missing argument 'PLAN'; give a file, or - for standard input.", ctx)
    from taskrole.review.review import ReviewOptions
    from taskrole.review.review import review as review_plan

    if region is not None:
        warn_of_region(region)
    keep_all_objects()
    paths = parse_outputs(outputs, tuple(REVIEW_FORMATS))
    options = ReviewOptions(
        fail_on=fail_on,  # type: ignore[arg-type]
        require_approval=require_approval,  # type: ignore[arg-type]
        expect_hash=expect_hash,
        region=region,
        account=account,
        include_unchanged=include_unchanged,
        source=source,
        stack=stack,
        kms_keys=given_keys(kms_keys),
    )
    loaded = _settings(settings)
    if str(plan) == "-":
        report = review_plan(standard_input(), loaded, options, file=STANDARD_INPUT)
    else:
        report = review_plan(plan, loaded, options)
    if docs_url is None:
        docs_url = rules_page(os.environ) if is_file(RULES_PAGE) else ""
    if report_url is None:
        report_url = this_run(os.environ)
    rendered = _render_options(stack, fail_on, docs_url, report_url, source)
    _write(report, format_, paths, rendered)
    ctx.exit(_exit_code(report, strict=strict, detailed=detailed_exitcode))


def _explain(name: str) -> None:
    from taskrole.explain import explanation, find_rule

    echo("\n".join(explanation(find_rule(name))))


def _settings(path: Path | None) -> ReviewSettings | None:
    if path is None and not exists(_SETTINGS):
        return None
    from taskrole.review.settings_file import load_settings

    if path is None and is_pull_request(os.environ):
        echo(
            f"{_SETTINGS} is the pull request's own, which could waive and approve anything; use the base branch's"
            " with --settings",
            err=True,
        )
    return load_settings(path or _SETTINGS)


def _write(report: Report, format_: str, outputs: list[tuple[str, Path]], plain: RenderOptions) -> None:
    from taskrole.review.render import RENDERERS

    write_reports(lambda name: RENDERERS[name](report, plain), None, outputs)
    options = _on_terminal(plain) if format_ == "terminal" else plain
    print_report(RENDERERS[format_](report, options), format_, color=options.color, is_styled=options.color)


def _on_terminal(plain: RenderOptions) -> RenderOptions:
    """Return the options for standard output: the terminal's width, if any, and colours unless disabled."""
    import shutil
    from dataclasses import replace

    from taskrole.output.text.terminal import wants_color

    width = shutil.get_terminal_size((100, 24)).columns if sys.stdout.isatty() else plain.width
    return replace(plain, color=wants_color(sys.stdout), width=width)


def _render_options(stack: str, fail_on: str, docs_url: str, report_url: str, source: Path | None) -> RenderOptions:
    from taskrole.output.options import RenderOptions
    from taskrole.review.rules import RULES
    from taskrole.review.source import default_source, find_whole

    return RenderOptions(
        stack=stack,
        docs_url=docs_url,
        report_url=report_url,
        titles={id_: rule.title for id_, rule in RULES.items()},
        fail_on=fail_on,  # type: ignore[arg-type]
        width=100,
        source=find_whole(source) if source else default_source(),
    )


def _exit_code(report: Report, *, strict: bool, detailed: bool) -> int:
    from taskrole.review.approvals import has_open_unknowns

    return exit_code_for(
        is_blocked=bool(report.blocked),
        is_unresolved=strict and has_open_unknowns(report),
        has_changes=detailed and report.verdict not in ("no-change", "neutral"),
    )
