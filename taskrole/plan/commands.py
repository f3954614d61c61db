"""The commands that a plan runs where Terraform runs: provisioners of what it touches, and data sources that act."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from taskrole.plan.configuration import Configuration
from taskrole.plan.model import Change

_ACTING = {
    "external": "it runs a program, also while planning",
    "http": "it sends a request, also while planning",
    "aws_lambda_invocation": "it runs a Lambda function, also while planning",
}


def provisioners(configuration: Configuration, change: Change) -> list[str]:
    """Return the kinds of provisioners that run for a change, such as local-exec; they run on creation and deletion."""
    if change.is_data or not change.actions & {"create", "delete"}:
        return []
    provisioners = configuration.resource(change).get("provisioners")
    return (
        [str(entry.get("type")) for entry in provisioners if isinstance(entry, dict)]
        if isinstance(provisioners, list)
        else []
    )


def acts(change: Change) -> str:
    """Return what a data source does beside reading, in one clause; empty for one that only reads."""
    return _ACTING.get(change.type, "") if change.is_data else ""


def acting_data(configuration: Configuration) -> Iterator[tuple[str, str, str]]:
    """Yield address, type and reason of the data sources and ephemeral resources that act, without indexes."""
    for module, resource in configuration.resources():
        kind: Any = resource.get("type")
        mode = resource.get("mode")
        if mode in ("data", "ephemeral") and isinstance(kind, str) and kind in _ACTING:
            yield f"{f'{module}.' if module else ''}{mode}.{kind}.{resource.get('name')}", kind, _ACTING[kind]
