"""The state of Terraform after an apply."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Resource:
    """A resource of a state. `account` is that of its provider configuration, if an ARN shows it."""

    address: str
    type: str
    attributes: Mapping[str, Any]
    account: str = ""


@dataclass(frozen=True)
class State:
    """The resources of a state by address."""

    resources: Mapping[str, Resource]

    def attribute(self, address: str, name: str) -> Any:
        """Return an attribute of a resource; None where either is missing."""
        resource = self.resources.get(address)
        return resource.attributes.get(name) if resource else None

    def text(self, reference: str) -> str | None:
        """Return the value of a reference such as `aws_iam_policy.read.arn`."""
        address, _, name = reference.rpartition(".")
        value = self.attribute(address, name)
        return value if isinstance(value, str) else None


def read_state(path: Path) -> State:
    """Return the state in a file of Terraform; an empty state without a file."""
    data = json.loads(path.read_text("utf-8")) if path.exists() else {"resources": []}
    accounts: dict[str, str] = {}
    for resource in data["resources"]:
        for instance in resource["instances"]:
            arn = instance["attributes"].get("arn")
            if isinstance(arn, str) and arn.startswith("arn:aws:iam::") and arn.split(":")[4].isdigit():
                accounts[resource["provider"]] = arn.split(":")[4]
    return State({resource.address: resource for resource in _resources(data, accounts)})


def _resources(data: Mapping[str, Any], accounts: Mapping[str, str]) -> Iterator[Resource]:
    for resource in data["resources"]:
        parts = [resource.get("module"), "data" if resource["mode"] == "data" else None]
        address = ".".join([*filter(None, parts), resource["type"], resource["name"]])
        for instance in resource["instances"]:
            if "deposed" not in instance:
                index = _index(instance["index_key"]) if "index_key" in instance else ""
                account = accounts.get(resource["provider"], "")
                yield Resource(address + index, resource["type"], instance["attributes"], account)


def _index(key: str | int) -> str:
    """Return an index as Terraform writes it in an address."""
    if isinstance(key, int):
        return f"[{key}]"
    quoted = json.dumps(key, ensure_ascii=False).replace("${", "$${").replace("%{", "%%{")
    return f"[{quoted}]"
