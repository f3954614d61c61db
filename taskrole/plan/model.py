"""A plan, reduced to what says who may do what."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Any

from taskrole.dataclass import dataclass
from taskrole.plan.workload_types import WORKLOADS

ROLE = "aws_iam_role"
TASK_DEFINITION = "aws_ecs_task_definition"
POLICY_DOCUMENT = "aws_iam_policy_document"

# Kept whole. Of other resources only the texts that something else may refer to.
TYPES = frozenset(
    {
        ROLE,
        TASK_DEFINITION,
        POLICY_DOCUMENT,
        "aws_caller_identity",
        "aws_iam_instance_profile",
        "aws_iam_policy",
        "aws_iam_policy_attachment",
        "aws_iam_role_policies_exclusive",
        "aws_iam_role_policy",
        "aws_iam_role_policy_attachment",
        "aws_iam_role_policy_attachments_exclusive",
        "aws_region",
        *WORKLOADS,
    }
)


# Stands for a value that the plan marks as sensitive.
MASK = "(sensitive value)"


@dataclass(frozen=True)
class Unresolved:
    """A value that the plan does not tell, and why: shown, counted, never passed. `key` is for an approval."""

    address: str
    attribute: str
    because: str
    key: str = ""
    approved: bool = False


@dataclass(frozen=True)
class Change:
    """What a plan does to one resource. `index` is that of count or for_each, `module` the address of its module.

    `unknown` and the two `hidden` have the shape of the values, with true where a value is not known, or sensitive.
    `provider` is the full name of the provider; `previous_address` the one that a moved resource had. `is_deposed` says
    that it is what an interrupted replacement left behind: the object that counts has the same address. `changed` names
    the top-level attributes that differ, or are not known, after the plan; empty for what the plan leaves alone.
    `changed_tags` are the keys of tags among them, as of taskrole.plan.changed_tags. `deferred` says why it is left to
    a later plan. `fingerprint` is the key of what is done, where values are not kept. What a provider's action is
    invoked on has `invoke` as its only action.
    """

    address: str
    type: str
    name: str
    actions: frozenset[str]
    module: str = ""
    index: str | int | None = None
    is_data: bool = False
    before: Mapping[str, Any] | None = None
    after: Mapping[str, Any] | None = None
    unknown: Any = False
    hidden_before: Any = False
    hidden_after: Any = False
    provider: str = ""
    previous_address: str = ""
    is_deposed: bool = False
    is_imported: bool = False
    changed: frozenset[str] = frozenset()
    changed_tags: frozenset[str] = frozenset()
    deferred: str = ""
    fingerprint: str = ""

    @property
    def is_made(self) -> bool:
        """Whether a new one is made, be it in the place of an old one."""
        return "create" in self.actions

    @property
    def is_replaced(self) -> bool:
        """Whether a new one takes the place of an old one, which is destroyed or left alone."""
        return self.is_made and bool(self.actions & {"delete", "forget"})

    @property
    def is_destroyed(self) -> bool:
        """Whether it is destroyed and nothing takes its place."""
        return self.actions == {"delete"}

    @property
    def is_forgotten(self) -> bool:
        """Whether it stays as it is and Terraform no longer looks after it."""
        return self.actions == {"forget"}

    @property
    def is_touched(self) -> bool:
        """Whether anything is done to it."""
        return not self.actions <= {"no-op", "read"}

    @property
    def is_moved(self) -> bool:
        """Whether its address changes."""
        return self.previous_address not in ("", self.address)

    @property
    def is_deferred(self) -> bool:
        """Whether it is a data source that is read during the apply."""
        return self.is_data and "read" in self.actions

    def is_unknown(self, attribute: str) -> bool:
        """Return whether an attribute, or a part of it, is known only after the apply."""
        mask = self.unknown.get(attribute, False) if isinstance(self.unknown, Mapping) else self.unknown
        return has_true(mask)

    def is_hidden(self, attribute: str) -> bool:
        """Return whether an attribute, or a part of it, is sensitive before or after the apply."""
        for mask in (self.hidden_before, self.hidden_after):
            # Most resources have nothing sensitive.
            if mask and has_true(mask.get(attribute, False) if isinstance(mask, Mapping) else mask):
                return True
        return False


@dataclass(frozen=True)
class Plan:
    """A plan: what it changes, what changed without it, what it leaves alone, and the configuration it is of.

    `hash` is the sha256 of what it applies: the same for the same plan however often it is shown. `touched` is all
    that it does: what it creates, updates, destroys, forgets, moves, imports or reads during the apply, deposed objects
    included. `relevant` are the attributes that what it changes depends on, as address and name; the name is empty
    for a whole resource.
    """

    file: str
    format_version: str
    terraform_version: str
    hash: str
    changes: tuple[Change, ...]
    drift: tuple[Change, ...]
    configuration: Mapping[str, Any] = field(default_factory=dict)
    variables: Mapping[str, Any] = field(default_factory=dict)
    is_complete: bool = True
    is_errored: bool = False
    creates: int = 0
    updates: int = 0
    deletes: int = 0
    touched: tuple[Change, ...] = ()
    relevant: tuple[tuple[str, str], ...] = ()


def has_true(mask: Any) -> bool:
    """Return whether a mask of Terraform's holds true anywhere."""
    if mask is False or mask == {}:
        return False
    waiting = [mask]
    while waiting:
        item = waiting.pop()
        if item is True:
            return True
        if isinstance(item, Mapping):
            waiting += item.values()
        elif isinstance(item, list):
            waiting += item
    return False


def mappings(values: Any) -> list[Mapping[str, Any]]:
    """Return the objects in a list of a plan; none where it is no list."""
    return [value for value in values if isinstance(value, Mapping)] if isinstance(values, list) else []
