"""Commands that run where Terraform runs: provisioners of changed resources, and data sources with side effects."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from taskrole.plan.configuration import Configuration
from taskrole.plan.model import Change

_ACTING = {
    "external": "it runs a program, also during the plan",
    "http": "it sends a request, also during the plan",
    "aws_lambda_invocation": "it invokes a Lambda function, also during the plan",
}


def provisioners(configuration: Configuration, change: Change) -> list[str]:
    """Return the provisioner types that run for a change, such as local-exec; they run on create and destroy."""
    if change.is_data or not change.actions & {"create", "delete"}:
        return []
    provisioners = configuration.resource(change).get("provisioners")
    return (
        [str(entry.get("type")) for entry in provisioners if isinstance(entry, dict)]
        if isinstance(provisioners, list)
        else []
    )


def acts(change: Change) -> str:
    """Return the side effect of a data source, as a clause; empty if it only reads."""
    return _ACTING.get(change.type, "") if change.is_data else ""


def acting_data(configuration: Configuration) -> Iterator[tuple[str, str, str]]:
    """Yield the address, type and reason of data sources and ephemeral resources with side effects, without indexes."""
    for module, resource in configuration.resources():
        kind: Any = resource.get("type")
        mode = resource.get("mode")
        if mode in ("data", "ephemeral") and isinstance(kind, str) and kind in _ACTING:
            yield f"{f'{module}.' if module else ''}{mode}.{kind}.{resource.get('name')}", kind, _ACTING[kind]
