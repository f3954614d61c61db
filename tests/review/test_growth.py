"""What a review and its outputs cost grows with the plan and not faster, counted in calls of functions."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from bench.review import plan_of
from bench.service_plan import service_plan
from taskrole.review.render import RENDERERS
from taskrole.review.render.options import DEFAULTS
from taskrole.review.report import Report
from taskrole.review.review import ReviewOptions, review
from tests.growth import exponents

SIZES = (16, 64, 256)
MAKERS = {"role changes": plan_of, "services with task definitions": service_plan}


@pytest.fixture(scope="module", params=MAKERS.values(), ids=MAKERS)
def plans(request: pytest.FixtureRequest) -> Mapping[int, bytes]:
    """The same plan in each size, in JSON."""
    make: Callable[[int], Mapping[str, Any]] = request.param
    return {size: json.dumps(make(size)).encode() for size in SIZES}


@pytest.fixture(scope="module")
def reports(plans: Mapping[int, bytes]) -> Mapping[int, Report]:
    return {size: reviewed(plan) for size, plan in plans.items()}


def test_a_review_takes_calls_in_proportion_to_the_plan(plans: Mapping[int, bytes]) -> None:
    grown = exponents(lambda size: reviewed(plans[size]), SIZES)

    assert max(grown) < 1.1, grown


@pytest.mark.parametrize("format_", ["json", "terminal"])
def test_an_output_takes_calls_in_proportion_to_the_plan(reports: Mapping[int, Report], format_: str) -> None:
    grown = exponents(lambda size: RENDERERS[format_](reports[size], DEFAULTS), SIZES)

    assert max(grown) < 1.1, grown


def reviewed(plan: bytes) -> Report:
    return review(plan, None, ReviewOptions(fail_on="never"))
