"""What a review costs grows with the plan and not faster, counted in calls of functions."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from bench.review import plan_of
from bench.service_plan import service_plan
from taskrole.review.render import RENDERERS
from taskrole.review.render.options import DEFAULTS
from taskrole.review.review import ReviewOptions, review
from tests.growth import exponents

SIZES = (16, 64, 256)


@pytest.mark.parametrize("make", [plan_of, service_plan], ids=["role changes", "services with task definitions"])
@pytest.mark.parametrize("format_", ["json", "terminal"])
def test_a_review_takes_calls_in_proportion_to_the_plan(make: Callable[[int], Mapping[str, Any]], format_: str) -> None:
    plans = {size: json.dumps(make(size)).encode() for size in SIZES}

    grown = exponents(lambda size: reviewed(plans[size], format_), SIZES)

    assert max(grown) < 1.1, grown


def reviewed(plan: bytes, format_: str) -> None:
    report = review(plan, None, ReviewOptions(fail_on="never"))
    RENDERERS[format_](report, DEFAULTS)
