"""Rules: the effect of a field's value on permissions."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

from taskrole.dataclass import dataclass
from taskrole.grant import RoleKind
from taskrole.rule import Rule
from taskrole.taskdef.failure import Failure

DOCS = "https://docs.aws.amazon.com"
ECS = f"{DOCS}/AmazonECS/latest/developerguide"
API = f"{DOCS}/AmazonECS/latest/APIReference"
AGENT = "https://github.com/aws/amazon-ecs-agent/blob/master"

EXECUTION: tuple[RoleKind, ...] = ("execution",)
TASK: tuple[RoleKind, ...] = ("task",)
BOTH: tuple[RoleKind, ...] = ("execution", "task")


@dataclass(frozen=True)
class FieldRule(Rule):
    """A rule on a field of a task definition.

    `actions` are the default actions of its grants. `verified` is False without a primary source; `note` then says what
    is not known.

    `failure` is what appears when one of its calls is denied, `action_failures` the same for single actions that fail
    differently. `unseen`: its warnings are about content that cannot be read and may need more permissions. `once`:
    its findings are about a resource rather than a field, and are reported at the first field that names it.
    """

    roles: tuple[RoleKind, ...] = ()
    actions: tuple[str, ...] = ()
    resource: str = ""
    verified: bool = True
    note: str = ""
    failure: Failure | None = None
    action_failures: Mapping[str, Failure] = dataclasses.field(default_factory=dict)
    unseen: bool = False
    once: bool = False
