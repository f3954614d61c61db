"""Tests `taskrole init` from the wheel, outside the repository."""

from __future__ import annotations

import ctypes
import json
import os
import shutil
import subprocess
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from taskrole.init.search import MOST_FILES
from tests.forked import run_taskrole
from tests.init.folders import files
from tests.packaged import ROOT, clean_environment, core_environment

TASK = ROOT / "examples/service/task-definitions/worker.json"
STANDARD = {"roles.yaml", "roles.schema.json", "grants.lock.json"}
CHECK = ".github/workflows/check-roles.yml"
OPTIONS: dict[str, tuple[tuple[str, ...], set[str]]] = {
    "Terraform": (("--terraform",), {"terraform/ecs/main.tf"}),
    "GitHub and Terraform": (("--ci", "github", "--terraform"), {CHECK, ".github/workflows/roles.yml"}),
    "GitLab": (("--ci", "gitlab"), {".gitlab-ci.yml"}),
    "CDKTF": (("--cdktf",), {"main.py", "cdktf.json", "stacks/role_stack.py", "Pipfile", "tests/test_synth.py"}),
}
# From linux/prctl.h and linux/capability.h: with these two rights, the superuser ignores modes.
_PR_CAPBSET_DROP = 24
_CAP_DAC_OVERRIDE, _CAP_DAC_READ_SEARCH = 1, 2

Done = subprocess.CompletedProcess[str]
Run = Callable[..., Done]


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Python of an environment with the wheel without extras."""
    return core_environment(tmp_path_factory)


@pytest.fixture
def taskrole(installed: Path, tmp_path: Path) -> Run:
    """Run the installed program in a folder."""
    return partial(run, installed, tmp_path)


@pytest.fixture
def without_rights(installed: Path, tmp_path: Path) -> Run:
    """Run the installed program in a folder with only the rights of modes, even if the tests run as root."""
    return partial(run_without_rights, installed, tmp_path)


def run(installed: Path, folder: Path, *arguments: str) -> Done:
    return run_taskrole(arguments, folder, clean_environment(HOME=str(folder), COLUMNS="200"), python=installed)


def run_without_rights(installed: Path, folder: Path, *arguments: str) -> Done:
    return subprocess.run(
        [str(installed.with_name("taskrole")), *arguments],
        cwd=folder,
        env=clean_environment(HOME=str(folder), COLUMNS="200"),
        preexec_fn=obey_modes,
        check=False,
        capture_output=True,
        text=True,
    )


def obey_modes() -> None:
    """Limit the program of this process to the rights of the modes of files."""
    for right in (_CAP_DAC_OVERRIDE, _CAP_DAC_READ_SEARCH) if os.geteuid() == 0 else ():
        if ctypes.CDLL(None).prctl(_PR_CAPBSET_DROP, right, 0, 0, 0) != 0:
            raise OSError("the superuser could not give up a right")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    shutil.copy(TASK, tmp_path / "web.json")
    return tmp_path


@pytest.fixture(scope="module")
def begun(installed: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project of `taskrole init` without options."""
    folder = tmp_path_factory.mktemp("begun")
    shutil.copy(TASK, folder / "web.json")
    done = run(installed, folder, "init")
    assert (done.returncode, done.stderr) == (0, "")
    return folder


@pytest.mark.parametrize(
    "command", [["validate"], ["lock", "--check"], ["schema", "--check", "roles.schema.json"], ["show"]], ids=str
)
def test_written_files_are_valid_locked_and_current(begun: Path, installed: Path, command: list[str]) -> None:
    assert files(begun) >= {"web.json", *STANDARD}
    assert run(installed, begun, *command).returncode == 0


@pytest.mark.parametrize(("options", "expected"), OPTIONS.values(), ids=OPTIONS)
def test_options_add_files_to_the_same_roles(
    project: Path, begun: Path, taskrole: Run, options: tuple[str, ...], expected: set[str]
) -> None:
    done = taskrole("init", *options)

    assert (done.returncode, done.stderr) == (0, "")
    assert files(project) >= {"web.json", *STANDARD, *expected}
    for name in STANDARD:
        assert (project / name).read_bytes() == (begun / name).read_bytes()


@pytest.mark.extra
@pytest.mark.parametrize("options", [(), *(options for options, _ in OPTIONS.values())], ids=["plain", *OPTIONS])
def test_a_dry_run_writes_nothing_and_prints_the_same(project: Path, taskrole: Run, options: tuple[str, ...]) -> None:
    would = taskrole("init", "--dry-run", *options)
    assert (would.returncode, would.stderr, files(project)) == (0, "", {"web.json"})

    assert taskrole("init", *options).stdout == would.stdout.replace("would write", "wrote")


@pytest.mark.parametrize("options", [("--ci", "github", "--terraform"), ("--cdktf",)], ids=["GitHub", "CDKTF"])
def test_the_written_files_are_those_of_the_repository(project: Path, taskrole: Run, options: tuple[str, ...]) -> None:
    taskrole("init", *options)

    same = {CHECK: "docs/ci/github-check.yml", "main.py": "main.py", "stacks/role_stack.py": "stacks/role_stack.py"}
    pairs = [(project / name, ROOT / own) for name, own in same.items() if (project / name).exists()]
    assert pairs
    for written, own in pairs:
        assert written.read_bytes() == own.read_bytes()


@pytest.mark.parametrize(
    "options",
    [
        pytest.param((), id="plain"),
        pytest.param(("--terraform", "--cdktf", "--ci", "gitlab"), id="everything", marks=pytest.mark.extra),
    ],
)
def test_an_unwritable_folder_is_an_error_in_one_line(
    project: Path, without_rights: Run, options: tuple[str, ...]
) -> None:
    project.chmod(0o555)
    try:
        done, dry = without_rights("init", *options), without_rights("init", "--dry-run", *options)
    finally:
        project.chmod(0o755)

    assert (done.returncode, done.stdout, done.stderr) == (1, "", "roles.yaml: cannot be written: Permission denied\n")
    assert (dry.returncode, dry.stderr) == (0, "")
    assert files(project) == {"web.json"}


def test_an_unwritable_inner_folder_leaves_no_partial_files(project: Path, without_rights: Run) -> None:
    (project / "terraform").mkdir(mode=0o555)
    try:
        done = without_rights("init", "--terraform")
    finally:
        (project / "terraform").chmod(0o755)

    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1)
    assert done.stderr.startswith("terraform/ecs")
    assert files(project) == {"web.json"}


def test_an_unreadable_folder_is_an_error_in_one_line(project: Path, without_rights: Run) -> None:
    (project / "secret").mkdir(mode=0o000)
    try:
        done = without_rights("init")
    finally:
        (project / "secret").chmod(0o755)

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        "secret: cannot be looked through: Permission denied; make it readable, or exclude it in .gitignore\n"
    )
    assert files(project) == {"web.json"}


def test_an_empty_folder_is_an_error_in_one_line(tmp_path: Path, taskrole: Run) -> None:
    done = taskrole("init")

    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1)
    assert done.stderr.startswith(".: no task definition in 0 JSON or YAML files; give the files")
    assert files(tmp_path) == set()


@pytest.mark.extra
def test_a_folder_with_ten_thousand_files_is_searched(project: Path, taskrole: Run) -> None:
    for number in range(MOST_FILES - 1):
        (project / f"{number}.json").write_text('{"image": "x"}')

    done = taskrole("init")

    assert done.stdout.startswith("1 task definition in 1 file, of 10000 files searched")
    assert json.loads((project / "grants.lock.json").read_text())["schema_version"] == 1
