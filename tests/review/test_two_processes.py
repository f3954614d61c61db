"""Tests that a review of so many roles that two processes share them says the same as in one process."""

from __future__ import annotations

import json

import pytest

from bench.service_plan import service_plan
from taskrole import two_processes
from taskrole.output.options import DEFAULTS
from taskrole.review.render import RENDERERS
from taskrole.review.review import ReviewOptions, review

SERVICES = 320


def test_a_review_in_two_processes_says_the_same_as_in_one(monkeypatch: pytest.MonkeyPatch) -> None:
    plan = json.dumps(service_plan(SERVICES)).encode()
    in_two = reviewed(plan)

    monkeypatch.setattr(two_processes, "_MANY", SERVICES + 1)

    assert in_two == reviewed(plan)


def reviewed(plan: bytes) -> str:
    return RENDERERS["json"](review(plan, None, ReviewOptions(fail_on="never")), DEFAULTS)
