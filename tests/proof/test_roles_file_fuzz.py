"""Tests wrong roles.yaml: refused, or accepted by lock, export and show. `make prove`: 100,000."""

from __future__ import annotations

import json
import os

import pytest

from taskrole.config import raw_policies
from tests.amount import amount
from tests.proof.roles_file_fuzz import fuzz_roles_files, outcome_of_roles_file
from tests.proof.roles_file_mutations import FILES, mutate_roles_file

ROLES_FILES = amount(300) * int(os.environ.get("TASKROLE_PROVE", "1"))


@pytest.mark.hypothesis
def test_a_file_that_passes_validate_is_accepted_by_lock_export_and_show() -> None:
    tally = fuzz_roles_files(range(ROLES_FILES))

    assert tally.wrong == []
    assert set(tally.ends) == {"refused", "fine"}
    # and enough files pass validate
    assert tally.ends["fine"] > ROLES_FILES // 12


@pytest.mark.parametrize("number", range(len(FILES)))
def test_the_files_before_mutation_are_valid(number: int) -> None:
    assert outcome_of_roles_file(json.dumps(FILES[number]).encode()) == ("fine", [])


def test_a_seed_gives_the_same_wrong_file() -> None:
    assert [mutate_roles_file(seed) for seed in range(30)] == [mutate_roles_file(seed) for seed in range(30)]


def test_a_validate_without_the_schema_of_policies_is_detected(monkeypatch) -> None:
    # given
    monkeypatch.setattr(raw_policies, "statement_problem", lambda _: None)

    # when
    tally = fuzz_roles_files(range(150))

    # then
    assert tally.ends["traceback"]
