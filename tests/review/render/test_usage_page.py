"""Tests that docs/plan-review.md names every format and only valid settings."""

from __future__ import annotations

import re
from pathlib import Path

from taskrole.review.render import RENDERERS
from taskrole.review.settings_file import parse_settings

DOCS = Path(__file__).parents[3] / "docs"
PAGE = (DOCS / "plan-review.md").read_text("utf-8")


def test_every_format_is_described() -> None:
    table = PAGE[PAGE.index("| format | for |") : PAGE.index("A summary or comment that is too long")]

    assert set(re.findall(r"`([a-z-]+)`(?=[,| ].*\|)", table)) & set(RENDERERS) == set(RENDERERS)


def test_every_linked_file_exists() -> None:
    linked = re.findall(r"\]\(([^)]+)\)", PAGE)

    assert linked
    assert all((DOCS / link).is_file() for link in linked if not link.startswith("#"))
    headings = {"#" + line.lstrip("# ").lower().replace(" ", "-") for line in PAGE.splitlines() if line.startswith("#")}
    assert {link for link in linked if link.startswith("#")} <= headings


def test_the_example_of_settings_is_valid() -> None:
    (example,) = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)

    settings = parse_settings(example.encode(), "example")

    assert (len(settings.waivers), len(settings.approvals), len(settings.assertions)) == (1, 1, 1)
    assert settings.not_understood == ()
