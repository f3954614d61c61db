"""A policy with its name, as a role has it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from taskrole.policy.documents.statements import Document

PolicyKind = Literal["inline", "managed"]


@dataclass(frozen=True)
class Policy:
    """A policy of a role's own: inline, or managed by the customer and attached."""

    name: str
    kind: PolicyKind
    document: Document
