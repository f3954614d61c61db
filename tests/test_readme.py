"""Tests README.md: its picture, figures, length and links."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from tools.draw_readme_picture import EXAMPLE, TARGET, derived

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text("utf-8")
A_SCREEN = 65


@pytest.fixture(scope="module")
def roles() -> dict[str, Any]:
    return derived()["roles"]


def test_the_readme_shows_the_picture() -> None:
    assert f"]({TARGET.relative_to(ROOT)})" in README


def test_the_picture_has_every_action_and_resource(roles: dict[str, Any]) -> None:
    picture = TARGET.read_text("utf-8")
    grants = [grant for role in roles.values() for grant in role["grants"]]

    assert len(grants) == 9
    assert [text for grant in grants for text in (*grant["actions"], *grant["resources"]) if text not in picture] == []


def test_the_figures_of_the_comparison_are_those_of_the_roles(roles: dict[str, Any]) -> None:
    granted = {
        (action, resource)
        for role in roles.values()
        for grant in role["grants"]
        for action in grant["actions"]
        for resource in grant["resources"]
    }
    row = next(line for line in README.splitlines() if line.startswith("| taskrole | "))

    actions, on_all = {action for action, _ in granted}, {action for action, resource in granted if resource == "*"}
    assert row.split("|")[3:5] == [f" {len(actions)} ", f" {len(on_all)} "]
    assert EXAMPLE in README


def test_the_readme_is_at_most_three_screens_long() -> None:
    assert len(README.splitlines()) <= 3 * A_SCREEN


def test_every_link_has_a_target() -> None:
    targets = re.findall(r"\]\(([^)#]+)\)", re.sub(r"\n", " ", README))

    assert [target for target in targets if "://" not in target and not (ROOT / target).exists()] == []
