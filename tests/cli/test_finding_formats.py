"""Tests the formats of findings for every verb that has findings."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from taskrole.cli.parts.finding_formats import print_report
from taskrole.output.formats.registry import FINDING_FORMATS
from tests.cli.running import ROOT, taskrole

PLACE = ("--region", "eu-central-1", "--account", "123456789012")
VERBS = {
    "derive": ("derive", "tasks", *PLACE),
    "check": ("check", "tasks", *PLACE, "--role", "AmazonECSTaskExecutionRolePolicy"),
    "validate": ("validate", "--config", "roles.yaml"),
    "lock": ("lock", "--check"),
    "observe": ("observe", "events.jsonl"),
    "explain-denial": ("explain-denial", "denied.txt"),
}

DENIED = (
    "User: arn:aws:sts::123456789012:assumed-role/shop-web/0f9c1a2b is not authorized to perform: sqs:ReceiveMessage"
    " on resource: arn:aws:sqs:eu-central-1:123456789012:shop-jobs"
    " because no identity-based policy allows the sqs:ReceiveMessage action\n"
)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A repository with task definitions, roles.yaml and recorded calls."""
    shutil.copytree(ROOT / "examples/service/task-definitions", tmp_path / "tasks")
    text = (ROOT / "examples/service/roles.yaml").read_text(encoding="utf-8")
    (tmp_path / "roles.yaml").write_text(text.replace("task-definitions/", "tasks/"), encoding="utf-8")
    lock = json.loads((ROOT / "examples/service/grants.lock.json").read_bytes())
    lock["stacks"]["service"]["roles"]["shop-web"]["allow"] = []
    (tmp_path / "grants.lock.json").write_text(json.dumps(lock), encoding="utf-8")
    shutil.copy(ROOT / "examples/observe/events.jsonl", tmp_path)
    (tmp_path / "denied.txt").write_text(DENIED, encoding="utf-8")
    return tmp_path


def results(text: str) -> list[dict[str, Any]]:
    return json.loads(text)["runs"][0]["results"]


def files(text: str) -> set[str]:
    locations = [result["locations"][0]["physicalLocation"] for result in results(text)]
    return {location["artifactLocation"]["uri"] for location in locations}


@pytest.mark.parametrize("format_", FINDING_FORMATS)
@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_has_every_format(verb: str, format_: str, project: Path) -> None:
    done = taskrole(*VERBS[verb], "--format", format_, cwd=project)

    assert done.code == (3 if verb in ("check", "lock") else 0), done.err
    if format_ == "junit":
        assert ET.fromstring(done.out).get("name") == f"taskrole {verb}"  # noqa: S314 -- our own output
    elif format_ == "markdown":
        assert done.out.startswith(f"## taskrole {verb}\n")
    else:
        assert json.loads(done.out)


@pytest.mark.parametrize("verb", VERBS)
def test_a_file_has_the_same_content_as_standard_output(verb: str, project: Path) -> None:
    printed = taskrole(*VERBS[verb], "--format", "sarif", cwd=project).out

    done = taskrole(*VERBS[verb], "--output", "sarif=all.sarif", cwd=project)

    assert (project / "all.sarif").read_text(encoding="utf-8") == printed
    assert done.out != printed


def test_findings_point_at_files_of_the_working_folder(project: Path) -> None:
    assert files(taskrole(*VERBS["derive"], "--format", "sarif", cwd=project).out) == {
        "tasks/web.json",
        "tasks/worker.json",
    }


def test_an_absolute_path_in_the_working_folder_is_relative(project: Path) -> None:
    done = taskrole("derive", str(project / "tasks/web.json"), *PLACE, "--format", "sarif", cwd=project)

    assert files(done.out) == {"tasks/web.json"}


def test_findings_outside_of_the_working_folder_point_at_a_file_in_it(project: Path) -> None:
    text = (project / "tasks/web.json").read_bytes()

    outside = taskrole("derive", "../web.json", *PLACE, "--format", "sarif", cwd=project / "tasks")
    piped = taskrole("derive", "-", *PLACE, "--format", "sarif", cwd=project, stdin=text)

    assert outside.code == 1
    assert files(piped.out) == {"roles.yaml"}


