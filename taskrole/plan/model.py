"""A plan, reduced to what is relevant for access."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Any

from taskrole.dataclass import dataclass
from taskrole.plan.workload_types import WORKLOADS

ROLE = "aws_iam_role"
TASK_DEFINITION = "aws_ecs_task_definition"
POLICY_DOCUMENT = "aws_iam_policy_document"

# Types kept whole. Of other resources, only the texts that expressions may refer to are kept.
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


# Replaces a value that the plan marks as sensitive.
MASK = "(sensitive value)"


@dataclass(frozen=True)
class Unresolved:
    """A value that the plan does not contain, and the reason; it is reported and counted. `key` is for an approval."""

    address: str
    attribute: str
    because: str
    key: str = ""
    approved: bool = False


@dataclass(frozen=True)
class Change:
    """The change of one resource. `index` is that of count or for_each, `module` the address of its module.

    `unknown` and the two `hidden` have the structure of the values, with true for unknown or sensitive ones. `provider`
    is the full name of the provider; `previous_address` the former address of a moved resource. `is_deposed` marks an
    object that an interrupted replacement left behind, at the address of the current object. `changed` are the
    top-level attributes that differ or are unknown after the plan; empty without a change. `changed_tags` are their tag
    keys, as returned by taskrole.plan.changed_tags. `deferred` is why the change is left to a later plan. `fingerprint`
    is the key of the change if its values are not kept. An invoked action of a provider has `invoke` as its only
    action.
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
        """Whether an object is created, including as a replacement."""
        return "create" in self.actions

    @property
    def is_replaced(self) -> bool:
        """Whether an object is created as the replacement of one that is destroyed or forgotten."""
        return self.is_made and bool(self.actions & {"delete", "forget"})

    @property
    def is_destroyed(self) -> bool:
        """Whether the object is destroyed without a replacement."""
        return self.actions == {"delete"}

    @property
    def is_forgotten(self) -> bool:
        """Whether the object is removed from the state but not destroyed."""
        return self.actions == {"forget"}

    @property
    def is_touched(self) -> bool:
        """Whether the plan does anything to the resource."""
        return not self.actions <= {"no-op", "read"}

    @property
    def is_moved(self) -> bool:
        """Whether the address changes."""
        return self.previous_address not in ("", self.address)

    @property
    def is_deferred(self) -> bool:
        """Whether this is a data source that is read during the apply."""
        return self.is_data and "read" in self.actions

    def is_unknown(self, attribute: str) -> bool:
        """Return whether an attribute is at least partly unknown until the apply."""
        mask = self.unknown.get(attribute, False) if isinstance(self.unknown, Mapping) else self.unknown
        return has_true(mask)

    def is_hidden(self, attribute: str) -> bool:
        """Return whether an attribute is at least partly sensitive, before or after the apply."""
        for mask in (self.hidden_before, self.hidden_after):
            # Most resources have no sensitive values.
            if mask and has_true(mask.get(attribute, False) if isinstance(mask, Mapping) else mask):
                return True
        return False


@dataclass(frozen=True)
class Plan:
    """A plan: its changes, the drift, the unchanged resources, and the configuration.

    `hash` is the sha256 of what applying it does, however often the plan is shown. `touched` is every change: resources
    that are created, updated, destroyed, forgotten, moved, imported or read during the apply, including deposed
    objects. `relevant` are the attributes that the changes depend on, as address and name; the name is empty for a
    whole resource.
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
    """Return whether one of Terraform's masks contains true."""
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
    """Return the objects in a list of a plan; empty if it is not a list."""
    return [value for value in values if isinstance(value, Mapping)] if isinstance(values, list) else []
