"""Tests reading task definitions: every form, and all problems at once."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path

import pytest

from taskrole.errors import InputError
from taskrole.taskdef import parse_document, read_documents
from taskrole.taskdef.json_text import parse_json
from taskrole.taskdef.shape import BROKEN

PLAIN = {"family": "kiosk", "containerDefinitions": [{"name": "web", "image": "nginx"}]}


@pytest.fixture
def folder(tmp_path, monkeypatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(folder: Path, name: str, data) -> None:
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(json.dumps(data), "utf-8")


def message_of(*paths: str) -> str:
    with pytest.raises(InputError) as caught:
        read_documents(paths)
    return str(caught.value)


def test_plain_wrapped_and_listed_task_definitions_are_read_alike(folder) -> None:
    describe = {"taskDefinition": {**PLAIN, "revision": 3, "registeredAt": 1.5, "requiresAttributes": [{}]}, "tags": []}
    write(folder, "plain.json", PLAIN)
    write(folder, "wrapped.json", describe)
    write(folder, "list.json", [PLAIN, describe])

    documents = read_documents(["plain.json", "wrapped.json", "list.json"])

    assert [document.file for document in documents] == ["plain.json", "wrapped.json", "list.json#/0", "list.json#/1"]
    assert {document.family for document in documents} == {"kiosk"}
    assert all(document.data == documents[0].data for document in documents)
    assert not any(document.findings for document in documents)


def test_hidden_files_are_read_like_others_but_an_ending_is_no_name(folder) -> None:
    for name in ("tasks/.hidden.json", "tasks/.json", "tasks/..yaml", "tasks/b.yml", "tasks/a.JSON"):
        write(folder, name, {**PLAIN, "family": name})

    documents = read_documents(["tasks/"])

    assert [document.file for document in documents] == ["tasks/..yaml", "tasks/.hidden.json", "tasks/b.yml"]


def test_a_file_and_a_link_to_it_are_read_once(folder) -> None:
    write(folder, "tasks/a.json", PLAIN)
    (folder / "tasks/b.json").symlink_to("a.json")
    (folder / "link").symlink_to("tasks")

    documents = read_documents(["tasks", "link", "link/b.json"])

    assert [document.file for document in documents] == ["tasks/a.json"]


def test_folders_patterns_and_files_are_read_in_order_and_once(folder) -> None:
    for name in ("b.json", "a.json", "deep/c.json"):
        write(folder, name, {**PLAIN, "family": name})
    (folder / "notes.txt").write_text("no task definition")

    documents = read_documents([".", "*.json", "deep/../a.json", "**/c.json"])

    assert [document.family for document in documents] == ["a.json", "b.json", "deep/c.json"]


def test_a_dash_is_standard_input(monkeypatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(json.dumps(PLAIN).encode())))

    (document,) = read_documents(["-"])

    assert (document.file, document.family) == ("standard input", "kiosk")


def test_a_byte_order_mark_of_a_file_is_skipped(folder) -> None:
    (folder / "bom.json").write_bytes(b"\xef\xbb\xbf" + json.dumps(PLAIN).encode())

    assert read_documents(["bom.json"])[0].family == "kiosk"


def test_all_problems_of_all_files_are_reported_at_once(folder) -> None:
    (folder / "broken.json").write_text('{\n  "family": nope\n}')
    (folder / "latin.json").write_bytes(b'{"family": "caf\xe9"}')
    write(folder, "list.json", [PLAIN, 5, {"family": "none"}])
    write(folder, "good.json", PLAIN)
    (folder / "empty").mkdir()

    assert message_of("broken.json", "latin.json", "list.json", "good.json", "missing.json", "empty", "no*.json") == (
        "broken.json:2:13: is not valid JSON: expecting value\n"
        "empty: is a folder without *.json, *.yaml and *.yml files\n"
        "latin.json: must be UTF-8; byte 15 is not; save it as UTF-8\n"
        "list.json#/1: must contain a task definition, an object with containerDefinitions; got a plain value\n"
        "list.json#/2: must contain a task definition, an object with containerDefinitions; got one with 'family'\n"
        "missing.json: no such file or folder\n"
        "no*.json: matches no file"
    )


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty"),
        (b" \n", "is empty"),
        (b"[]", "contains an empty array"),
        (b"null", "must contain a task definition, an object with containerDefinitions; got null"),
        (b'"text"', "got text"),
        (b"{}", "got one with no keys"),
        (b'{"a": 1, "b": {"a": 1, "a": 2}}', "must have each key once in an object; got 'a' twice"),
        (b'{"a": NaN}', "must not contain NaN"),
        (b'{"a": -Infinity}', "must not contain -Infinity"),
        (b'{"a": ' + b"9" * 5000 + b"}", "must not contain numbers of more than 300 digits; got 5000"),
        (b"[" * 100 + b"]" * 100, "must be nested at most 64 levels deep"),
        (b"[" * 200_000, "must be nested at most 64 levels deep"),
        (b'{"a":' * 100_000, "must be nested at most 64 levels deep"),
        (b'["' + b"x" * 5 * 1024 * 1024 + b'"]', "must be at most 5 MiB"),
        (b'{"a": 1}}', "is not valid JSON: extra data"),
        (b"{'a': 1}", "is not valid JSON: expecting property name"),
        ('{"containerDefinitions": []}'.encode("utf-16"), "must be UTF-8"),
        (b'{"ContainerDefinitions": []}', "aws ecs describe-task-definition"),
        (b'{"Resources": {}}', "is a CloudFormation template"),
        (b'{"container_definitions": "[]"}', "uses Terraform's spelling"),
        (b'{"taskDefinitionArns": []}', "is a list of ARNs"),
    ],
)
def test_input_that_is_not_a_task_definition_is_refused_with_the_fix(folder, content: bytes, message: str) -> None:
    (folder / "bad.json").write_bytes(content)

    assert message in message_of("bad.json")


def test_missing_input_is_an_error(folder) -> None:
    assert message_of() == "task definitions: none given; name files, folders, patterns or - for standard input"
    assert "null character" in message_of("a\0b")


def test_an_unreadable_file_is_named(folder) -> None:
    (folder / "loop.json").symlink_to("loop.json")

    assert message_of("loop.json").startswith("loop.json: cannot be read")


def test_deep_unknown_parts_within_the_limit_are_ignored() -> None:
    data = parse_json(b'{"containerDefinitions": [], "x": ' + b"[" * 60 + b"]" * 60 + b"}", "x.json")

    assert parse_document(data, "x.json").data == {"containerDefinitions": []}


def test_wrong_types_become_findings_with_pointers_and_null_is_absent() -> None:
    document = parse_document(
        {
            "family": None,
            "taskRoleArn": 5,
            "Family": "x",
            "requiresCompatibilities": "FARGATE",
            "containerDefinitions": [
                {"name": "web", "image": ["nginx"], "secrets": {"a/b": 1}, "environment": None},
                "web",
                None,
                {"name": True, "logConfiguration": {"options": {"a/b~c": 1.5, "x": None, "y": False}}},
                {"environment": [{"name": "PORT", "value": 8080}, {"name": "A"}]},
            ],
        },
        "x.json",
    )

    assert [(finding.code, finding.severity, finding.source, finding.message) for finding in document.findings] == [
        ("TYPE", "error", "/taskRoleArn", "must be text; got the number 5; write it in quotes"),
        ("KEY", "error", "/Family", "is not a field of a task definition; write family; got 'Family'"),
        ("TYPE", "error", "/requiresCompatibilities", "must be an array; got the text 'FARGATE'"),
        ("TYPE", "error", "/containerDefinitions/0/image", "must be text; got an array"),
        ("TYPE", "error", "/containerDefinitions/0/secrets", "must be an array; got an object"),
        ("TYPE", "error", "/containerDefinitions/1", "must be an object; got the text 'web'"),
        ("TYPE", "error", "/containerDefinitions/2", "must be an object; got nothing (null)"),
        ("TYPE", "error", "/containerDefinitions/3/name", "must be text; got the boolean true; write it in quotes"),
        (
            "TYPE",
            "error",
            "/containerDefinitions/3/logConfiguration/options/a~1b~0c",
            "must be text; got a number, which is not shown, as it may be secret; write it in quotes",
        ),
        (
            "TYPE",
            "error",
            "/containerDefinitions/3/logConfiguration/options/y",
            "must be text; got the boolean false; write it in quotes",
        ),
        (
            "TYPE",
            "error",
            "/containerDefinitions/4/environment/0/value",
            "must be text; got a number, which is not shown, as it may be secret; write it in quotes",
        ),
    ]
    assert document.data["containerDefinitions"][1] is BROKEN
    assert document.family == ""
