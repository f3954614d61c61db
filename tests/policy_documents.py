"""Builds policy documents."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from taskrole.policy.documents.policy import Policy


def policy_document(*statements: dict[str, Any], version: str = "2012-10-17") -> dict[str, Any]:
    """Return a document of these statements."""
    return {"Version": version, "Statement": list(statements)}


def allow(actions: str | list[str], resources: str | list[str] = "*", **more: Any) -> dict[str, Any]:
    """Return a statement that allows actions on resources; `more` are its other elements."""
    return {"Effect": "Allow", "Action": actions, "Resource": resources, **more}


def when(operator: str, key: str, value: str) -> dict[str, Any]:
    """Return the Condition element of a statement, with a single operator, key and value."""
    return {"Condition": {operator: {key: value}}}


def inline_policies(documents: Iterable[dict[str, Any]]) -> list[Policy]:
    """Return inline policies of these documents, named by their numbers."""
    return [Policy(f"policy-{number}", "inline", document) for number, document in enumerate(documents)]
