"""Writes a task definition in every form, from the form that ECS takes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import yaml

ADDRESS = "aws_ecs_task_definition.web"
_PASCAL = {"efsVolumeConfiguration": "EFSVolumeConfiguration", "iam": "IAM"}
_BLOCKS = ("efsVolumeConfiguration", "authorizationConfig", "runtimePlatform")
_FREE_KEYS = ("options",)


def written_in_all_forms(task: Mapping[str, Any]) -> dict[str, str]:
    """Return the texts of files with a task definition, by the names of their forms."""
    template = {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Resources": {"Web": {"Type": "AWS::ECS::TaskDefinition", "Properties": _pascal(task)}},
    }
    values = terraform_values(task)
    return {
        "register": json.dumps(task),
        "describe": json.dumps({"taskDefinition": {**task, "revision": 3, "status": "ACTIVE"}, "tags": []}),
        "array": json.dumps([task]),
        "yaml": yaml.safe_dump(dict(task)),
        "template in JSON": json.dumps(template),
        "template in YAML": yaml.safe_dump(template),
        "plan": json.dumps(plan([resource_change(ADDRESS, values)])),
        "state": json.dumps(shown_state([{"address": ADDRESS, "values": values}])),
        "state file": json.dumps(state_file([{"attributes": values}])),
    }


def _pascal(value: Any, parent: str = "") -> Any:
    if isinstance(value, list):
        return [_pascal(item) for item in value]
    if not isinstance(value, Mapping):
        return value
    return {
        key if parent in _FREE_KEYS else _pascal_key(key, parent): _pascal(child, key) for key, child in value.items()
    }


def _pascal_key(key: str, parent: str) -> str:
    if parent == "efsVolumeConfiguration" and key == "fileSystemId":
        return "FilesystemId"
    return _PASCAL.get(key) or f"{key[0].upper()}{key[1:]}"


def terraform_values(task: Mapping[str, Any]) -> dict[str, Any]:
    """Return the attributes of an aws_ecs_task_definition."""
    values = {_snake_key(key): _snake(value, key) for key, value in task.items() if key != "containerDefinitions"}
    return {**values, "container_definitions": json.dumps(task["containerDefinitions"])}


def _snake(value: Any, parent: str) -> Any:
    if isinstance(value, list):
        return [_snake(item, "") for item in value]
    if not isinstance(value, Mapping):
        return value
    snake = {_snake_key(key): _snake(child, key) for key, child in value.items()}
    return [snake] if parent in _BLOCKS else snake


def _snake_key(key: str) -> str:
    name = {"volumes": "volume", "configuredAtLaunch": "configure_at_launch"}.get(key, key)
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name)


def plan(changes: list[dict[str, Any]], **parts: Any) -> dict[str, Any]:
    return {
        "format_version": "1.2",
        "terraform_version": "1.9.0",
        "resource_changes": changes,
        "configuration": {},
        **parts,
    }


def resource_change(
    address: str, after: dict[str, Any] | None, unknown: Any = None, sensitive: Any = None, **parts: Any
) -> dict[str, Any]:
    type_, name = address.split(".")[-2:]
    change = {
        "actions": ["create"],
        "before": None,
        "after": after,
        "after_unknown": unknown or {},
        "after_sensitive": sensitive or {},
    }
    return {
        "address": address,
        "mode": "managed",
        "type": type_,
        "name": name.partition("[")[0],
        "change": change,
        "provider_name": "registry.terraform.io/hashicorp/aws",
        **parts,
    }


def shown_state(resources: list[dict[str, Any]], **parts: Any) -> dict[str, Any]:
    whole = [
        {"mode": "managed", "type": "aws_ecs_task_definition", "name": "web", **resource} for resource in resources
    ]
    return {
        "format_version": "1.0",
        "terraform_version": "1.9.0",
        "values": {"root_module": {"resources": whole, **parts}},
    }


def state_file(instances: list[dict[str, Any]], **parts: Any) -> dict[str, Any]:
    resource = {"mode": "managed", "type": "aws_ecs_task_definition", "name": "web", "instances": instances, **parts}
    return {
        "version": 4,
        "terraform_version": "1.9.0",
        "serial": 1,
        "lineage": "x",
        "outputs": {},
        "resources": [resource],
    }
