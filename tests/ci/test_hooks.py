"""Tests the pre-commit hooks: run by their entries, and by pre-commit."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.ci.repository import ROLES, ROOT, Repository, git
from tests.cli.running import taskrole

HOOKS: list[dict[str, Any]] = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))
EXAMPLE = yaml.safe_load((ROOT / "docs/ci/pre-commit.yaml").read_text("utf-8"))
CHECK = next(hook for hook in HOOKS if hook["id"] == "taskrole-check")


def test_a_hook_is_a_command_of_taskrole_installed_from_the_checkout() -> None:
    assert [hook["id"] for hook in HOOKS] == ["taskrole-validate", "taskrole-lock", "taskrole-check"]
    for hook in HOOKS:
        program, *arguments = shlex.split(hook["entry"])
        assert (program, hook["language"]) == ("taskrole", "python")
        assert taskrole(*arguments, "--help").code == 0


def test_the_example_names_all_hooks() -> None:
    assert [hook["id"] for repo in EXAMPLE["repos"] for hook in repo["hooks"]] == [hook["id"] for hook in HOOKS]


def test_the_example_checks_the_roles_of_a_stack(tmp_path: Path) -> None:
    (tmp_path / "roles.yaml").write_text(ROLES, encoding="utf-8")
    worker = ROOT / "examples/service/task-definitions/worker.json"
    arguments = next(hook["args"] for hook in EXAMPLE["repos"][0]["hooks"] if "args" in hook)

    done = taskrole(*shlex.split(CHECK["entry"])[1:], *arguments, str(worker), cwd=tmp_path)

    assert done.code == 3
    assert "1 of 1 task definition would fail to start" in done.out


@pytest.mark.parametrize(
    ("path", "is_checked"),
    [
        ("task-definition.json", True),
        ("deploy/taskdef.yaml", True),
        ("taskdefs/web.yml", True),
        ("task-definitions/shop/web.json", True),
        ("ecs/task_def.prod.json", True),
        ("package.json", False),
        ("multitaskdef.json", False),
        ("task-definition.md", False),
    ],
)
def test_the_hook_selects_files_of_task_definitions(path: str, is_checked: bool) -> None:
    assert bool(re.search(CHECK["files"], path)) == is_checked


@pytest.mark.extra
@pytest.mark.slow
@pytest.mark.skipif(shutil.which("git") is None, reason="NO GIT")
def test_pre_commit_installs_and_runs_the_hooks(tmp_path: Path) -> None:
    repository = Repository(tmp_path, {"roles.yaml": ROLES.replace("kind: execution", "kind: other")})
    source = tmp_path / "source"
    git(tmp_path, "clone", "--quiet", "--no-hardlinks", str(ROOT), str(source))
    shutil.copy(ROOT / ".pre-commit-hooks.yaml", source)
    git(source, "add", "--all")
    git(source, "commit", "--quiet", "--allow-empty", "--message=hooks")

    done = subprocess.run(
        [sys.executable, "-m", "pre_commit", "try-repo", str(source), "taskrole-validate", "--all-files"],
        cwd=repository.folder,
        env={**repository.variables, "PRE_COMMIT_HOME": str(tmp_path / "cache")},
        capture_output=True,
        text=True,
        check=False,
        timeout=1500,
    )

    assert done.returncode == 1, done.stdout + done.stderr
    assert "roles.yaml:8:" in done.stdout
