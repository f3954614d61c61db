"""A named policy of a role."""

from __future__ import annotations

from typing import Literal

from taskrole.dataclass import dataclass
from taskrole.policy.documents.statements import Document

PolicyKind = Literal["inline", "managed"]


@dataclass(frozen=True)
class Policy:
    """An inline policy, or an attached customer managed policy."""

    name: str
    kind: PolicyKind
    document: Document
