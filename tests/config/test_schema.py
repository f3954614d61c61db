"""Tests the JSON Schema: current, named by every file, accepting what taskrole accepts."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import pytest
import yaml
from jsonschema import Draft202012Validator, ValidationError

from taskrole.config.schema import schema_text

ROOT = Path(__file__).parent.parent.parent


@cache
def schema() -> Draft202012Validator:
    """Return the schema, after comparing it with its own, which takes longer than any file."""
    document = json.loads(schema_text())
    Draft202012Validator.check_schema(document)
    return Draft202012Validator(document)


@pytest.mark.parametrize("file", sorted({ROOT / "roles.yaml", *ROOT.glob("examples/**/roles.yaml")}), ids=str)
def test_every_roles_yaml_names_the_schema_and_fits_it(file: Path) -> None:
    text = file.read_text("utf-8")
    heading = text.splitlines()[0]
    named = (file.parent / heading.removeprefix("# yaml-language-server: $schema=")).resolve()

    assert named == ROOT / "roles.schema.json"
    # PyYAML reads `off` as false, as YAML 1.1 does; editors and taskrole read it as text.
    data = json.loads(json.dumps(yaml.safe_load(text)).replace('"trust": false', '"trust": "off"'))
    schema().validate(data)


@pytest.mark.parametrize(
    "wrong",
    [
        {"stacks": {"s": {"roles": {"a": {"kind": "task"}}}}},
        {"version": 1, "stacks": {}},
        {"version": 1, "stacks": {"s": {"roles": {"a": {"kind": "task", "polices": []}}}}},
        {"version": 1, "stacks": {"s": {"account": "12", "roles": {"a": {"kind": "task"}}}}},
        {"version": 1, "backend": {"type": "s3"}, "stacks": {"s": {"roles": {"a": {"kind": "task"}}}}},
        {"version": 1, "stacks": {"s": {"roles": {"a": {"kind": "task", "trust": "open"}}}}},
    ],
)
def test_the_schema_refuses_what_taskrole_refuses(wrong: object) -> None:
    with pytest.raises(ValidationError):
        schema().validate(wrong)


@pytest.mark.parametrize("model", ["RoleSettings", "StackSettings", "S3BackendSettings"])
def test_every_optional_key_documents_its_default(model: str) -> None:
    schema = json.loads(schema_text())["$defs"][model]

    silent = [key for key, value in schema["properties"].items() if "description" not in value]

    assert [key for key in silent if key not in schema.get("required", ())] == []
