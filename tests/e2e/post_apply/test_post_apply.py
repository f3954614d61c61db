"""Tests real plans of configurations like public modules: IAM has after the apply what the review reported."""

from __future__ import annotations

from typing import Any

import pytest

from tests.e2e.post_apply.oracle import differences
from tests.e2e.post_apply.steps import apply_step
from tests.e2e.post_apply.workspace import CONFIGURATIONS, Workspace, steps_of

# Applied by `make test`; `make test-extra` and CI apply all others.
IN_EVERY_RUN = {"indirect_roles", "own_attributes"}
NAMES = sorted(path.name for path in CONFIGURATIONS.iterdir())
CASES = [pytest.param(name, marks=() if name in IN_EVERY_RUN else pytest.mark.extra) for name in NAMES]


def test_the_configurations_of_every_run_exist() -> None:
    assert set(NAMES) > IN_EVERY_RUN


@pytest.mark.slow
@pytest.mark.parametrize("name", CASES)
def test_iam_has_after_the_apply_what_the_review_reported(
    name: str, workspace: Workspace, accounts: dict[str, Any]
) -> None:
    for number in range(1, steps_of(name) + 1):
        steps = apply_step(workspace, accounts, name, number)

        for inputs, step in steps.items():
            assert differences(step) == [], f"step {number}, review of {inputs}"
