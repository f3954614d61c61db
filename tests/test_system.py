"""Tests taskrole's core without the features that Windows lacks: the same bytes as here, and no traceback."""

from __future__ import annotations

import ntpath
import os
import subprocess
import sys
from pathlib import Path

import pytest

from taskrole.system import is_open_to_others, is_own, with_slashes
from tests.cli.running import Result, taskrole
from tests.cli.verbs import ARGUMENTS, project
from tests.forked import LIKE_WINDOWS

CORE = (
    "check",
    "derive",
    "explain-denial",
    "export",
    "init",
    "lock",
    "observe",
    "review",
    "schema",
    "show",
    "validate",
)
PLACE = ("--region", "eu-central-1", "--account", "123456789012")
WEB = "task-definitions/web.json"
OBSERVE = ("observe", "examples/observe/events.jsonl", "--config", "examples/observe/roles.yaml")
MORE = {
    "a lock is written": ("lock",),
    "a root module": ("export", "--root", "--to", "module"),
    "init of all": ("init", "examples", "--config", "new.yaml", "--terraform", "--ci", "github"),
    "grants are written": (*OBSERVE, "--stack", "production", "--write"),
    "a schema is written": ("schema", "--write", "new.schema.json"),
    "a device is written to": ("schema", "--write", os.devnull),
    "html": ("review", "plan.json", "--format", "html"),
    "sarif": ("review", "plan.json", "--format", "sarif"),
    "markdown": ("review", "plan.json", "--format", "markdown"),
    "a pattern": ("derive", f"examples/*/{WEB}", *PLACE, "--per", "all"),
    "wrong inputs": ("derive", "examples", "roles.yaml", "missing.json"),
}


def files(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def run(folder: Path, *arguments: str, **variables: str) -> tuple[Result, dict[str, bytes]]:
    """Return the result of a verb in a new project, and all files in it."""
    folder.mkdir()
    project(folder)
    return taskrole(*arguments, cwd=folder, **variables), files(folder)


@pytest.mark.parametrize(
    "arguments",
    [
        *(pytest.param((*verb.split(), *ARGUMENTS[verb]), id=verb) for verb in CORE),
        *(pytest.param(arguments, id=name) for name, arguments in MORE.items()),
    ],
)
def test_a_verb_gives_the_same_result_as_on_windows(arguments: tuple[str, ...], tmp_path: Path) -> None:
    here = run(tmp_path / "here", *arguments)

    elsewhere = run(tmp_path / "elsewhere", *arguments, **LIKE_WINDOWS)

    assert elsewhere == here
    assert here[0].code in (0, 3) or arguments == MORE["wrong inputs"], here[0].err


def test_a_folder_is_replaced_without_an_exchange_call(tmp_path: Path) -> None:
    project(tmp_path)
    export = ("export", "--to", "module")
    assert taskrole(*export, cwd=tmp_path, **LIKE_WINDOWS).code == 0
    (tmp_path / "module/terraform.tfstate").write_text("{}")
    before = files(tmp_path)

    assert taskrole(*export, "--root", cwd=tmp_path, **LIKE_WINDOWS).code == 0

    assert files(tmp_path)["module/terraform.tfstate"] == b"{}"
    assert {"module/providers.tf", "module/modules/workshop/main.tf"} <= files(tmp_path).keys() - before.keys()


def test_functions_that_windows_lacks_are_removed() -> None:
    program = "import sys, os; print(sys.stdout.encoding, hasattr(os, 'geteuid'), hasattr(os, 'O_NOFOLLOW'))"

    done = subprocess.run([sys.executable, "-c", program], env=LIKE_WINDOWS, capture_output=True, text=True, check=True)

    assert done.stdout.split() == ["cp1252", "False", "False"]


def test_the_embedded_aws_names_the_missing_feature(tmp_path: Path) -> None:
    result = taskrole("local", "up", cwd=tmp_path, **LIKE_WINDOWS)

    line = "the embedded AWS needs locks on files, which this system lacks; on Windows, use WSL\n"
    assert (result.code, result.out, result.err) == (1, "", line)


def test_a_requested_encoding_is_kept(tmp_path: Path) -> None:
    (tmp_path / "a\u65e5.json").write_text("{}")

    result = taskrole("derive", str(tmp_path), cwd=tmp_path, PYTHONIOENCODING="latin-1")

    assert "a\\u65e5.json" in result.err


def test_a_path_has_slashes_in_reports_on_every_system(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sep", ntpath.sep)

    assert with_slashes(r"tasks\web.json") == "tasks/web.json"


def test_without_file_owners_every_file_is_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tmp_path.chmod(0o777)
    monkeypatch.delattr(os, "geteuid")

    assert is_own(tmp_path.stat())
    assert not is_open_to_others(tmp_path.stat())
