from __future__ import annotations

import re
import sys
from pathlib import Path

from taskrole.review.rules import RULES

TOOLS = Path(__file__).parent.parent.parent / "tools"
sys.path.insert(0, str(TOOLS))

from write_review_rules import TARGET, page  # noqa: E402 -- tools are no package


def test_the_page_is_current() -> None:
    assert TARGET.read_text("utf-8") == page(), "run: python tools/write_review_rules.py"


def test_every_rule_can_be_linked_to_and_says_what_to_do() -> None:
    for id_, rule in RULES.items():
        assert re.fullmatch(r"TR-[A-Z-]+", id_)
        assert f"### {id_}\n" in page()
        assert rule.doc.startswith("https://")
        assert rule.title[0].isupper()
        assert not rule.title.endswith(".")
        assert not rule.fix.endswith(".")
