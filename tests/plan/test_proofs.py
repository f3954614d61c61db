"""Tests that plans of native Terraform are proved with the files of the configuration, and unknown without."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from taskrole.review.review import ReviewOptions, review
from tests.review.cases import PLANS, TODAY

OPTIONS = ReviewOptions(today=TODAY)


@pytest.mark.parametrize("case", ["hcl-first-apply", "document-first-apply", "modules", "forget-and-attach"])
def test_a_native_configuration_is_proved_with_its_files(case: str, monkeypatch) -> None:
    monkeypatch.chdir(PLANS / case)
    plan = Path("plan.json")

    without, with_source = review(plan, None, OPTIONS), review(plan, None, replace(OPTIONS, source=Path()))

    assert without.unresolved
    assert with_source.unresolved == ()
    assert with_source.verdict == "broadens"


def test_files_that_differ_from_the_plan_prove_nothing(tmp_path: Path, monkeypatch) -> None:
    text = (PLANS / "document-first-apply" / "after.tf").read_text("utf-8")
    (tmp_path / "main.tf").write_text(text.replace("aws_iam_policy.own.arn", "aws_iam_policy.another.arn"))
    monkeypatch.chdir(tmp_path)

    report = review(PLANS / "document-first-apply" / "plan.json", None, replace(OPTIONS, source=Path()))

    assert [unresolved.attribute for unresolved in report.unresolved] == ["policy_arn"]
