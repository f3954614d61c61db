"""Tests that a backend is one file and its name in the registry."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.project_copies import copy_project, run_copy

# A backend of CDKTF, with an argument that CDKTF does not have.
GCS = '''\
"""State in a bucket of Google Cloud Storage."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from taskrole.config.backends.backend import Backend, BackendSettings


class GcsBackendSettings(BackendSettings):
    """State in a bucket of Google Cloud Storage."""

    type: Literal["gcs"]
    bucket: str
    prefix: str | None = Field(None, description="Default: STACK")
    universe: str | None = Field(None, description="Default: none")


BACKEND = Backend(settings=GcsBackendSettings, defaults={"prefix": "{stack}"}, state=("bucket", "prefix"))
'''
STACKS = "stacks: {a: {region: eu-west-1, roles: {x: {kind: task, trust: off}}}}\n"


@pytest.fixture(scope="module")
def with_gcs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy of the project with another backend: a file, and its name in the registry."""
    root = tmp_path_factory.mktemp("gcs")
    copy_project(
        root, {"taskrole/config/backends/registry.py": {'NAMES = ("local", "s3", "cloud")': 'NAMES += ("gcs",)'}}
    )
    (root / "taskrole/config/backends/gcs.py").write_text(GCS)
    return root


def written(folder: Path, backend: str, stacks: str = STACKS) -> Path:
    (folder / "roles.yaml").write_text(f"version: 1\nbackend: {backend}\n{stacks}")
    return folder


def test_roles_yaml_can_name_a_new_backend(with_gcs: Path, tmp_path: Path) -> None:
    written(tmp_path, "{type: gcs, bucket: states}")

    result = run_copy(with_gcs, tmp_path, "-m", "taskrole", "validate")

    assert (result.returncode, result.stderr) == (0, "")


def test_the_keys_of_a_new_backend_are_checked(with_gcs: Path, tmp_path: Path) -> None:
    written(tmp_path, "{type: gcs, buckets: states}")

    result = run_copy(with_gcs, tmp_path, "-m", "taskrole", "validate")

    assert result.returncode == 1
    assert "must have the key bucket" in result.stderr
    assert "unknown key 'buckets'; did you mean bucket?" in result.stderr


def test_two_stacks_cannot_share_a_state_of_a_new_backend(with_gcs: Path, tmp_path: Path) -> None:
    role = "{region: eu-west-1, roles: {x: {kind: task, trust: off, name_prefix: %s}}}"
    stacks = f"stacks: {{a: {role % 'a'}, b: {role % 'b'}}}\n"
    written(tmp_path, "{type: gcs, bucket: states, prefix: all}", stacks)

    result = run_copy(with_gcs, tmp_path, "-m", "taskrole", "validate")

    assert result.returncode == 1
    assert "stacks a and b would share one state, 'all'; remove prefix, or set a different one" in result.stderr


def test_an_exported_root_module_has_a_new_backend(with_gcs: Path, tmp_path: Path) -> None:
    written(tmp_path, "{type: gcs, bucket: states}")

    result = run_copy(with_gcs, tmp_path, "-m", "taskrole", "export", "--to", "out", "--root", "--format", "json")

    assert result.returncode == 0
    terraform = json.loads((tmp_path / "out/versions.tf.json").read_text("utf-8"))["terraform"]
    assert terraform["backend"] == {"gcs": {"bucket": "states", "prefix": "a"}}


def test_cdktf_writes_a_new_backend_with_arguments_that_it_does_not_have(with_gcs: Path, tmp_path: Path) -> None:
    written(tmp_path, "{type: gcs, bucket: states, universe: u}")

    result = run_copy(with_gcs, tmp_path, str(with_gcs / "main.py"))

    assert (result.returncode, result.stderr) == (0, "")
    document = json.loads((tmp_path / "cdktf.out/stacks/a/cdk.tf.json").read_text("utf-8"))
    assert document["terraform"]["backend"] == {"gcs": {"bucket": "states", "prefix": "a", "universe": "u"}}


def test_the_page_of_roles_yaml_has_a_section_for_a_new_backend(with_gcs: Path, tmp_path: Path) -> None:
    result = run_copy(with_gcs, tmp_path, "-c", "from tools.write_roles_yaml_page import page; print(page())")

    assert "## `backend`, `type: gcs`" in result.stdout
