"""Tests findings as lines: sorted by severity, with counted repeats."""

from __future__ import annotations

import pytest

from taskrole.finding import Finding, Severity
from taskrole.output.findings import finding_lines


def finding(file: str = "", source: str = "", severity: Severity = "note", message: str = "is odd") -> Finding:
    return Finding("ODD", severity, source, message, file)


REPEATS = {
    "one place": ([finding("a.json", "/x")], "note: a.json /x: is odd [ODD]"),
    "no place": ([finding(), finding()], "note: is odd [ODD]"),
    "few files": (
        [finding(f"{name}.json", "/x") for name in "abc"],
        "note: /x in a.json, b.json, c.json: is odd [ODD]",
    ),
    "many files": ([finding(f"{n:03}.json", "/x") for n in range(500)], "note: /x in 500 files: is odd [ODD]"),
    "many files without a pointer": ([finding(f"{n}.json") for n in range(9)], "note: in 9 files: is odd [ODD]"),
    "several pointers": ([finding("a", f"/{n}") for n in range(3)], "note: a /0 and 2 more places: is odd [ODD]"),
}


@pytest.mark.parametrize(("findings", "line"), REPEATS.values(), ids=REPEATS)
def test_equal_findings_in_many_places_are_a_single_line(findings: list[Finding], line: str) -> None:
    assert list(finding_lines(set(findings))) == [line]


def test_each_place_of_an_error_is_a_line() -> None:
    errors = [finding("a.json", "/x", "error"), finding("b.json", "/x", "error")]

    assert list(finding_lines(errors)) == ["error: a.json /x: is odd [ODD]", "error: b.json /x: is odd [ODD]"]


def test_the_most_severe_findings_come_first() -> None:
    severities: tuple[Severity, ...] = ("note", "error", "warning")
    lines = finding_lines(finding("a", "/x", severity) for severity in severities)

    assert [line.partition(":")[0] for line in lines] == ["error", "warning", "note"]
