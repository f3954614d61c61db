"""Tests docs/review-rules.md."""

from __future__ import annotations

import re

from taskrole.review.rules import RULES
from tools.write_review_rules import page


def test_every_rule_has_an_anchor_and_a_fix() -> None:
    for id_, rule in RULES.items():
        assert re.fullmatch(r"TR-[A-Z-]+", id_)
        assert f"### {id_}\n" in page()
        assert rule.doc.startswith("https://")
        assert rule.title[0].isupper()
        assert not rule.title.endswith(".")
        assert not rule.fix.endswith(".")
