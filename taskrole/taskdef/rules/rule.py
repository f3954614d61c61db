"""A rule: what one form of one field means for permissions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from taskrole.grant import RoleKind

Kind = Literal["grant", "option", "refused", "note", "fact"]

DOCS = "https://docs.aws.amazon.com"
ECS = f"{DOCS}/AmazonECS/latest/developerguide"
API = f"{DOCS}/AmazonECS/latest/APIReference"
AGENT = "https://github.com/aws/amazon-ecs-agent/blob/master"

EXECUTION: tuple[RoleKind, ...] = ("execution",)
TASK: tuple[RoleKind, ...] = ("task",)
BOTH: tuple[RoleKind, ...] = ("execution", "task")


@dataclass(frozen=True)
class Rule:
    """One rule, as docs/rules.md shows it.

    `kind`: it grants; it grants only when an option asks for it; it refuses; it notes what a person should know; or
    it is a fact on which the others rest, and yields nothing by itself. `actions` are what a grant of it allows
    unless the grant says otherwise. `verified` is false where no primary source was found; `note` then says what is
    not known.
    """

    id: str
    kind: Kind
    title: str
    field: str
    doc: str
    roles: tuple[RoleKind, ...] = ()
    actions: tuple[str, ...] = ()
    resource: str = ""
    verified: bool = True
    note: str = ""
