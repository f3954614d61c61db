"""Tests that --explain knows every id of the expected reports and of the code."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from taskrole.errors import InputError
from taskrole.explain import explanation, find_rule
from taskrole.review.render import RENDERERS
from taskrole.rule import Rule
from taskrole.rule_catalogue import all_rules
from taskrole.taskdef import RULES
from tests.cli.running import ROOT, taskrole
from tests.review.cases import reviewed

EXPECTED = ROOT / "tests" / "expected"
# Reports of tests with invented rules.
MADE_UP = EXPECTED / "render"
ID = r"[A-Z][A-Z0-9]*(?:-[A-Z0-9]+)*"
IN_TEXT = re.compile(rf"\[({ID})\]$|(?:error|warning|note) (TR-[A-Z-]+)", re.MULTILINE)
IN_CODE = re.compile(rf'rule="({ID})" if [^\n]* else "({ID})"|(?:(?:[Ff]inding|Rule)\(\s*|rule=)"({ID})"')


def ids_in(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        yield from (id_ for key, id_ in value.items() if key in ("code", "rule", "ruleId") and isinstance(id_, str))
        yield from (id_ for item in value.values() for id_ in ids_in(item))
    elif isinstance(value, list):
        yield from (id_ for item in value for id_ in ids_in(item))


def printed() -> set[str]:
    ids: set[str] = set()
    for file in sorted(EXPECTED.rglob("*")):
        if file.is_file() and MADE_UP not in file.parents:
            text = file.read_text("utf-8")
            ids |= {id_ for match in IN_TEXT.findall(text) for id_ in match if id_}
            if file.suffix == ".json":
                ids |= set(ids_in(json.loads(text)))
    return ids


def written() -> set[str]:
    files = sorted((ROOT / "taskrole").rglob("*.py"))
    return {id_ for file in files for match in IN_CODE.findall(file.read_text("utf-8")) for id_ in match if id_}


def test_every_id_of_an_expected_report_is_explained() -> None:
    ids = printed()

    assert {"SM-1", "TRUST", "GRANT-STAR", "TR-TRUST-ACCOUNT", "AUDIT-BOTH"} <= ids
    assert len(ids) > 100
    for id_ in ids:
        assert len(list(explanation(find_rule(id_)))) > 2


def test_every_id_in_the_code_is_explained() -> None:
    ids = written()

    assert {"GRANTS", "DENY", "GRANT-STAR", "GRANT-ELSEWHERE", "AUDIT-GONE", "ROLE-MISSING"} <= ids
    for id_ in ids:
        find_rule(id_)


@pytest.mark.parametrize("output", ["sarif", "gitlab-codequality"])
def test_an_unresolved_value_is_explained_by_its_name_in_outputs(output) -> None:
    report = reviewed("hcl-first-apply")
    assert report.unresolved

    names = re.findall(r'"(?:ruleId|check_name)": "([^"]*)"', RENDERERS[output](report))

    assert {find_rule(name).id for name in names} >= {"unresolved"}


def test_no_id_has_two_rules() -> None:
    ids = [rule.id.upper() for rule in all_rules()]

    assert sorted(set(ids)) == sorted(ids)


@pytest.mark.parametrize("rule", [rule for rule in all_rules() if rule.id not in RULES], ids=lambda rule: rule.id)
def test_a_rule_that_is_not_about_a_field_has_its_reason_and_a_source(rule: Rule) -> None:
    assert rule.why
    assert rule.title
    assert rule.doc.startswith("https://")


def test_a_review_explains_its_rules_without_a_plan(tmp_path: Path) -> None:
    result = taskrole("review", "--explain", "tr-boundary-removed", cwd=tmp_path)

    assert (result.code, result.err) == (0, "")
    assert result.out == (
        "TR-BOUNDARY-REMOVED: The permissions boundary is removed\n"
        "  what      an error\n"
        "  about     a plan\n"
        "  why       The boundary limits what the role's policies can grant; without it, they grant everything that"
        " they allow.\n"
        "  fix       keep the boundary, or get the approval of the team that requires it\n"
        "  source    https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html\n"
    )


@pytest.mark.parametrize(
    ("rule", "what"),
    [("excess", "a note"), ("observe-open", "a warning"), ("call-denied", "an error"), ("img-11", "warns or notes")],
)
def test_an_explanation_names_the_severity_of_a_rule(rule: str, what: str) -> None:
    assert list(explanation(find_rule(rule)))[1] == f"  what      {what}"


@pytest.mark.parametrize("verb", ["review", "derive"])
def test_each_verb_explains_the_ids_of_the_other(verb) -> None:
    assert taskrole(verb, "--explain", "GRANT-STAR").out == taskrole("derive", "--explain", "grant-star").out
    assert taskrole(verb, "--explain", "IMG-2").out.startswith("IMG-2: ")


def test_an_unknown_id_names_the_nearest() -> None:
    with pytest.raises(InputError, match=r"unknown rule 'tr-drift'; did you mean TR-DRIFT-"):
        find_rule("tr-drift")


def test_a_review_without_a_plan_names_the_missing_argument() -> None:
    result = taskrole("review")

    assert result.code == 1
    assert "Missing argument 'PLAN'" in result.err
