"""Tests the text output: prose in 80 columns, whole values, complete, colours only on terminals."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from taskrole.output.escape.plain import visible
from taskrole.output.text.terminal import wants_color
from taskrole.output.text.wrap import wrapped
from taskrole.review.render import RENDERERS
from taskrole.review.report import AccessRow, Report
from tests.review.render.reports import BROADENING, OPTIONS, REPORTS

render = RENDERERS["terminal"]
ANSI = re.compile(r"\x1b\[[0-9;]*m")


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize("width", [40, 80, 120])
@pytest.mark.parametrize("name", REPORTS)
def test_only_a_single_value_makes_a_line_wider_than_the_terminal(name: str, width: int) -> None:
    lines = render(REPORTS[name], replace(OPTIONS, width=width)).split("\n")

    values = {visible(resource) for row in _rows(REPORTS[name]) for resource in row.resources}
    values |= {visible(policy.arn) for role in REPORTS[name].roles for policy in role.managed}
    values |= {visible(text) for workload in REPORTS[name].workloads for text in (workload.before, workload.after)}
    values |= {visible(policy.arn) for policy in REPORTS[name].policies}
    wide = [line.split() for line in lines if cell_len(line) > width and line.strip() not in values]
    # A mark, such as + or key, may stand before a value.
    assert all(len(words) <= 2 and cell_len(words[0]) < 10 for words in wide if len(words) > 1), wide


@pytest.mark.parametrize("width", [40, 80, 200])
def test_the_arn_of_every_grant_is_whole_on_its_own_line(width: int) -> None:
    tested = REPORTS["everything"]
    lines = {line.strip() for line in render(tested, replace(OPTIONS, width=width)).split("\n")}

    arns = {resource for row in _rows(tested) for resource in row.resources if resource.startswith("arn:")}
    assert len(arns) == 3
    assert arns <= lines
    assert {policy.arn for policy in tested.policies if policy.arn} <= lines


def test_a_plan_that_is_not_blocked_is_not_red() -> None:
    tested = replace(BROADENING, blocked=False, reasons=())

    colored = render(tested, replace(OPTIONS, color=True)).split("\n")

    assert colored[0].startswith("\x1b[32mNOT BLOCKED\x1b[0m ")
    assert render(BROADENING, replace(OPTIONS, color=True)).startswith("\x1b[31mBLOCKED\x1b[0m ")


def test_sections_are_in_reading_order() -> None:
    lines = render(REPORTS["everything"], OPTIONS).split("\n")

    assert [line.split(":")[0] for before, line in pairwise(lines) if not before and line] == [
        "Trust changes",
        "Workloads that run under another role",
        "Access changes",
        "Role not known",
        "Customer managed policies by themselves",
        "Managed policies",
        "Effective actions by access level, before → after",
        "Findings",
        "Findings on what this plan leaves alone",
        "Unresolved",
        "Not reviewed here",
        "Plan sha256 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    ]


def test_the_footer_accounts_for_all_changes() -> None:
    text = _squeezed(render(REPORTS["everything"], OPTIONS))

    assert _squeezed("46 changes: 12 explained, 30 without effect on access, 4 not reviewed") in text


@pytest.mark.parametrize("name", REPORTS)
def test_nothing_is_lost_at_80_columns(name: str) -> None:
    report = REPORTS[name]
    output = _squeezed(render(report, OPTIONS))

    for role in report.roles:
        for row in (*role.added, *role.removed):
            assert all(_squeezed(visible(text)) in output for text in (*row.actions, *row.resources, row.because))
            assert all(_squeezed(visible(value)) in output for _, _, values in row.conditions for value in values)
        assert _squeezed(visible(role.address)) in output
    for finding in report.findings:
        assert all(
            _squeezed(visible(text)) in output for text in (finding.code, finding.source, finding.message, finding.fix)
        )
    for unknown in report.unresolved:
        assert all(_squeezed(visible(text)) in output for text in (unknown.address, unknown.attribute, unknown.because))
    for entry in report.not_reviewed:
        texts = (*entry.actions, entry.address, entry.type, entry.category, entry.why)
        assert all(_squeezed(visible(text)) in output for text in texts)
    for holder in (*report.policies, *report.workloads):
        assert all(
            _squeezed(visible(text)) in output for text in (holder.address, holder.name, holder.verdict, holder.key)
        )
    assert _squeezed(visible(report.plan.hash)) in output


def test_without_colour_there_is_no_escape_sequence() -> None:
    assert "\x1b" not in render(BROADENING, replace(OPTIONS, color=False))


def test_with_colour_the_text_is_the_same() -> None:
    colored = render(BROADENING, replace(OPTIONS, color=True))

    assert ANSI.sub("", colored) == render(BROADENING, OPTIONS)
    assert "\x1b[31m+\x1b[0m Permissions management: iam:PassRole on *" in colored


@pytest.mark.parametrize(
    ("stream", "environment", "wanted"),
    [
        (Terminal(), {"TERM": "xterm"}, True),
        (Terminal(), {"TERM": "dumb"}, False),
        (Terminal(), {"TERM": "xterm", "NO_COLOR": "1"}, False),
        (io.StringIO(), {"TERM": "xterm"}, False),
        (io.StringIO(), {"TERM": "dumb", "FORCE_COLOR": "1"}, True),
        (Terminal(), {"TERM": "xterm", "NO_COLOR": "1", "FORCE_COLOR": "1"}, False),
    ],
)
def test_colours_are_for_terminals_that_do_not_turn_them_off(stream, environment, wanted: bool, monkeypatch) -> None:
    for name in ("NO_COLOR", "FORCE_COLOR", "TERM"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)

    assert wants_color(stream) is wanted


@given(st.text(st.characters(categories=("L", "N", "P", "S", "Mn")) | st.just(" "), max_size=60), st.integers(20, 40))
def test_wrapping_removes_only_spaces_at_the_ends_of_lines(text: str, width: int) -> None:
    lines = list(wrapped(text, width))

    assert _squeezed("".join(lines)) == _squeezed(text)
    assert all(cell_len(line) <= width or " " not in line for line in lines)


@pytest.mark.parametrize("width", [28, 10], ids=["that fits", "that is wider than the line"])
def test_a_value_is_not_broken(width: int) -> None:
    assert list(wrapped("see arn:aws:iam::aws:policy/x now", width)) == ["see", "arn:aws:iam::aws:policy/x", "now"]


def test_wide_characters_count_two_columns() -> None:
    assert list(wrapped(f"{'界' * 9} 界", 20)) == ["界" * 9, "界"]


def _rows(tested: Report) -> list[AccessRow]:
    holders = (*tested.roles, *tested.policies, *tested.workloads)
    return [row for holder in holders for row in (*holder.added, *holder.removed)]


def _squeezed(text: str) -> str:
    return re.sub(r"\s", "", text)
