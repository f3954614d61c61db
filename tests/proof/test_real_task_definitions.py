"""Tests published task definitions: each gives policies, or findings that name the field.

They are not part of the project: TASKROLE_TASKDEFS names their folder, by default beside the repository.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from taskrole.arns import Context
from taskrole.errors import InputError
from taskrole.output.lines import finding_line
from taskrole.taskdef import Derivation, Options, derive, read_documents, resolve_context
from tests.proof.agent import needs_of
from tests.proof.derived import ROLES, policies_of
from tests.proof.fuzz import names_field, wrong_grants
from tests.proof.properties import differences
from tests.proof.wildcards import unasked_wildcards

FOLDER = Path(os.environ.get("TASKROLE_TASKDEFS") or Path(__file__).parents[3] / "shared/taskdefs")
FILES = sorted(FOLDER.glob("*.json"))
CONTEXT = Context("aws", "us-east-1", "111122223333")

pytestmark = pytest.mark.skipif(
    not FILES, reason=f"no published task definitions in {FOLDER}; name a folder of them in TASKROLE_TASKDEFS"
)


@dataclass(frozen=True)
class Taken:
    """A derived file, and its raw data."""

    data: dict[str, Any]
    derivation: Derivation

    @property
    def errors(self) -> list[str]:
        return [finding_line(finding) for finding in self.derivation.findings if finding.severity == "error"]


def take(file: Path) -> Taken:
    derivation = derive(read_documents([str(file)]), CONTEXT, Options())
    data = json.loads(file.read_text("utf-8"))
    return Taken(data.get("taskDefinition", data), derivation)


@pytest.mark.parametrize("file", FILES, ids=lambda path: path.stem)
def test_a_published_task_definition_gives_policies_or_errors_that_name_a_field(file: Path) -> None:
    derived = take(file)

    for finding in derived.derivation.findings:
        assert names_field(finding, derived.data)
    assert list(wrong_grants(derived.derivation, CONTEXT)) == []
    policies = policies_of(derived.derivation.grants)
    assert list(unasked_wildcards(policy for role in ROLES for policy in policies[role])) == []


@pytest.mark.parametrize("file", FILES, ids=lambda path: path.stem)
def test_a_published_task_definition_is_granted_exactly_its_calls(file: Path) -> None:
    derived = take(file)

    # A derivation with an error is incomplete: the rest is unreadable.
    if not derived.errors:
        assert list(differences(needs_of([derived.data], CONTEXT, Options()), derived.derivation.grants)) == []


def test_some_published_task_definitions_give_policies_and_some_give_errors() -> None:
    ends = [bool(take(file).errors) for file in FILES]

    assert 5 < sum(ends) < len(ends) - 5


@pytest.mark.parametrize("file", FILES, ids=lambda path: path.stem)
def test_account_and_region_come_from_the_file_or_are_named_as_missing(file: Path) -> None:
    with pytest.raises(InputError, match="region: is not known; set --region"):
        resolve_context(read_documents([str(file)]))
