"""The package as users install it: a wheel, and environments outside the repository with only the wheel."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import subprocess
import sys
import venv
import zipfile
from collections.abc import Iterator
from email import message_from_bytes
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parent.parent
EPOCH = "1790000000"


def build(target: str, folder: Path) -> Path:
    """Return the wheel or sdist that the build backend makes from the repository."""
    command = [sys.executable, "-m", "hatchling", "build", "--target", target, "--directory", str(folder)]
    subprocess.run(command, cwd=ROOT, env={**os.environ, "SOURCE_DATE_EPOCH": EPOCH}, check=True, capture_output=True)
    (built,) = folder.iterdir()
    return built


def environment(wheel: Path, folder: Path, *extras: str) -> Path:
    """Create a virtual environment with a wheel, extras and their requirements; return its Python.

    Requirements are linked from the environment of the tests, which has the locked versions.
    """
    venv.create(folder, with_pip=False)
    python = folder / "bin" / "python"
    # By the pip of this environment: installing pip in the new one takes longest.
    pip = [sys.executable, "-m", "pip", "--python", str(python), "install", "--disable-pip-version-check"]
    install = [*pip, "--quiet", "--no-deps", "--no-index", "--no-compile", str(wheel)]
    subprocess.run(install, check=True, cwd=folder, env=clean_environment())
    site = site_packages(python)
    for name in sorted(required(wheel, extras)):
        _link(metadata.distribution(name), site)
    return python


def core_environment(factory: pytest.TempPathFactory) -> Path:
    """Return the Python of an environment with the wheel without extras, created once for all processes of a run."""
    own = factory.getbasetemp()
    folder = (own.parent if "PYTEST_XDIST_WORKER" in os.environ else own) / "core"
    folder.mkdir(exist_ok=True)
    python = folder / "venv/bin/python"
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "done").exists():
            environment(build("wheel", folder / "dist"), folder / "venv")
            (folder / "done").touch()
    return python


def clean_environment(**variables: str) -> dict[str, str]:
    """Return the variables of this process without those that add the repository, and with additional ones."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "PIP_"))} | variables


def site_packages(python: Path) -> Path:
    code = "import sysconfig; print(sysconfig.get_path('purelib'))"
    done = subprocess.run([str(python), "-c", code], check=True, capture_output=True, text=True)
    return Path(done.stdout.strip())


def required(wheel: Path, extras: tuple[str, ...] = ()) -> set[str]:
    """Return the names of all distributions that a wheel with extras requires."""
    with zipfile.ZipFile(wheel) as archive:
        (name,) = (name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        own = message_from_bytes(archive.read(name)).get_all("Requires-Dist") or []
    requirements: set[tuple[str, str]] = set()
    waiting = list(_wanted(own, extras))
    while waiting:
        requirement = waiting.pop()
        for extra in ("", *requirement.extras):
            if (requirement.name, extra) in requirements:
                continue
            requirements.add((requirement.name, extra))
            if canonicalize_name(requirement.name) == "taskrole":
                waiting += _wanted(own, (extra,))
            else:
                waiting += _wanted(metadata.requires(requirement.name) or [], (extra,))
    return {canonicalize_name(name) for name, _ in requirements} - {"taskrole"}


def _wanted(requirements: list[str], extras: tuple[str, ...]) -> Iterator[Requirement]:
    for text in requirements:
        requirement = Requirement(text)
        marker = requirement.marker
        if marker is None or any(marker.evaluate({"extra": extra}) for extra in extras or ("",)):
            yield requirement


def _link(distribution: metadata.Distribution, site: Path) -> None:
    for file in distribution.files or []:
        if file.parts[0] == "..":  # a script
            continue
        source, target = Path(str(file.locate())), site / file
        if source.is_file():
            target.parent.mkdir(parents=True, exist_ok=True)
            try:
                os.link(source, target)
            except OSError:
                shutil.copy(source, target)


def size_of(wheel: Path, *extras: str) -> int:
    """Return the installed size in bytes of a wheel with extras and all requirements."""
    files = {
        Path(str(file.locate()))
        for name in required(wheel, extras)
        for file in metadata.distribution(name).files or []
        if file.parts[0] != ".."
    }
    own = sum(info.file_size for info in zipfile.ZipFile(wheel).infolist())
    return own + sum(file.stat().st_size for file in files if file.is_file())


def loaded_modules(python: Path, code: str, folder: Path) -> set[str]:
    """Return the top-level modules that a Python has loaded after some code."""
    script = f"{code}\nimport json, sys; print(json.dumps(sorted({{name.partition('.')[0] for name in sys.modules}})))"
    done = subprocess.run(
        [str(python), "-c", script], cwd=folder, env=clean_environment(), check=True, capture_output=True, text=True
    )
    return set(json.loads(done.stdout))


def templates(python: Path) -> Path:
    """Return the folder of the package with the templates of a new project."""
    code = "import taskrole; print(taskrole.__path__[0])"
    done = subprocess.run(
        [str(python), "-c", code],
        cwd=python.parent,
        env=clean_environment(),
        check=True,
        capture_output=True,
        text=True,
    )
    return Path(done.stdout.strip()) / "templates"
