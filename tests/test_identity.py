"""Tests licence, version, metadata and changelog of the project."""

from __future__ import annotations

import re
import subprocess
import sys
from importlib import metadata
from pathlib import Path
from typing import Any

from hatchling.metadata.core import ProjectMetadata
from hatchling.plugin.manager import PluginManager
from trove_classifiers import classifiers

ROOT = Path(__file__).parent.parent


def project() -> Any:
    """Return the metadata as a build backend reads it, the version included."""
    return ProjectMetadata(str(ROOT), PluginManager()).core


def version() -> str:
    return str(ProjectMetadata(str(ROOT), PluginManager()).version)


def changelog() -> str:
    return (ROOT / "CHANGELOG.md").read_text("utf-8")


def test_the_licence_is_the_text_of_apache_2_0() -> None:
    shipped = [
        Path(str(file.locate()))
        for name in ("constructs", "s3transfer")
        for file in metadata.files(name) or []
        if file.name.startswith("LICENSE")
    ]

    assert len(shipped) == 2
    assert {(ROOT / "LICENSE").read_bytes()} == {file.read_bytes() for file in shipped}
    assert (project().license_expression, project().license_files) == ("Apache-2.0", ["LICENSE"])


def test_a_clone_reports_the_version_of_the_package() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "taskrole", "--version"], cwd=ROOT, check=True, capture_output=True, text=True
    )

    assert done.stdout == f"taskrole, version {version()}\n"


def test_the_version_is_written_once() -> None:
    assert project().dynamic == ["version"]
    assert f'__version__ = "{version()}"\n' in (ROOT / "taskrole/__init__.py").read_text("utf-8")
    assert version() not in (ROOT / "pyproject.toml").read_text("utf-8")


def test_the_changelog_has_sections_for_this_version_and_unreleased_changes() -> None:
    sections = re.findall(r"^## (\S+)(?: - (\d{4}-\d\d-\d\d))?$", changelog(), re.MULTILINE)

    assert sections[0] == ("Unreleased", "")
    assert sections[1][0] == version()
    assert all(date for _, date in sections[1:])


def test_every_page_that_the_changelog_links_exists() -> None:
    links = re.findall(r"\]\((?!https://)([^)#]+)", changelog())

    assert links
    assert [link for link in links if not (ROOT / link).is_file()] == []


def test_the_classifiers_exist_and_name_the_oldest_python() -> None:
    oldest = project().requires_python.removeprefix(">=")

    assert set(project().classifiers) <= set(classifiers)
    assert f"Programming Language :: Python :: {oldest}" in project().classifiers


def test_the_addresses_are_placeholders_of_the_same_host() -> None:
    assert {url.split("/")[2] for url in project().urls.values()} == {"example.com"}
