"""Tests recognised unsupported files, refused files, and files that are skipped in folders."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from taskrole.errors import InputError
from taskrole.taskdef.read import read_files
from tests.taskdef.forms.reading import refusal

TASK = {"family": "web", "containerDefinitions": [{"name": "web", "image": "nginx"}]}


@pytest.mark.parametrize(
    ("content", "command"),
    [
        ("name: web\ntype: Load Balanced Web Service\nimage: {build: Dockerfile}\n", "`copilot svc package"),
        ("services:\n  web:\n    image: nginx\n", "is a Compose file"),
        ("region: eu-west-1\ncluster: c\ntask_definition: taskdef.json\n", "`ecspresso render taskdef`"),
        ("local env = std.extVar('ENV');\n{containerDefinitions: []}", "`ecspresso render taskdef` or `jsonnet FILE`"),
        ("{containerDefinitions: [{image: std.extVar('IMAGE')}]}", "`ecspresso render taskdef` or `jsonnet FILE`"),
        ('resource "aws_ecs_task_definition" "web" {\n  family = "web"\n}\n', "`terraform show -json PLANFILE"),
        ('{"resource": {"aws_ecs_task_definition": {"web": {}}}}', "`terraform show -json PLANFILE"),
        ("apiVersion: apps/v1\nkind: Deployment\nspec: {}\n", "is a Kubernetes manifest"),
        (b"PK\x03\x04\x00\x00", "`terraform show -json PLANFILE"),
        ("version: 0.0\nResources:\n- TargetService: {Type: 'AWS::ECS::Service'}\n", "is an AppSpec file"),
        ('[{"name": "web", "imageUri": "x"}]', "--image CONTAINER=URI"),
        (
            '{"infrastructureRoleArn": "x", "taskDefinitionArn": "arn:x"}',
            "describe-task-definition` for 'arn:x'",
        ),
        ('{"containerDefinitions": [{"cpu": {{ env `CPU` `256` }} }]}', "render it first (`ecspresso render taskdef`)"),
    ],
)
def test_a_recognised_unsupported_file_is_a_line_with_the_command_to_run(content: str | bytes, command: str) -> None:
    message = refusal(content)

    assert command in message
    assert "\n" not in message


def test_json_about_jsonnet_is_a_task_definition(tmp_path: Path) -> None:
    path = tmp_path / "task.json"
    command = ["lint", "std.extVar('ENV')"]
    path.write_text(json.dumps({"containerDefinitions": [{**TASK["containerDefinitions"][0], "command": command}]}))

    assert len(read_files([str(path)]).documents) == 1


BOMB = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{name}: &{name} [{','.join([f'*{before}'] * 9)}]\n" for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (BOMB, "must have at most 200000 values"),
        ("family: !!python/object/apply:os.system [id]\ncontainerDefinitions: []\n", "must not use YAML tags"),
        ("family: !Secret x\ncontainerDefinitions: []\n", "must not use YAML tags; got '!Secret'"),
        ("containerDefinitions: " + "[" * 500 + "]" * 500, "must be nested at most 64 deep"),
        ('{"containerDefinitions": ' + "[" * 500 + "]" * 500 + "}", "must be nested at most 64 levels deep"),
        ("family: a\nfamily: b\n", "duplicate key"),
        ("x: &x {a: b}\ncontainerDefinitions:\n- <<: *x\n", "merge keys (<<) are not read; write the full values"),
        ("family: caf\xe9\n".encode("latin-1"), "must be UTF-8"),
        ('{"family": "a"}'.encode("utf-16"), "must be UTF-8; it is UTF-16, as PowerShell writes it"),
        ('{"family": "caf\xe9"}'.encode("latin-1"), "must be UTF-8"),
    ],
)
def test_a_file_that_cannot_be_read_safely_is_refused_in_one_line(content: str | bytes, message: str) -> None:
    assert message in refusal(content)
    assert "\n" not in refusal(content)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "task.json").write_text(json.dumps(TASK))
    return tmp_path


def test_other_files_of_a_folder_are_skipped_and_named(folder: Path) -> None:
    (folder / "package.json").write_text('{"name": "web", "version": "1.0.0"}')
    (folder / "compose.yaml").write_text("services:\n  web:\n    image: nginx\n")
    (folder / "values.yml").write_text("a: {{ .Values.x }}\n")
    (folder / "job.yml").write_text("containerDefinitions:\n- {name: job, image: nginx}\n")

    reading = read_files(["."])

    assert [document.file for document in reading.documents] == ["job.yml", "task.json"]
    assert [problem.place.file for problem in reading.skipped] == ["compose.yaml", "package.json", "values.yml"]


def test_a_named_file_that_is_not_a_task_definition_is_an_error(folder: Path) -> None:
    (folder / "package.json").write_text('{"name": "web", "version": "1.0.0"}')

    with pytest.raises(InputError, match=r"package\.json: must contain a task definition"):
        read_files(["task.json", "package.json"])


@pytest.mark.parametrize(
    "content", ['{"family": "web"}', '{"containerDefinitions": [', "containerDefinitions: [\n", '{"task_role_arn": 1}']
)
def test_a_broken_task_definition_in_a_folder_is_an_error(folder: Path, content: str) -> None:
    (folder / "broken.json").write_text(content)

    with pytest.raises(InputError, match=r"broken\.json"):
        read_files(["."])


def test_a_folder_with_nothing_but_other_files_is_an_error(folder: Path) -> None:
    (folder / "task.json").write_text('{"name": "web"}')

    with pytest.raises(InputError, match=r"task\.json: must contain a task definition"):
        read_files(["."])
