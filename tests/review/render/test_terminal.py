"""The terminal: 80 columns, nothing lost, colour only where somebody looks."""

from __future__ import annotations

import io
import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from taskrole.review.render import RENDERERS
from taskrole.review.render.escape.plain import visible
from taskrole.review.render.terminal import wants_color
from taskrole.review.render.wrap import wrapped
from tests.review.render.reports import BROADENING, OPTIONS, REPORTS

render = RENDERERS["terminal"]
ANSI = re.compile(r"\x1b\[[0-9;]*m")


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize("width", [40, 80, 120])
@pytest.mark.parametrize("name", REPORTS)
def test_no_line_is_wider_than_the_terminal(name: str, width: int) -> None:
    lines = render(REPORTS[name], replace(OPTIONS, width=width)).split("\n")

    assert max(map(cell_len, lines)) <= width


@pytest.mark.parametrize("name", REPORTS)
def test_nothing_is_lost_at_80_columns(name: str) -> None:
    report = REPORTS[name]
    shown = _squeezed(render(report, OPTIONS))

    for role in report.roles:
        for row in (*role.added, *role.removed):
            assert all(_squeezed(visible(text)) in shown for text in (*row.actions, *row.resources, row.because))
            assert all(_squeezed(visible(value)) in shown for _, _, values in row.conditions for value in values)
        assert _squeezed(visible(role.address)) in shown
    for finding in report.findings:
        assert all(
            _squeezed(visible(text)) in shown for text in (finding.code, finding.address, finding.message, finding.fix)
        )
    for one in report.unresolved:
        assert all(_squeezed(visible(text)) in shown for text in (one.address, one.attribute, one.because))
    assert _squeezed(visible(report.plan.hash)) in shown


def test_without_colour_there_is_no_escape_sequence() -> None:
    assert "\x1b" not in render(BROADENING, replace(OPTIONS, color=False))


def test_with_colour_the_text_is_the_same() -> None:
    colored = render(BROADENING, replace(OPTIONS, color=True))

    assert ANSI.sub("", colored) == render(BROADENING, OPTIONS)
    assert "\x1b[31m+\x1b[0m Permissions management: iam:PassRole" in colored


@pytest.mark.parametrize(
    ("stream", "environment", "wanted"),
    [
        (Terminal(), {"TERM": "xterm"}, True),
        (Terminal(), {"TERM": "dumb"}, False),
        (Terminal(), {"TERM": "xterm", "NO_COLOR": "1"}, False),
        (io.StringIO(), {"TERM": "xterm"}, False),
    ],
)
def test_colour_is_for_terminals_whose_person_has_not_said_no(stream, environment, wanted: bool, monkeypatch) -> None:
    for name in ("NO_COLOR", "TERM"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)

    assert wants_color(stream) is wanted


@given(st.text(st.characters(categories=("L", "N", "P", "S", "Mn")) | st.just(" "), max_size=60), st.integers(20, 40))
def test_wrapping_keeps_all_but_the_spaces_at_which_lines_end(text: str, width: int) -> None:
    lines = list(wrapped(text, width))

    assert _squeezed("".join(lines)) == _squeezed(text)
    assert all(cell_len(line) <= width for line in lines)


def test_a_value_that_fits_is_not_broken() -> None:
    assert list(wrapped("see arn:aws:iam::aws:policy/x now", 28)) == ["see", "arn:aws:iam::aws:policy/x", "now"]


def test_wide_characters_count_two_columns() -> None:
    assert list(wrapped("界" * 12, 20)) == ["界" * 10, "界" * 2]


def _squeezed(text: str) -> str:
    return re.sub(r"\s", "", text)