def test_every_missing_permission_is_an_error_with_its_fix(project: Path) -> None:
    summary = json.loads(taskrole(*VERBS["check"], "--format", "json", cwd=project).out)["summary"]

    sarif_results = results(taskrole(*VERBS["check"], "--format", "sarif", cwd=project).out)

    errors = [result["message"]["text"] for result in sarif_results if result["level"] == "error"]
    assert len(errors) == summary["missing"] > 0
    assert all("Fix: allow " in text for text in errors)


def test_a_permission_that_is_not_locked_is_an_error_at_the_lock_file(project: Path) -> None:
    text = taskrole(*VERBS["lock"], cwd=project)

    sarif = taskrole(*VERBS["lock"], "--format", "sarif", cwd=project)

    assert files(sarif.out) == {"grants.lock.json"}
    assert {(result["ruleId"], result["level"]) for result in results(sarif.out)} == {("LOCK-CHANGED", "error")}
    changes = [line.partition(": ")[2] for line in text.out.splitlines()]
    messages = [result["message"]["text"] for result in results(sarif.out)]
    assert changes
    assert all(any(change in message for message in messages) for change in changes)


@pytest.mark.parametrize("option", [("--format", "sarif"), ("--output", "sarif=lock.sarif")])
def test_a_format_without_a_comparison_of_the_lock_is_refused(option: tuple[str, str], project: Path) -> None:
    before = (project / "grants.lock.json").read_bytes()

    done = taskrole("lock", *option, cwd=project)

    assert done.code == 1
    assert f"{option[0]} needs --check.\n" in done.err
    assert (project / "grants.lock.json").read_bytes() == before


def test_an_invalid_roles_yaml_gives_a_report(project: Path) -> None:
    (project / "roles.yaml").write_text("stacks: [1]\n", encoding="utf-8")

    done = taskrole(*VERBS["validate"], "--format", "sarif", cwd=project)

    assert done.code == 1
    assert {result["ruleId"] for result in results(done.out)} == {"CONFIG"}
    assert "must be a mapping" in done.err


def test_a_task_definition_with_errors_gives_a_report_of_derive(project: Path) -> None:
    task = json.loads((project / "tasks/web.json").read_bytes())
    task["containerDefinitions"][0]["secrets"] = [{"name": "A", "valueFrom": "no reference"}]
    (project / "tasks/web.json").write_text(json.dumps(task), encoding="utf-8")

    done = taskrole(*VERBS["derive"], "--format", "junit", cwd=project)

    assert done.code == 1
    assert ET.fromstring(done.out).get("failures") == "1"  # noqa: S314 -- our own output


@pytest.mark.parametrize("value", ["sarif", "sarif=", "pdf=a.pdf", "=a"])
def test_an_output_without_format_or_file_is_refused_before_input_is_read(value: str, project: Path) -> None:
    done = taskrole("check", "absent.json", "--role", "absent.json", "--output", value, cwd=project)

    assert done.code == 1
    assert "--output: must be FORMAT=FILE" in done.err


def test_the_report_on_a_stack_has_its_own_category(project: Path) -> None:
    shutil.copy(ROOT / "roles.yaml", project)

    of_role = taskrole(*VERBS["check"], "--format", "sarif", cwd=project)
    of_stack = taskrole("check", "tasks", *PLACE, "--stack", "workshop", "--format", "sarif", cwd=project)

    ids = [json.loads(done.out)["runs"][0]["automationDetails"]["id"] for done in (of_role, of_stack)]
    assert ids == ["taskrole/check/", "taskrole/check/workshop/"]


@pytest.mark.parametrize("format_", ["markdown", "junit", "comment", "html"])
def test_markup_is_printed_as_its_renderer_escaped_it(format_: str, capsys: pytest.CaptureFixture[str]) -> None:
    print_report("a\u00adb\n::error::c\n", format_)

    assert capsys.readouterr().out == "a\u00adb\n&#58;:error::c\n"


@pytest.mark.parametrize("format_", ["text", "table", "sarif", "terminal"])
def test_other_formats_are_printed_without_invisible_characters(
    format_: str, capsys: pytest.CaptureFixture[str]
) -> None:
    print_report("a\u00adb\n::error::c\n", format_)

    assert capsys.readouterr().out == "a\\xadb\n:\\x3aerror::c\n"
