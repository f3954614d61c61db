"""Tests the files of the project: they agree with each other, and do not name this machine."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from taskrole.config import load_config
from taskrole.extras import _EXTRAS
from taskrole.yaml_reader import read_yaml

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = Path(__file__).parent.parent


def toml(name: str) -> dict[str, Any]:
    return tomllib.loads((ROOT / name).read_text("utf-8"))


def lock(name: str) -> Any:
    return json.loads((ROOT / name).read_text("utf-8"))


def tracked(name: str | None = None) -> list[Path]:
    """Return the files of the repository, also new files."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    paths = [ROOT / path for path in listed.stdout.split("\0") if path]
    return [path for path in paths if path.is_file() and name in (None, path.name)]


def test_the_package_and_its_extras_require_the_packages_of_the_pipfile() -> None:
    # botocore is in the Pipfile only for the exact version that a development package requires.
    pipfile = {
        f"{name}{version if version != '*' else ''}"
        for name, version in toml("Pipfile")["packages"].items()
        if name != "botocore"
    }

    project = toml("pyproject.toml")["project"]
    extras = project["optional-dependencies"]
    assert {*project["dependencies"], *extras["live"], *extras["cdktf"], *extras["observe"]} == pipfile


def test_the_embedded_aws_requires_development_packages_of_the_pipfile() -> None:
    extras = toml("pyproject.toml")["project"]["optional-dependencies"]
    names = {re.split(r"[\[><=~]", requirement)[0] for requirement in extras["local"]}

    assert names - {"boto3"} <= toml("Pipfile")["dev-packages"].keys()


def test_a_missing_module_is_in_the_named_extra() -> None:
    extras = toml("pyproject.toml")["project"]["optional-dependencies"]
    for module, (extra, _) in _EXTRAS.items():
        distributions = {name.lower() for name in metadata.packages_distributions()[module]}
        required = {re.split(r"[\[><=~]", requirement)[0] for requirement in extras[extra]}
        # botocore comes with boto3.
        assert distributions & {*required, *({"botocore"} if "boto3" in required else ())}, module


def test_the_extra_all_has_all_extras() -> None:
    extras = toml("pyproject.toml")["project"]["optional-dependencies"]

    assert extras["all"] == [f"taskrole[{','.join(name for name in extras if name != 'all')}]"]


def test_the_home_page_in_reports_is_that_of_the_package() -> None:
    from taskrole.output.options import HOMEPAGE

    assert toml("pyproject.toml")["project"]["urls"]["Homepage"] == HOMEPAGE


def test_the_lock_belongs_to_the_pipfile() -> None:
    # The hash of pipenv includes settings of pip: a lock must not depend on the machine.
    settings = {"PIP_CONFIG_FILE": os.devnull, "PIPENV_IGNORE_VIRTUALENVS": "1", "PIPENV_VENV_IN_PROJECT": "1"}
    pipenv = ROOT / ".tools" / "pipenv" / "bin" / "pipenv"

    done = subprocess.run(
        [str(pipenv), "verify"], cwd=ROOT, env={**os.environ, **settings}, capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stdout + done.stderr


def test_every_locked_package_has_a_single_version_and_checksums() -> None:
    packages = {**lock("Pipfile.lock")["default"], **lock("Pipfile.lock")["develop"]}

    loose = [
        name
        for name, package in packages.items()
        if not package.get("version", "").startswith("==") or not package["hashes"]
    ]

    assert len(packages) > 50
    assert loose == []


def test_installed_packages_have_their_locked_versions() -> None:
    installed = json.loads(
        subprocess.run(
            [sys.executable, "-m", "pip", "list", "--format", "json", "--disable-pip-version-check"],
            check=True,
            capture_output=True,
            text=True,
        ).stdout
    )
    versions = {re.sub(r"[-_.]+", "-", package["name"]).lower(): f"=={package['version']}" for package in installed}
    locked = {**lock("Pipfile.lock")["default"], **lock("Pipfile.lock")["develop"]}

    different = {
        name: (versions[name], package["version"])
        for name, package in locked.items()
        if name in versions and versions[name] != package["version"]
    }

    assert different == {}


def test_the_locks_contain_no_download_addresses() -> None:
    assert "://" not in (ROOT / "Pipfile.lock").read_text("utf-8")
    assert [path for path, package in lock("package-lock.json")["packages"].items() if "resolved" in package] == []


@pytest.mark.parametrize("file", tracked("cdktf.json"), ids=lambda file: str(file.relative_to(ROOT)))
def test_a_cdktf_project_has_an_id_and_sends_no_reports(file: Path) -> None:
    project = json.loads(file.read_text("utf-8"))

    # Without an id, the CDKTF command line would write one into the file.
    assert re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", project["projectId"])
    assert project["sendCrashReports"] == "false"


def test_no_file_names_this_machine_or_its_package_index() -> None:
    needles = {str(ROOT), sys.base_prefix, *_package_hosts()} - {"/usr", "/usr/local"}

    named = {
        str(path.relative_to(ROOT)): needle
        for path in tracked()
        for needle in needles
        if needle.encode() in path.read_bytes()
    }

    assert named == {}


def _package_hosts() -> set[str]:
    """Return the configured hosts of pip and npm on this machine."""
    commands = ([sys.executable, "-m", "pip", "config", "list"], ["npm", "config", "list", "--location=project"])
    outputs = [subprocess.run(command, check=False, capture_output=True, text=True).stdout for command in commands]
    settings = [value for name, value in os.environ.items() if name.lower().startswith(("pip_", "npm_config_", "uv_"))]
    hosts = re.findall(r"https?://(?:[^/@\s'\"]*@)?([\w.-]+)", "\n".join([*outputs, *settings]))
    return set(hosts) - {"localhost", "127.0.0.1"}


@cache
def schema_of_roles() -> Draft202012Validator:
    return Draft202012Validator(json.loads((ROOT / "roles.schema.json").read_text("utf-8")))


@pytest.mark.parametrize("file", tracked("roles.yaml"), ids=lambda file: str(file.relative_to(ROOT)))
def test_a_roles_yaml_names_its_schema_and_is_valid(file: Path) -> None:
    content = file.read_bytes()
    named = re.match(r"# yaml-language-server: \$schema=(\S+)\n", content.decode())
    assert named is not None

    schema = (file.parent / named[1]).resolve()

    assert schema == ROOT / "roles.schema.json"
    schema_of_roles().validate(read_yaml(content, file.name).data)
    assert load_config(file).stacks
