"""What a review costs, counted in calls of functions, which no other work on the machine makes more."""

from __future__ import annotations

import cProfile
import json
import pstats

from bench.review import plan_of
from taskrole.output.options import DEFAULTS
from taskrole.policy.catalogue.access_levels import access_level
from taskrole.review.render import RENDERERS
from taskrole.review.review import ReviewOptions, review
from taskrole.review.rules import policies

# As many as it takes, and a quarter more. It was 8,400 while documents were read anew by every part of a review.
MOST_CALLS_A_ROLE = 4_200
# Its policy before and after the plan, once each, and once more after it for the rules.
MOST_READINGS_A_ROLE = 3.2


def test_a_role_costs_the_same_in_a_plan_of_more_roles() -> None:
    counted(10)  # what is loaded once
    few, many = counted(10), counted(25)
    assert calls(many) - calls(few) <= 15 * MOST_CALLS_A_ROLE


def test_the_documents_of_a_role_are_read_once_while_it_is_judged() -> None:
    assert calls(counted(10), "permissions.py", "_read") <= 10 * MOST_READINGS_A_ROLE


def test_roles_that_only_read_have_no_way_to_give_themselves_more() -> None:
    """Why no such role is looked at for one."""
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
    found = stats.stats  # type: ignore[attr-defined]
    return sum(
        count for (path, _, name), (_, count, *_) in found.items() if path.endswith(file) and function in ("", name)
    )
