"""Real plans of configurations as public modules are written: what a review said is what IAM then holds."""

from __future__ import annotations

from typing import Any

import pytest

from tests.e2e.post_apply.oracle import differences
from tests.e2e.post_apply.steps import apply_step
from tests.e2e.post_apply.workspace import CONFIGURATIONS, Workspace, steps_of

NAMES = sorted(path.name for path in CONFIGURATIONS.iterdir())


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_iam_holds_after_the_apply_what_the_review_said(
    name: str, workspace: Workspace, accounts: dict[str, Any]
) -> None:
    for number in range(1, steps_of(name) + 1):
        steps = apply_step(workspace, accounts, name, number)

        for inputs, step in steps.items():
            assert differences(step) == [], f"step {number}, review of {inputs}"
