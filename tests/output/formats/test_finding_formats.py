"""Tests the formats of findings: valid for their readers, whatever the findings contain."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any
from xml.etree import ElementTree as ET

from hypothesis import given, note, settings
from hypothesis import strategies as st
from jsonschema import Draft4Validator

from taskrole.finding import SEVERITIES, Finding, Waiver
from taskrole.output.formats.registry import FINDING_FORMATS, finding_renderer
from taskrole.output.formats.report import FindingReport, Suite
from taskrole.output.options import RenderOptions
from tests.amount import amount
from tests.output.test_escapes import ACTIVE, COMMAND
from tests.review.render.nasty import texts
from tests.review.render.test_hostile_reports import assert_only_ours
from tests.review.render.test_sarif import SCHEMA

OPTIONS = RenderOptions(verb="check")
MISSING = Finding("S3-1", "error", "/volumes/0", "is not allowed", file="tasks/web.json", fix="allow it", key=("a",))
NOTE = Finding("EXCESS", "note", "role web", "allows too much", actions=("s3:*",))
findings = st.builds(
    Finding,
    code=texts,
    severity=st.sampled_from(SEVERITIES),
    source=texts,
    message=texts,
    file=texts,
    line=st.integers(-1, 9),
    fix=texts,
    waived=st.none() | st.builds(Waiver, texts, texts, texts),
)
suites = st.builds(
    Suite, texts, st.lists(texts, max_size=2).map(tuple), st.lists(findings, max_size=4, unique=True).map(tuple)
)
reports = st.builds(
    FindingReport,
    st.just("check"),
    st.lists(texts, max_size=2).map(tuple),
    st.lists(suites, max_size=3).map(tuple),
)
few = settings(max_examples=amount(60))


def report(*findings: Finding, passed: tuple[str, ...] = ()) -> FindingReport:
    return FindingReport("check", ("All of it.",), (Suite("web", passed, findings),))


def render(format_: str, *findings: Finding, options: RenderOptions = OPTIONS) -> Any:
    text = finding_renderer(format_)(report(*findings), options)
    return json.loads(text) if text.startswith(("{", "[")) else text


@given(reports)
@few
def test_no_line_of_a_report_begins_a_ci_command(tested: FindingReport) -> None:
    for format_ in FINDING_FORMATS:
        note(format_)
        lines = finding_renderer(format_)(tested, OPTIONS).split("\n")

        assert not any(COMMAND.search(line) for line in lines)
        assert all(line.isprintable() for line in lines)


@given(reports)
@few
def test_sarif_is_valid_and_code_quality_has_each_finding_once(tested: FindingReport) -> None:
    sarif = json.loads(finding_renderer("sarif")(tested, OPTIONS))
    issues = json.loads(finding_renderer("gitlab-codequality")(tested, OPTIONS))

    Draft4Validator(SCHEMA).validate(sarif)
    assert len(sarif["runs"][0]["results"]) == len(issues) == len(tested.findings)


@given(reports)
@few
def test_junit_counts_its_cases(tested: FindingReport) -> None:
    root = ET.fromstring(finding_renderer("junit")(tested, OPTIONS))  # noqa: S314 -- our own output

    cases = list(root.iter("testcase"))
    assert int(root.get("tests", "")) == len(cases)
    assert int(root.get("failures", "")) == len(list(root.iter("failure")))
    assert len(cases) == sum(len(suite.passed) + len(suite.findings) for suite in tested.suites)


@given(reports)
@few
def test_markdown_contains_only_markup_of_the_renderer(tested: FindingReport) -> None:
    assert_only_ours(finding_renderer("markdown")(tested, OPTIONS))


def test_an_error_fails_its_case_and_a_note_does_not() -> None:
    root = ET.fromstring(finding_renderer("junit")(report(MISSING, NOTE, passed=("trust",)), OPTIONS))  # noqa: S314

    outcomes = [(case.get("name"), [child.tag for child in case]) for case in root.iter("testcase")]
    assert outcomes == [("trust", []), ("S3-1: /volumes/0", ["failure"]), ("EXCESS: role web", ["system-out"])]


def test_a_finding_points_at_its_file_or_else_at_the_default() -> None:
    results = render("sarif", MISSING, NOTE)["runs"][0]["results"]

    places = [result["locations"][0]["physicalLocation"] for result in results]
    assert places == [
        {"artifactLocation": {"uri": "tasks/web.json"}, "region": {"startLine": 1}},
        {"artifactLocation": {"uri": "roles.yaml"}, "region": {"startLine": 1}},
    ]


def test_the_same_finding_on_two_files_has_two_fingerprints() -> None:
    issues = render("gitlab-codequality", MISSING, replace(MISSING, file="tasks/worker.json"))

    assert len({issue["fingerprint"] for issue in issues}) == 2


def test_a_fingerprint_does_not_depend_on_line_or_severity() -> None:
    (before,) = render("gitlab-codequality", MISSING)
    (after,) = render("gitlab-codequality", replace(MISSING, line=7, severity="warning", message="may not be allowed"))

    assert before["fingerprint"] == after["fingerprint"]


def test_runs_of_two_verbs_do_not_replace_each_other() -> None:
    categories = {
        render("sarif", NOTE, options=RenderOptions(verb=verb, stack=stack))["runs"][0]["automationDetails"]["id"]
        for verb in ("check", "audit", "")
        for stack in ("", "production")
    }

    assert len(categories) == 6


def test_markdown_lists_the_most_severe_first_with_location_and_fix() -> None:
    assert render("markdown", NOTE, MISSING) == (
        "## taskrole check\n\nAll of it.\n\n**1 error, 1 note**\n\n"
        "- 🔴 error `S3-1` `/volumes/0` at `tasks/web.json`\n  <br>is not allowed\n  <br>**Fix:** allow it\n"
        "- 🔵 note `EXCESS` `role web`\n  <br>allows too much\n"
    )


def test_a_comment_stays_within_its_limit_and_counts_what_is_left_out() -> None:
    many = [replace(MISSING, source=f"/volumes/{number}", message="too long " * 20) for number in range(1_000)]

    text = render("markdown", *many)

    assert len(text) < 65_536
    count = len(re.findall("^- 🔴", text, re.MULTILINE))
    assert f"… and {1_000 - count:,} more" in text
    assert "**1,000 errors**" in text


def test_no_word_of_a_message_becomes_a_mention_or_a_link() -> None:
    text = render("markdown", replace(NOTE, message="ask @ops, see www.example.com and #12"))

    outside_of_code = re.sub(r"`[^`]*`", "", text.split("\n")[-2])
    assert not ACTIVE.search(outside_of_code.replace("<br>", ""))
