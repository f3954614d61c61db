"""Tests a page of text: wrapped prose, whole values, no control sequences."""

from __future__ import annotations

import re

import pytest

from taskrole.output.text.page import Page
from taskrole.output.text.terminal import terminal_width

ARN = "arn:aws:logs:eu-central-1:123456789012:log-group:/shop/web:log-stream:web/proxy/*"
ANSI = re.compile(r"\x1b\[[0-9;]*m")


def test_prose_is_wrapped_and_values_are_not() -> None:
    page = Page(30)
    page.line("a sentence that is longer than a line of the page", 2, mark="note:", style="note")
    page.value(ARN, 4)

    assert page.text().splitlines() == [
        "  note: a sentence that is",
        "        longer than a line of",
        "        the page",
        f"    {ARN}",
    ]


@pytest.mark.parametrize(
    ("values", "lines"),
    [
        (["one"], ["if one"]),
        ([ARN], ["if", f"  {ARN}"]),
        (["one", "two"], ["if", "  one", "  two"]),
    ],
)
def test_a_label_has_one_short_value_beside_it(values: list[str], lines: list[str]) -> None:
    page = Page(80)
    page.labelled("if", values)

    assert page.text().splitlines() == lines


def test_coloured_text_has_the_same_content() -> None:
    texts = []
    for color in (False, True):
        page = Page(40, color=color)
        page.heading("Roles")
        page.line("some prose that has more than forty columns", mark="error:", style="error")
        page.line("a reason", 8, style="dim")
        page.value(ARN, 6, style="bold")
        texts.append(page.text())

    assert "\x1b[" in texts[1]
    assert ANSI.sub("", texts[1]) == texts[0]


def test_values_are_escaped() -> None:
    page = Page(40)
    page.value("a\x1b[31m\u202e", 0)
    page.line("b\x1b[31m")

    assert page.text() == "a\\x1b[31m\\u202e\nb\\x1b[31m\n"


def test_blank_lines_are_neither_first_nor_doubled() -> None:
    page = Page(40)
    page.blank()
    page.line("a")
    page.blank()
    page.blank()
    page.line("b")

    assert page.text() == "a\n\nb\n"


@pytest.mark.parametrize(("columns", "width"), [("40", 40), ("200", 200), ("0", None), ("x", None), ("", None)])
def test_the_width_is_that_of_columns_if_valid(columns: str, width: int | None, monkeypatch) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)
    otherwise = terminal_width()
    monkeypatch.setenv("COLUMNS", columns)

    assert terminal_width() == (width or otherwise)
