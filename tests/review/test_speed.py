"""Tests the cost of a review in calls of functions, independent of the load of the machine."""

from __future__ import annotations

import cProfile
import json
import pstats
from io import BytesIO

from bench.review import plan_of
from taskrole.output.options import DEFAULTS
from taskrole.plan import known_document
from taskrole.plan.configuration import Configuration
from taskrole.plan.reader import read_plan
from taskrole.plan.roles import planned_roles
from taskrole.policy.catalogue.access_levels import access_level
from taskrole.policy.documents.schema import parse_policy
from taskrole.review.render import RENDERERS
from taskrole.review.review import ReviewOptions, review
from taskrole.review.rules import policies
from tests.growth import calls_of

# The measured number and a quarter more. It was 8,400 while every part of a review read the documents again.
MOST_CALLS_A_ROLE = 3_100
# Its policy before and after the plan, once each.
MOST_READINGS_A_ROLE = 2.2


def test_a_role_costs_the_same_in_a_plan_of_more_roles() -> None:
    counted(10)  # what is loaded once
    few, many = counted(10), counted(25)
    assert calls(many) - calls(few) <= 15 * MOST_CALLS_A_ROLE


def test_the_documents_of_a_role_are_read_once_in_a_review() -> None:
    assert calls(counted(10), "permissions.py", "_read") <= 10 * MOST_READINGS_A_ROLE


def test_the_text_of_a_policy_is_parsed_once_in_a_review() -> None:
    known_document._parse_recent.cache_clear()

    assert 0 < calls(counted(10), "schema.py", "parse_policy") <= 10 * MOST_READINGS_A_ROLE


def test_policies_are_parsed_only_when_their_role_is_compared() -> None:
    """Otherwise, the parsed documents of a large plan would take more memory than its text."""
    plan = read_plan(BytesIO(json.dumps(plan_of(10)).encode()), "plan")
    known_document._parse_recent.cache_clear()

    assert calls_of(parse_policy, lambda: planned_roles(plan, Configuration(plan))) <= 1  # the trust policy


def test_read_only_roles_are_not_searched_for_privilege_escalation() -> None:
    """The reason why such roles are skipped."""
    for way in policies._ESCALATIONS:
        assert not {access_level(action) for action in way} <= policies._HARMLESS


def counted(roles: int) -> pstats.Stats:
    plan = json.dumps(plan_of(roles)).encode()
    profile = cProfile.Profile()
    profile.enable()
    report = review(plan, None, ReviewOptions(fail_on="never"))
    RENDERERS["json"](report, DEFAULTS)
    profile.disable()
    assert len(report.roles) == roles
    return pstats.Stats(profile)


def calls(stats: pstats.Stats, file: str = "", function: str = "") -> int:
    calls = stats.stats  # type: ignore[attr-defined]
    return sum(
        count for (path, _, name), (_, count, *_) in calls.items() if path.endswith(file) and function in ("", name)
    )
