"""`taskrole audit` of several accounts and regions, and of existing reports."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

from taskrole.cli.parts.accounts import AccountsToRead, chosen_reach, given_accounts
from taskrole.cli.parts.finding_formats import FORMATS_OF_FINDINGS, render_findings, write_reports
from taskrole.errors import InputError, ToolError, printable
from taskrole.output.console import echo, page_text
from taskrole.output.lines import count

if TYPE_CHECKING:
    from taskrole.arns import Context
    from taskrole.live.fleet.accounts import Target
    from taskrole.live.fleet.kept import KeptParts
    from taskrole.live.fleet.reading import AccountOutcome, ReadingPlan
    from taskrole.live.fleet.report import FleetReport
    from taskrole.taskdef import Options


def audit_many(arguments: Mapping[str, Any], outputs: Sequence[tuple[str, Path]]) -> int:
    """Audit accounts, or merge reports, write the report, and return the exit code. Raises InputError, ToolError."""
    from taskrole.live.fleet.report import fleet_exit_code

    report = _merged(arguments) if arguments["merge"] else _read(arguments)
    _write(report, arguments["format_"], outputs)
    return fleet_exit_code(report, most_excess=arguments["max_excess"], strict=arguments["strict"])


def _merged(arguments: Mapping[str, Any]) -> FleetReport:
    from taskrole.live.fleet.merge import merge_reports

    return merge_reports(arguments["reports"], given_accounts(arguments))


def _read(arguments: Mapping[str, Any]) -> FleetReport:
    from taskrole.live.fleet.report import fleet_report

    reach = chosen_reach(arguments, "audit")
    plan, binding = _plan(arguments, reach)
    kept = _kept(arguments, (*reach.identity.identity[:2], *binding))
    if arguments["fresh"]:
        kept.forget()
    outcomes = _outcomes(reach.targets, plan, kept, arguments["concurrency"])
    report = fleet_report(
        (part for outcome in outcomes for part in outcome.parts),
        (failure for outcome in outcomes for failure in outcome.failures),
        reach.skipped,
        reach.targets,
    )
    _end(kept, report, sum(outcome.reused for outcome in outcomes))
    return report


def _plan(arguments: Mapping[str, Any], reach: AccountsToRead) -> tuple[ReadingPlan, tuple[str, ...]]:
    """Return the reading plan, and everything that parts depend on in addition to the caller."""
    from taskrole.live.fleet.reading import ReadingPlan
    from taskrole.taskdef import Options

    content = b""
    if arguments["options_file"]:
        from taskrole.config.options import parse_options
        from taskrole.yaml_reader import read_file

        file = arguments["options_file"]
        content = read_file(file, "set another with --options")
        parse_options(content, str(file), reach.identity.context)

    def options_in(place: Context) -> Options:
        return parse_options(content, str(file), place) if content else Options()

    plan = ReadingPlan(str(reach.identity.context.partition), reach.home, reach.regions, reach.assumption, options_in)
    given = (arguments["external_id"] or "").encode()
    binding = (arguments["assume_role"] or "", *(hashlib.sha256(part).hexdigest() for part in (given, content)))
    return plan, binding


def _kept(arguments: Mapping[str, Any], binding: Sequence[str | None]) -> KeptParts:
    from taskrole.live.answer_cache import check_folder, default_folder
    from taskrole.live.fleet.kept import KeptParts

    folder: Path | None = arguments["keep"]
    if folder is None:
        return KeptParts(default_folder(), binding, is_required=False)
    check_folder(folder)
    return KeptParts(folder, binding, is_required=True)


def _outcomes(targets: Sequence[Target], plan: ReadingPlan, kept: KeptParts, at_once: int) -> list[AccountOutcome]:
    from taskrole.live.fleet.reading import read_accounts

    outcomes: list[AccountOutcome] = []
    try:
        with closing(read_accounts(targets, plan, kept, at_once)) as reading:
            for outcome in reading:
                outcomes.append(outcome)
                _progress(f"{len(outcomes)} of {len(targets)}: {_result_line(outcome)}")
    except (ToolError, KeyboardInterrupt):
        state = f"are not cached: {kept.problem}" if kept.problem else "are cached; run the same command to continue"
        _progress(f"answers {state}")
        raise
    except InputError:
        kept.forget()
        raise
    return outcomes


def _result_line(outcome: AccountOutcome) -> str:
    from taskrole.live.fleet.text import account_label

    parts = outcome.parts
    tasks, stopped = sum(len(part.tasks) for part in parts), sum(part.starting("no") for part in parts)
    failed = sorted({failure.reason for failure in outcome.failures})
    words = [
        f"{count(tasks, 'task definition')}, {stopped} would not start" if parts else "",
        f"not read: {', '.join(failed)}" if failed else "",
    ]
    return f"account {account_label(outcome.target.account, outcome.target.name)}: {'; '.join(filter(None, words))}"


def _end(kept: KeptParts, report: FleetReport, reused: int) -> None:
    """Keep cached parts only if a retry can succeed, not if AWS denied access to the rest."""
    if reused:
        verb = "is" if reused == 1 else "are"
        _progress(f"{count(reused, 'region')} {verb} from an interrupted audit; use --fresh to read all again")
    if any(failure.is_temporary for failure in report.failures):
        _progress("run the same command to read the rest; the others are cached for a day, unless --fresh is used")
    else:
        kept.forget()


def _write(report: FleetReport, format_: str, outputs: Sequence[tuple[str, Path]]) -> None:
    write_reports(lambda name: _rendered(report, name), format_, outputs, is_styled=True)


def _rendered(report: FleetReport, format_: str) -> str:
    if format_ in FORMATS_OF_FINDINGS:
        from taskrole.live.audit_finding_report import fleet_findings

        return render_findings(fleet_findings(report), format_)
    if format_ == "json":
        from taskrole.live.fleet.fleet_json import fleet_json

        return fleet_json(report)
    if format_ == "html":
        from taskrole.live.fleet.html import fleet_html

        return fleet_html(report)
    from taskrole.live.fleet.text import write_fleet

    return page_text(lambda page: write_fleet(page, report))


def _progress(line: str) -> None:
    echo(printable(line), err=True)
