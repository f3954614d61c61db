"""Tests whole reports of real plans."""

from __future__ import annotations

import pytest

from tests.expected_files import EXPECTED, assert_expected
from tests.review.cases import CASES, report_text, reviewed


@pytest.mark.parametrize("case", CASES)
def test_the_report_of_a_plan_is_as_expected(case: str) -> None:
    assert_expected(f"review/{case}.json", report_text(reviewed(case)))


def test_every_expected_report_has_a_plan() -> None:
    assert sorted(path.stem for path in EXPECTED.glob("review/*.json")) == CASES
