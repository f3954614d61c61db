"""Tests the generated file of values: each value once, with its places."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from taskrole.taskdef import TaskDocument, parse_document
from taskrole.taskdef.values.skeleton import skeleton
from taskrole.taskdef.values.values import Values
from taskrole.yaml_reader import read_yaml


def document(file: str, *containers: dict[str, Any]) -> TaskDocument:
    return parse_document({"containerDefinitions": list(containers)}, file, Values())


def keys(*documents: TaskDocument) -> list[str]:
    text, number = skeleton(documents, "values.yaml")
    data = read_yaml(text.encode(), "values.yaml").data or {}
    assert set(data.values()) <= {None}
    assert len(data) == number
    return list(data)


def test_each_placeholder_is_listed_once_with_all_its_places() -> None:
    web = document("web.json", {"name": "web", "image": "<HOST>/web:$TAG"}, {"name": "log", "image": "<HOST>/log"})

    text, number = skeleton([web], "values.yaml")

    assert number == 1
    assert text == (
        "# Values for the placeholders of task definitions. Fill them in, and pass --values values.yaml\n\n"
        "# web.json: /containerDefinitions/0/image: <HOST>/web:$TAG (an image; its repository decides what may be"
        " pulled)\n"
        "# web.json: /containerDefinitions/1/image: <HOST>/log (an image; its repository decides what may be pulled)\n"
        "HOST:\n"
    )


def test_a_word_in_several_places_is_asked_for_at_each() -> None:
    web = document("web.json", {"name": "web", "image": "TODO"})
    api = document("api.json", {"name": "api", "image": "TODO"})

    assert keys(web) == ["TODO"]
    assert keys(web, api) == ["web.json#/containerDefinitions/0/image", "api.json#/containerDefinitions/0/image"]


def test_a_suffix_is_asked_for_at_each_place_and_an_account_once() -> None:
    arn = "arn:aws:secretsmanager:eu-west-1:xxxxxxxxxxxx:secret:{}-XXXXXX"
    secrets = [{"name": name, "valueFrom": arn.format(name)} for name in "AB"]

    assert keys(document("web.json", {"name": "web", "image": "redis", "secrets": secrets})) == [
        "xxxxxxxxxxxx",
        "/containerDefinitions/0/secrets/0/valueFrom",
        "/containerDefinitions/0/secrets/1/valueFrom",
    ]


def test_names_that_yaml_would_misread_are_quoted() -> None:
    names = ["null", "AWS::StackName", "a b", 'quote"', "é"]
    secrets = [{"name": "A", "valueFrom": f"/p/${{{name}}}"} for name in names]

    assert keys(document("web.json", {"name": "web", "image": "redis", "secrets": secrets})) == names


def test_variables_that_firelens_sets_for_each_task_are_not_asked_for() -> None:
    options = {"Name": "cloudwatch", "log_group_name": "/$(ecs_cluster)/$(ecs_task_id)", "region": "${AWS_REGION}"}
    firelens = {"logDriver": "awsfirelens", "options": options}
    awslogs = {"logDriver": "awslogs", "options": {"awslogs-group": "g", "awslogs-region": "${AWS_REGION}"}}
    containers = [{"name": name, "image": "redis", "logConfiguration": firelens} for name in "ab"]

    assert keys(document("web.json", *containers)) == ["ecs_cluster"]
    assert keys(document("web.json", {**containers[0], "logConfiguration": awslogs})) == ["AWS_REGION"]


def test_a_possible_secret_is_not_quoted() -> None:
    secret = {"name": "A", "valueFrom": "hunter2 $ecret ${X}"}

    text, _ = skeleton([document("web.json", {"name": "web", "image": "redis", "secrets": [secret]})], "values.yaml")

    assert "hunter2" not in text


def test_the_texts_of_a_sensitive_document_are_not_quoted() -> None:
    sensitive = replace(document("state", {"name": "web", "image": "<HOST>/private"}), is_sensitive=True)

    text, _ = skeleton([sensitive], "values.yaml")

    assert "private" not in text
    assert "HOST:" in text


def test_a_file_name_cannot_end_a_comment() -> None:
    text, _ = skeleton([document("a\nb: c", {"name": "web", "image": "<X>"})], "values\nd: e.yaml")

    assert read_yaml(text.encode(), "values.yaml").data == {"X": None}
