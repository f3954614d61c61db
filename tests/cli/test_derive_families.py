"""Tests `taskrole derive` of several families: output for each, and for all."""

from __future__ import annotations

import json
from pathlib import Path

from tests.cli.running import ROOT, taskrole

WEB = "examples/service/task-definitions/web.json"
SERVICE = "examples/service/task-definitions"
PLACE = ("--region", "eu-central-1", "--account", "123456789012")


def test_quiet_prints_results_without_notes_and_summary() -> None:
    whole = taskrole("derive", SERVICE, *PLACE)
    quiet = taskrole("derive", SERVICE, *PLACE, "--quiet")
    policy = taskrole("derive", SERVICE, *PLACE, "--quiet", "--format", "policy")

    assert whole.out.startswith("2 families, each with its own roles")
    assert "note:" in whole.out
    assert quiet.out.startswith("family shop-web\n")
    assert "note:" not in quiet.out
    assert [line for line in policy.errors if line.startswith("note")] == []
    assert "required elsewhere" in policy.err


def test_json_of_several_families_has_an_entry_each() -> None:
    data = json.loads(taskrole("derive", SERVICE, *PLACE, "--format", "json").out)

    assert data["schema_version"] == 2
    assert list(data) == ["schema_version", "context", "families"]
    (web, worker) = data["families"]
    assert (web["family"], worker["files"]) == ("shop-web", [f"{SERVICE}/worker.json"])
    assert list(web) == ["family", "files", "roles", "findings", "required_elsewhere"]
    alone = json.loads(taskrole("derive", WEB, *PLACE, "--format", "json").out)
    assert web["roles"] == alone["roles"]


def test_policies_of_several_families_are_an_object_by_family() -> None:
    documents = json.loads(taskrole("derive", SERVICE, *PLACE, "--format", "policy", "--role", "execution").out)

    assert [*documents] == ["shop-web", "shop-worker"]
    assert [[*policies] for policies in documents.values()] == [["execution-grants"], ["execution-grants"]]


def test_a_note_of_all_files_is_a_single_line(tmp_path: Path) -> None:
    whole = json.loads((ROOT / WEB).read_text())
    for number in range(60):
        (tmp_path / f"{number}.json").write_text(json.dumps({**whole, "family": f"web-{number}"}))

    result = taskrole("derive", str(tmp_path), *PLACE, COLUMNS="500")

    notes = [line for line in result.out.splitlines() if line.startswith("note:")]
    assert len(notes) == 4
    assert all("in 60 files" in line for line in notes)
