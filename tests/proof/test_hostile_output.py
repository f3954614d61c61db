"""Tests that no output contains commands for a CI system or a terminal. `make prove`: 20,000 inputs."""

from __future__ import annotations

import os

import pytest

from taskrole.output import console
from tests.amount import amount
from tests.proof.hostile_output import obeyed, violations

INPUTS = amount(300) * int(os.environ.get("TASKROLE_PROVE", "1"))


@pytest.mark.hypothesis
def test_no_output_contains_a_command_of_a_ci_system() -> None:
    assert violations(range(INPUTS)) == []


def test_a_missing_escape_is_detected(monkeypatch) -> None:
    # given
    monkeypatch.setattr(console, "gated", lambda text, **_: text)

    # when
    wrong = any(violations([seed]) for seed in range(80))

    # then
    assert wrong


@pytest.mark.parametrize(
    "text",
    ["a\n::error::x", "  ##[group]", "\x1b[31m##vso[x]", "x ##teamcity[x", "section_start:1:x", "a\rb", "\u2028"],
)
def test_commands_and_control_characters_are_detected(text: str) -> None:
    assert list(obeyed(text))
