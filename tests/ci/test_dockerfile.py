"""Tests the Dockerfile: its files exist, its steps run in a bare environment, its images run unprivileged."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.ci.repository import ROOT

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

_TEXT = (ROOT / "Dockerfile").read_text("utf-8").replace("\\\n", " ")
INSTRUCTIONS = [line for line in _TEXT.splitlines() if line and not line.startswith("#")]


def stages() -> dict[str, list[str]]:
    """Return the instructions of each stage, by its name."""
    stages: dict[str, list[str]] = {}
    name = ""
    for line in INSTRUCTIONS:
        if line.startswith("FROM "):
            name = line.split(" AS ")[1]
            stages[name] = [line]
        elif name:
            stages[name].append(line)
    return stages


def copied(stage: str) -> list[tuple[list[str], str]]:
    """Return the files that a stage copies from the repository, and their targets."""
    words = [line.split()[1:] for line in stages()[stage] if line.startswith("COPY ") and "--from=" not in line]
    return [(sources, target) for *sources, target in words]


@pytest.mark.parametrize("stage", ["node", "build"])
def test_every_copied_file_is_in_the_repository(stage: str) -> None:
    assert copied(stage)
    assert [name for sources, _ in copied(stage) for name in sources if not (ROOT / name).exists()] == []


def test_all_sources_of_the_wheel_are_copied() -> None:
    """The build fails without a file that pyproject.toml includes in the wheel."""
    wheel = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["hatch"]["build"]["targets"]["wheel"]
    names = {name for sources, _ in copied("build") for name in sources}

    assert {*wheel["packages"], *wheel["force-include"]} <= names


@pytest.mark.parametrize("target", ["core", "cdktf"])
def test_an_image_runs_as_an_unprivileged_user(target: str) -> None:
    assert stages()[target][-2:] == ["USER 65532:65532", 'ENTRYPOINT ["taskrole"]']


@pytest.mark.parametrize("target", ["core", "cdktf"])
def test_an_image_is_built_from_copied_files_alone(target: str) -> None:
    """Earlier stages install, so no package manager runs as root in the image."""
    assert not any(line.startswith(("RUN ", "ADD ")) for line in stages()[target])
    assert not any("--from=" not in line for line in stages()[target] if line.startswith("COPY "))


def test_every_base_image_has_a_version() -> None:
    images = [line.split()[1] for line in INSTRUCTIONS if line.startswith("FROM ")]

    assert all(image == "build" or re.search(r":\$\{[A-Z]+_VERSION\}", image) for image in images)


@pytest.mark.extra
@pytest.mark.slow
@pytest.mark.skipif(shutil.which("sh") is None, reason="NO SH")
def test_the_steps_install_taskrole_in_a_bare_environment(tmp_path: Path) -> None:
    source, venv = tmp_path / "src", tmp_path / "venv"
    source.mkdir()
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/python").symlink_to(sys.executable)
    for sources, target in copied("build"):
        folder = source / target
        for name in sources:
            if (ROOT / name).is_dir():
                shutil.copytree(ROOT / name, folder, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                folder.mkdir(parents=True, exist_ok=True)
                shutil.copy(ROOT / name, folder)
    environment = {name: value for name, value in os.environ.items() if name.lower().startswith(("pip_", "ssl_"))}
    environment |= {"PATH": f"{tmp_path / 'bin'}:/usr/bin:/bin", "HOME": str(tmp_path), "VENV": str(venv)}

    for line in stages()["build"]:
        if line.startswith("RUN "):
            done = subprocess.run(
                ["sh", "-e", "-c", line.removeprefix("RUN ")],
                cwd=source,
                env=environment,
                capture_output=True,
                text=True,
                check=False,
                timeout=1500,
            )
            assert done.returncode == 0, done.stderr

    result = subprocess.run(
        [str(venv / "bin/taskrole"), "--version"], cwd=tmp_path, env=environment, capture_output=True, text=True,
        check=True,
    )  # fmt: skip
    assert result.stdout.startswith("taskrole")
