"""Policy documents as tests write them."""

from __future__ import annotations

from typing import Any


def policy_document(*statements: dict[str, Any], version: str = "2012-10-17") -> dict[str, Any]:
    """Return a document of these statements."""
    return {"Version": version, "Statement": list(statements)}


def allow(actions: str | list[str], resources: str | list[str] = "*", **more: Any) -> dict[str, Any]:
    """Return a statement that allows actions on resources; `more` are its other elements."""
    return {"Effect": "Allow", "Action": actions, "Resource": resources, **more}
