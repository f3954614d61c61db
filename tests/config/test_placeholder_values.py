"""Tests values and images of roles.yaml: the most specific fills the placeholders of task definitions."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from taskrole.config import load_config
from taskrole.errors import InputError
from tests.cli.running import taskrole

HOST = "111122223333.dkr.ecr.eu-west-1.amazonaws.com"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with a task definition of two containers, whose repository, environment and secret are placeholders."""
    containers = [
        {"name": "web", "image": "${REGISTRY}/<app>:TAG", "secrets": [{"name": "A", "valueFrom": "/${stage}/a"}]},
        {"name": "log", "image": "redis"},
    ]
    (tmp_path / "web.json").write_text(json.dumps({"family": "web", "containerDefinitions": containers}))
    return tmp_path


def write(folder: Path, role: dict[str, Any], stack: dict[str, Any], defaults: dict[str, Any]) -> Path:
    place = {"region": "eu-west-1", "account": "111122223333"}
    roles = {"web": {"kind": "execution", **role}}
    data = {"version": 1, "defaults": defaults, "stacks": {"s": {**place, **stack, "roles": roles}}}
    file = folder / "roles.yaml"
    file.write_text(json.dumps(data))
    return file


def resources(folder: Path, role: dict[str, Any], **levels: dict[str, Any]) -> set[str]:
    role = {"task_definitions": ["web.json"], **role}
    file = write(folder, role, levels.get("stack", {}), levels.get("defaults", {}))
    (made,) = load_config(file).stacks[0].roles
    return {resource.rpartition(":")[2] for grant in made.grants for resource in grant.resources}


def problems(folder: Path, role: dict[str, Any], **levels: dict[str, Any]) -> list[str]:
    with pytest.raises(InputError) as error:
        resources(folder, role, **levels)
    return [f"{problem.place.path}: {problem.message}" for problem in error.value.problems]


def test_values_of_all_levels_fill_the_placeholders_and_the_most_specific_wins(project: Path) -> None:
    defaults = {"values": {"REGISTRY": HOST, "app": "default", "stage": "default", "other": "x"}}
    stack = {"values": {"app": "stack", "stage": "prod"}}

    assert resources(project, {"values": {"<app>": "role"}}, stack=stack, defaults=defaults) == {
        "*",
        "repository/role",
        "parameter/prod/a",
    }


def test_an_image_replaces_that_of_its_container(project: Path) -> None:
    arns = resources(project, {"images": {"web": f"{HOST}/new:1"}, "values": {"stage": "prod"}})

    assert "repository/new" in arns


def test_account_and_region_of_the_stack_fill_the_pseudo_parameters_of_cloudformation(project: Path) -> None:
    image = "${AWS::AccountId}.dkr.ecr.${AWS::Region}.amazonaws.com/app"

    (project / "web.json").write_text(json.dumps({"containerDefinitions": [{"name": "web", "image": image}]}))

    assert "repository/app" in resources(project, {})


def test_a_pointer_names_a_text_of_a_file(project: Path) -> None:
    values = {"web.json#/containerDefinitions/0/secrets/0/valueFrom": "/b", "REGISTRY": HOST, "app": "app"}

    assert "parameter/b" in resources(project, {"values": values})


def test_an_unfilled_placeholder_is_an_error_at_its_place_in_the_task_definition(project: Path) -> None:
    (image, secret) = problems(project, {})

    assert image.startswith("/containerDefinitions/0/image: contains the placeholder '${REGISTRY}'; fill it in with")
    assert "or under values in roles.yaml" in image
    assert secret.startswith("/containerDefinitions/0/secrets/0/valueFrom: contains the placeholder '${stage}'")


def test_an_unused_value_of_a_role_is_named_with_the_nearest_name(project: Path) -> None:
    role = {"values": {"REGISTRY": HOST, "app": "app", "stage": "s", "stagee": "x"}, "images": {"wep": "redis"}}

    assert problems(project, role) == [
        "stacks.s.roles.web.values.stagee: does not match a placeholder of a task definition; did you mean stage?",
        "stacks.s.roles.web.images.wep: is not the name of a container; did you mean web?",
    ]


@pytest.mark.parametrize(
    ("role", "message"),
    [
        ({"values": {"app": "${X}"}}, "values.app: must be a value without placeholders; it holds '${X}'"),
        ({"values": {"app": 1}}, "values.app: must be text; got '1', which YAML reads as a number; write \"1\""),
        ({"images": {"web": "IMAGE_URI"}}, "images.web: must be a value without placeholders; it holds 'IMAGE_URI'"),
        ({"images": {"web": ""}}, "images.web: must name an image"),
    ],
)
def test_a_bad_value_is_refused_at_its_location(project: Path, role: dict[str, Any], message: str) -> None:
    assert any(problem.startswith(f"stacks.s.roles.web.{message}") for problem in problems(project, role))


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("values", {"a": "redis"}),
        ("images", {"a": "redis"}),
        ("values_files", ["values.yaml"]),
        ("families", ["web"]),
    ],
)
def test_values_without_task_definitions_are_refused(project: Path, key: str, value: Any) -> None:
    write(project, {key: value}, {}, {})

    with pytest.raises(InputError, match=f"web.{key}: needs task_definitions; list the task definitions there"):
        load_config(project / "roles.yaml")


def test_check_reads_task_definitions_with_the_values_of_the_stack(project: Path) -> None:
    values = {"REGISTRY": HOST, "app": "app", "stage": "prod"}
    file = write(project, {"task_definitions": ["web.json"], "values": values}, {}, {})

    result = taskrole("--config", str(file), "check", "web.json", "--stack", "s", cwd=project)

    assert result.code == 0, result.err


def test_a_file_of_values_fills_placeholders_and_values_override_it(project: Path) -> None:
    (project / "values.yaml").write_text(f"REGISTRY: {HOST}\napp: file\nstage: file\nweb:\n")

    stack = {"values_files": ["values.yaml"], "values": {"stage": "prod"}}
    assert resources(project, {}, stack=stack) == {"*", "repository/file", "parameter/prod/a"}


@pytest.mark.parametrize(
    ("file", "message"),
    [
        ("none.yaml", "no such file; check values_files in roles.yaml"),
        ("../outside.yaml", "is outside the project; copy the values file into it"),
        ("list.yaml", "must be a mapping of names to values"),
    ],
)
def test_an_unusable_file_of_values_is_named(project: Path, file: str, message: str) -> None:
    (project / ".git").mkdir()
    (project / "list.yaml").write_text("- a\n")

    with pytest.raises(InputError) as error:
        resources(project, {"values_files": [file]})
    assert [Path(problem.place.file).name for problem in error.value.problems] == [Path(file).name]
    assert message in str(error.value)


def test_an_absolute_file_of_values_is_refused(project: Path) -> None:
    assert (
        "stacks.s.roles.web.values_files[0]: must be relative" in problems(project, {"values_files": ["/etc/hosts"]})[0]
    )
