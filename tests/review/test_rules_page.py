from __future__ import annotations

import re

from taskrole.review.rules import RULES
from tools.write_review_rules import page


def test_every_rule_can_be_linked_to_and_says_what_to_do() -> None:
    for id_, rule in RULES.items():
        assert re.fullmatch(r"TR-[A-Z-]+", id_)
        assert f"### {id_}\n" in page()
        assert rule.doc.startswith("https://")
        assert rule.title[0].isupper()
        assert not rule.title.endswith(".")
        assert not rule.fix.endswith(".")
