"""Tests whole derivations for each case and partition, and that they use every rule."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

import pytest

from taskrole.grant import condition_block
from taskrole.taskdef import RULES, Derivation
from tests.expected_files import EXPECTED, assert_expected

from .case_table import CASES, PARTITIONS, TABLE, derived

ALL = [(name, partition) for name in TABLE for partition in PARTITIONS]


def as_data(derivation: Derivation) -> dict[str, Any]:
    """Return a derivation as JSON data without the texts of rules, which are in docs/rules.md."""
    return {
        "context": asdict(derivation.context),
        "grants": [
            {
                "role": grant.role,
                "rule": grant.rule,
                **({"effect": grant.effect} if grant.effect != "Allow" else {}),
                "actions": list(grant.actions),
                "resources": list(grant.resources),
                **({"conditions": condition_block(grant.conditions)} if grant.conditions else {}),
                "source": grant.source,
                **({"file": grant.file} if grant.file else {}),
                "because": grant.because,
            }
            for grant in derivation.grants
        ],
        "findings": [
            {key: value for key, value in asdict(finding).items() if (value or key == "source") and key != "touched"}
            for finding in derivation.findings
        ],
        "required_elsewhere": [
            {key: value for key, value in asdict(requirement).items() if value}
            for requirement in derivation.required_elsewhere
        ],
    }


@pytest.mark.parametrize(("name", "partition"), ALL)
def test_a_case_derives_to_its_expected_document(name: str, partition: str) -> None:
    text = json.dumps(as_data(derived(name, partition)), indent=2, ensure_ascii=False) + "\n"

    assert_expected(f"derive/{name}.{partition}.json", text)


def test_every_expected_document_has_a_case() -> None:
    assert {file.name for file in EXPECTED.glob("derive/*.json")} == {
        f"{name}.{partition}.json" for name, partition in ALL
    }
    assert {file.stem for file in CASES.glob("*.json")} == {file for case in TABLE.values() for file in case.files}


def _rules_used() -> set[str]:
    used: set[str] = set()
    for file in EXPECTED.glob("derive/*.aws.json"):
        data = json.loads(file.read_text("utf-8"))
        used |= {grant["rule"] for grant in data["grants"]} | {finding["code"] for finding in data["findings"]}
    return used


def test_every_rule_is_used_by_a_case() -> None:
    assert {id_ for id_, rule in RULES.items() if rule.kind != "fact"} - _rules_used() == set()


def test_every_grant_and_finding_has_its_rule_in_the_table() -> None:
    assert _rules_used() - set(RULES) == set()


def test_a_fact_alone_yields_no_grant() -> None:
    assert {id_ for id_, rule in RULES.items() if rule.kind == "fact"} & _rules_used() == set()


@pytest.mark.parametrize("name", TABLE)
def test_a_case_needs_the_same_in_every_partition(name: str) -> None:
    counts = {
        len([grant for grant in derived(name, partition).grants if grant.rule != "GD-1"]) for partition in PARTITIONS
    }

    assert len(counts) == 1


def test_statements_for_other_accounts_name_the_role_of_the_document() -> None:
    principals = {
        str(requirement.statement["Principal"]) for requirement in derived("registries", "aws").required_elsewhere
    }

    assert principals == {str({"AWS": "arn:aws:iam::111122223333:role/atlas-execution"})}
