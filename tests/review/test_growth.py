"""Tests that the cost of a review and of its outputs, in calls of functions, grows in proportion to the plan."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from bench.review import plan_of
from bench.service_plan import service_plan
from taskrole.output.options import DEFAULTS
from taskrole.plan.planned_task import is_sensitive
from taskrole.policy.catalogue.access_levels import count_by_level
from taskrole.policy.evaluation.grant_calls import regions_of
from taskrole.review.render import RENDERERS
from taskrole.review.report import Report
from taskrole.review.review import ReviewOptions, review
from tests.growth import LIMIT, SIZES, calls_of, growth

SERVICES = 32
MAKERS = {"role changes": plan_of, "services with task definitions": service_plan}


@pytest.fixture(scope="module", params=MAKERS.values(), ids=MAKERS)
def plans(request: pytest.FixtureRequest) -> Mapping[int, bytes]:
    """Return the same plan in each size, in JSON."""
    make: Callable[[int], Mapping[str, Any]] = request.param
    return {size: json.dumps(make(size)).encode() for size in SIZES}


@pytest.fixture(scope="module")
def reports(plans: Mapping[int, bytes]) -> Mapping[int, Report]:
    return {size: reviewed(plan) for size, plan in plans.items()}


def test_a_review_takes_calls_in_proportion_to_the_plan(plans: Mapping[int, bytes]) -> None:
    assert growth(lambda size: reviewed(plans[size])) < LIMIT


@pytest.mark.parametrize("format_", ["json", "terminal"])
def test_an_output_takes_calls_in_proportion_to_the_plan(reports: Mapping[int, Report], format_: str) -> None:
    assert growth(lambda size: RENDERERS[format_](reports[size], DEFAULTS)) < LIMIT


@pytest.mark.parametrize(
    "function",
    [
        pytest.param(regions_of, id="the regions of a task definition are gathered once"),
        pytest.param(is_sensitive, id="whether a task definition is sensitive is looked up once"),
    ],
)
def test_the_tables_of_a_service_are_built_once(function: Callable[..., object]) -> None:
    plan = json.dumps(service_plan(SERVICES)).encode()

    done = calls_of(function, lambda: reviewed(plan))

    assert 0 < done <= SERVICES


def test_statements_with_the_same_actions_are_counted_once() -> None:
    plan = json.dumps(plan_of(SERVICES)).encode()
    reviewed(plan)

    assert calls_of(count_by_level, lambda: reviewed(plan)) == 0


def reviewed(plan: bytes) -> Report:
    return review(plan, None, ReviewOptions(fail_on="never"))
