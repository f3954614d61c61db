"""Tests values for placeholders by options of derive and check."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.running import Result, taskrole

PLACE = ("--region", "eu-west-1", "--account", "111122223333")
IMAGE = "111122223333.dkr.ecr.eu-west-1.amazonaws.com/web"
REPOSITORY = "arn:aws:ecr:eu-west-1:111122223333:repository/web"


@pytest.fixture
def task(tmp_path: Path) -> Path:
    """A task definition with placeholders in an image and two secrets."""
    secrets = [{"name": name, "valueFrom": "PLACEHOLDER"} for name in "AB"]
    containers = [{"name": "web", "image": "REPOSITORY_URI:TAG", "secrets": secrets}]
    return write(tmp_path / "web.json", {"family": "web", "containerDefinitions": containers})


def write(file: Path, data: Any) -> Path:
    file.write_text(json.dumps(data))
    return file


def derive(file: Path, *arguments: str, **variables: str) -> Result:
    return taskrole("derive", file.name, *PLACE, "--role", "execution", *arguments, cwd=file.parent, **variables)


def test_an_error_has_the_option_that_fills_the_placeholder(task: Path) -> None:
    result = derive(task)

    assert result.code == 1
    assert "'REPOSITORY_URI'; fill it in with --set REPOSITORY_URI=VALUE, with --image web=URI" in result.errors[0]


def test_values_of_the_command_line_complete_a_role(task: Path) -> None:
    result = derive(
        task,
        *("--set", f"REPOSITORY_URI={IMAGE}", "--set", "PLACEHOLDER=/all"),
        *("--set", "/containerDefinitions/0/secrets/1/valueFrom=/second", "--format", "policy"),
    )

    assert result.code == 0
    assert REPOSITORY in result.out
    assert "parameter/all" in result.out
    assert "parameter/second" in result.out


def test_the_completed_file_of_write_values_is_read(task: Path) -> None:
    written = derive(task, "--write-values", "values.yaml")

    file = task.with_name("values.yaml")
    text = file.read_text()
    assert (written.code, written.err) == (0, "")
    assert written.out == "values.yaml: 3 values to fill in; then use --values values.yaml\n"
    assert text.splitlines()[2:4] == [
        "# web.json: /containerDefinitions/0/image: REPOSITORY_URI:TAG (an image; its repository decides what may be"
        " pulled)",
        "REPOSITORY_URI:",
    ]
    assert derive(task, "--values", "values.yaml").code == 1

    file.write_text(text.replace("URI:\n", f"URI: {IMAGE}\n").replace('valueFrom":', 'valueFrom": /a'))

    filled = derive(task, "--values", "values.yaml", "--format", "policy")
    assert filled.code == 0
    assert REPOSITORY in filled.out


def test_write_values_never_overwrites(task: Path) -> None:
    file = task.with_name("values.yaml")
    file.write_text("A: a\n")

    result = derive(task, "--write-values", "values.yaml")

    assert (result.code, result.err) == (1, "values.yaml: exists already; choose another file, or remove it\n")
    assert file.read_text() == "A: a\n"


def test_write_values_writes_no_file_without_placeholders(tmp_path: Path) -> None:
    file = write(tmp_path / "web.json", {"containerDefinitions": [{"name": "web", "image": f"{IMAGE}:$TAG"}]})

    result = derive(file, "--write-values", "values.yaml")

    assert (result.code, result.out) == (
        0,
        "all placeholders that permissions depend on have values; nothing was written\n",
    )
    assert not file.with_name("values.yaml").exists()


def test_an_image_replaces_that_of_its_container(task: Path) -> None:
    result = derive(task, "--image", f"web={IMAGE}:1", "--set", "PLACEHOLDER=/a", "--format", "policy")

    assert result.code == 0
    assert REPOSITORY in result.out


def test_an_unused_value_is_named_with_the_nearest_name(task: Path) -> None:
    result = derive(task, "--image", "wep=redis", "--image", "other=redis", "--set", "REPOSITORY_URL=x")

    assert result.code == 1
    assert result.errors == [
        "--image: other: is not the name of a container; there are web",
        "--image: wep: is not the name of a container; did you mean web?",
        "--set: REPOSITORY_URL: does not match a placeholder of a task definition; did you mean REPOSITORY_URI?",
    ]


def test_a_file_of_values_may_have_unused_values(task: Path) -> None:
    task.with_name("all.env").write_text(f"OTHER=x\nREPOSITORY_URI={IMAGE}\nPLACEHOLDER=/a\n")

    assert derive(task, "--values", "all.env").code == 0


def test_the_environment_is_read_only_on_request(task: Path) -> None:
    variables = {"REPOSITORY_URI": IMAGE, "PLACEHOLDER": "/a"}

    assert derive(task, **variables).code == 1
    assert derive(task, "--values", "env", **variables).code == 0


def test_values_are_read_from_a_state_without_its_secrets(tmp_path: Path) -> None:
    repository = {"type": "aws_ecr_repository", "name": "app", "instances": [{"attributes": {"repository_url": IMAGE}}]}
    secret = {"type": "aws_x", "name": "y", "instances": [{"attributes": {"password": "hunter2hunter2"}}]}
    write(tmp_path / "terraform.tfstate", {"version": 4, "resources": [repository, secret]})
    image, password = "{{ tfstate `aws_ecr_repository.app.repository_url` }}:1", "{{ tfstate `aws_x.y.password` }}"
    container = {"name": "web", "image": image, "secrets": [{"name": "A", "valueFrom": password}]}
    file = write(tmp_path / "web.json", {"containerDefinitions": [container]})

    result = derive(file, "--tfstate", "terraform.tfstate", "--partial", "--format", "policy")

    assert REPOSITORY in result.out
    assert "hunter2" not in result.out + result.err
    assert "--set aws_x.y.password=VALUE" in result.err


def test_account_and_region_fill_the_pseudo_parameters_of_cloudformation(tmp_path: Path) -> None:
    image = "${AWS::AccountId}.dkr.ecr.${AWS::Region}.amazonaws.com/web:1"
    file = write(tmp_path / "web.json", {"containerDefinitions": [{"name": "web", "image": image}]})

    assert REPOSITORY in derive(file, "--format", "policy").out


def test_check_takes_values_too(task: Path) -> None:
    role = write(task.with_name("role.json"), {"Version": "2012-10-17", "Statement": []})

    result = taskrole(
        "check", task.name, *PLACE, "--role", role.name, "--image", f"web={IMAGE}", "--set", "PLACEHOLDER=/a",
        cwd=task.parent,
    )  # fmt: skip

    assert result.code == 3
    assert REPOSITORY in result.out


@pytest.mark.parametrize("content", ["A: 1\nA: 2\n", "A: ${B}\n", "A: 0123\n", "- a\n", "\0"])
def test_a_bad_file_of_values_is_an_error_in_one_line(task: Path, content: str) -> None:
    task.with_name("bad.yaml").write_text(content)

    result = derive(task, "--values", "bad.yaml")

    assert (result.code, len(result.errors), result.out) == (1, 1, "")
