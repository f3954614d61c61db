"""A rule: what one form of one field means for permissions."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from taskrole.grant import RoleKind
from taskrole.taskdef.failure import Failure

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

    `failure` is what people see when one of its calls is denied, `action_failures` the same for single actions that
    fail differently. `unseen`: its warnings are about something that may need more and cannot be read here. `once`:
    its findings are about a thing rather than a field, and are reported at the first field that names the thing.
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
    failure: Failure | None = None
    action_failures: Mapping[str, Failure] = dataclasses.field(default_factory=dict)
    unseen: bool = False
    once: bool = False
