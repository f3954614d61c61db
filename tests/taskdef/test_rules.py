"""Tests the table of rules, and its page."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from taskrole.taskdef import RULES
from taskrole.taskdef.rules import CHAPTERS

ROOT = Path(__file__).parents[2]

# The numbered ids of the sources of the rules; a missing rule would be a field without effect.
NUMBERED = {
    **{f"IMG-{number}": None for number in range(1, 13)},
    **{f"RC-{number}": None for number in range(1, 5)},
    **{f"SM-{number}": None for number in range(1, 6)},
    **{f"SSM-{number}": None for number in range(1, 7)},
    **{f"KMS-{number}": None for number in range(1, 4)},
    **{f"LOG-{number}": None for number in range(1, 4)},
    **{f"FL-{number}": None for number in range(1, 11)},
    **{f"S3-{number}": None for number in range(1, 5)},
    **{f"GM-{number}": None for number in range(1, 6)},
    **{f"EFS-{number}": None for number in range(1, 4)},
    **{f"S3F-{number}": None for number in range(1, 3)},
    **{f"FSX-{number}": None for number in range(1, 5)},
    **{f"EXE-{number}": None for number in range(1, 6)},
    **{f"GD-{number}": None for number in range(1, 3)},
    **{f"SC-{number}": None for number in range(1, 3)},
    **dict.fromkeys(["EBS-1", "DOCK-1", "LAT-1", "EXP-1", "MI-1", "DMN-1", "EPH-1", "ANY-1", "BR-1", "GW-1"]),
}


def test_the_table_has_every_numbered_rule() -> None:
    assert set(NUMBERED) - set(RULES) == set()


def test_every_id_is_in_the_table_once() -> None:
    ids = [rule.id for _, rules in CHAPTERS for rule in rules]

    assert sorted(ids) == sorted(set(ids))


@pytest.mark.parametrize("rule", RULES.values(), ids=lambda rule: rule.id)
def test_a_rule_has_every_field_of_its_documentation(rule) -> None:
    assert re.fullmatch(r"[A-Z0-9]+(-[A-Z0-9]+)*", rule.id)
    assert rule.title
    assert not rule.title.endswith(".")
    assert rule.doc.startswith("https://")
    assert bool(rule.actions) == bool(rule.roles)
    assert all(re.fullmatch(r"[a-z0-9-]+:[A-Za-z]+", action) for action in rule.actions)
    assert rule.verified or rule.note, "what is not verified says what is not known"
