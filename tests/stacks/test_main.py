"""Tests `python main.py` as users and the CDKTF command line run it: files, output and exit codes."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
GOOD = "version: 1\nstacks: {s: {region: eu-west-1, roles: {web: {kind: task, trust: off}}}}\n"


def run_main(folder: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(ROOT / "main.py"), *arguments],
        cwd=folder,
        env={**os.environ, **environment},
        check=False,
        capture_output=True,
        text=True,
    )


def executable(path: Path, script: str) -> Path:
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path


def test_main_reads_roles_yaml_and_writes_cdktf_out(tmp_path: Path) -> None:
    (tmp_path / "roles.yaml").write_text(GOOD)

    result = run_main(tmp_path)

    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")
    assert (tmp_path / "cdktf.out/stacks/s/cdk.tf.json").is_file()


@pytest.mark.parametrize(("variable", "file"), [("other.yaml", "other.yaml"), ("", "roles.yaml")])
def test_the_environment_can_name_another_file(tmp_path: Path, variable: str, file: str) -> None:
    # An error of the file is reported sooner than its Terraform is written.
    (tmp_path / file).write_text("version: 2\n")

    assert run_main(tmp_path, TASKROLE_CONFIG=variable).stderr.splitlines()[1:] == [
        f"{file}:1:1: version: must be 1; got 2"
    ]


def test_the_option_overrides_the_environment(tmp_path: Path) -> None:
    (tmp_path / "other.yaml").write_text(GOOD.replace("{s:", "{t:"))

    result = run_main(tmp_path, "--config", "other.yaml", TASKROLE_CONFIG="missing.yaml")

    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")
    assert (tmp_path / "cdktf.out/stacks/t/cdk.tf.json").is_file()


def test_help_prints_usage_and_writes_nothing(tmp_path: Path) -> None:
    (tmp_path / "roles.yaml").write_text(GOOD)

    result = run_main(tmp_path, "--help")

    assert result.returncode == 0
    assert "--config PATH" in result.stdout
    assert "npx cdktf deploy" in " ".join(result.stdout.split())
    assert not (tmp_path / "cdktf.out").exists()


def test_an_unknown_argument_is_an_error_and_nothing_is_written(tmp_path: Path) -> None:
    (tmp_path / "roles.yaml").write_text(GOOD)

    result = run_main(tmp_path, "--conf", "roles.yaml")

    assert result.returncode == 1
    assert "unrecognized arguments: --conf roles.yaml" in result.stderr
    assert not (tmp_path / "cdktf.out").exists()


def test_every_problem_is_a_line_on_standard_error_and_nothing_is_written(tmp_path: Path) -> None:
    (tmp_path / "roles.yaml").write_text(GOOD.replace("eu-west-1", "eu-west-9").replace("task", "tusk"))

    result = run_main(tmp_path)

    assert result.returncode == 1
    assert result.stdout == ""
    assert result.stderr.splitlines() == [
        "roles.yaml:2:14: stacks.s.region: unknown region 'eu-west-9'; nearest are eu-west-3, eu-west-2, eu-west-1; "
        "for a newer region, set partition too",
        "roles.yaml:2:47: stacks.s.roles.web.kind: must be execution or task; got 'tusk'",
    ]
    assert not (tmp_path / "cdktf.out").exists()


def test_a_mistake_in_the_file_is_reported_without_starting_node(tmp_path: Path) -> None:
    (tmp_path / "roles.yaml").write_text("version: 2\n")
    node = executable(tmp_path / "node", f"touch {tmp_path}/started")

    result = run_main(tmp_path, JSII_NODE=str(node))

    assert result.returncode == 1
    assert not (tmp_path / "started").exists()


def test_a_text_that_cdktf_would_replace_is_refused(tmp_path: Path) -> None:
    (tmp_path / "roles.yaml").write_text(GOOD.replace("kind: task", "kind: task, description: '${TfToken[TOKEN.0]}'"))

    result = run_main(tmp_path)

    assert (result.returncode, result.stderr) == (
        1,
        "roles.yaml:2:59: stacks.s.roles.web.description: must not contain ${TfToken[, which CDKTF replaces; "
        "got '${TfToken[TOKEN.0]}'\n",
    )


def test_a_missing_node_is_an_error_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "roles.yaml").write_text(GOOD)

    result = run_main(tmp_path, JSII_NODE=str(tmp_path / "no-node"))

    assert (result.returncode, result.stderr) == (
        1,
        "Node, in which CDKTF runs, is not found; install Node 20 or newer, https://nodejs.org, "
        "or set JSII_NODE to its path\n",
    )


def test_a_broken_node_is_an_error_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "roles.yaml").write_text(GOOD)
    node = executable(tmp_path / "node", "exit 1")

    result = run_main(tmp_path, JSII_NODE=str(node))

    assert (result.returncode, result.stderr) == (
        1,
        "Node, in which CDKTF runs, does not answer; install Node 20 or newer, https://nodejs.org, "
        "or set JSII_NODE to its path\n",
    )


def test_an_unwritable_output_folder_is_an_error_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "roles.yaml").write_text(GOOD)
    (tmp_path / "file").touch()

    result = run_main(tmp_path, CDKTF_OUTDIR="file")

    assert result.returncode == 1
    (line,) = result.stderr.splitlines()
    assert line.startswith("CDKTF cannot write the Terraform: ENOTDIR: not a directory")
