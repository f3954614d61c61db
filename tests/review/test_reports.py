"""Whole reports of real plans. `python -m tests.review.test_reports` writes them anew, to be read before a commit."""

from __future__ import annotations

import json

import pytest

from tests.review.cases import CASES, EXPECTED, report_text, reviewed


@pytest.mark.parametrize("case", CASES)
def test_the_report_of_a_plan_is_the_expected_one(case: str) -> None:
    expected = json.loads((EXPECTED / f"{case}.json").read_text("utf-8"))
    assert json.loads(report_text(reviewed(case))) == expected


def test_there_is_no_expectation_without_a_plan() -> None:
    assert sorted(path.stem for path in EXPECTED.glob("*.json")) == CASES


if __name__ == "__main__":
    for name in CASES:
        (EXPECTED / f"{name}.json").write_text(report_text(reviewed(name)), encoding="utf-8")
