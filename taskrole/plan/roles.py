"""The roles of a plan, before and after it: who may assume each, its policies from wherever they come, its boundary.

Before is what the refresh has found in the account, policies that Terraform does not know of included. After is what
the apply makes of it, not what the configuration means: a role that is replaced under its name loses every policy that
the plan does not also make anew.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from taskrole.plan.configuration import Configuration
from taskrole.plan.documents import SIDES, Side
from taskrole.plan.model import ROLE, Change, Plan
from taskrole.plan.role_policies import (
    AFTER_APPLY,
    ATTACHMENT,
    INLINE,
    MANY_ATTACHMENTS,
    Attached,
    AttachedKind,
    Policies,
    value_of,
)
from taskrole.policy.documents.statements import Document

ONLY_INLINE = "aws_iam_role_policies_exclusive"
ONLY_ATTACHED = "aws_iam_role_policy_attachments_exclusive"

# By what each resource names the role, or roles, that it is about.
_ROLE_ATTRIBUTES = {
    INLINE: "role",
    ATTACHMENT: "role",
    MANY_ATTACHMENTS: "roles",
    ONLY_INLINE: "role_name",
    ONLY_ATTACHED: "role_name",
}


@dataclass(frozen=True)
class RoleSide:
    """A role at one time. `trust` is None where it is not known, and `trust_problem` says why."""

    name: str | None
    trust: Document | None
    trust_problem: str = ""
    trust_is_hidden: bool = False
    policies: tuple[Attached, ...] = ()
    boundary: Attached | None = None

    @property
    def all_policies(self) -> tuple[Attached, ...]:
        """Its policies, and its boundary where it has one."""
        return (*self.policies, self.boundary) if self.boundary else self.policies


@dataclass(frozen=True)
class PlannedRole:
    """A role before and after a plan; None where it does not exist.

    `change` is None for a role that other configurations look after: only what this plan attaches to it is known.
    `stripped` are the policies that a replacement takes away and the plan does not give back. `addresses` are those of
    all resources that say anything about the role, `given_by_resources` the keys of the policies that any of them
    gives to it, before or after.
    """

    address: str
    name: str
    change: Change | None
    before: RoleSide | None
    after: RoleSide | None
    is_touched: bool
    stripped: tuple[Attached, ...] = ()
    addresses: frozenset[str] = frozenset()
    given_by_resources: frozenset[str] = frozenset()


def planned_roles(plan: Plan, configuration: Configuration) -> tuple[PlannedRole, ...]:
    """Return all roles that a plan makes, keeps, changes or attaches policies to, sorted by address."""
    builder = _Builder(plan, configuration)
    return tuple(builder.role(builder.slots[address]) for address in sorted(builder.slots))


@dataclass
class _Slot:
    """What is collected about one role: its own change, and the resources that give it policies, by time."""

    address: str
    change: Change | None
    links: dict[Side, list[Change]] = field(default_factory=lambda: {"before": [], "after": []})


class _Builder:
    def __init__(self, plan: Plan, configuration: Configuration) -> None:
        self.configuration = configuration
        self.policies = Policies(plan, configuration)
        self.slots: dict[str, _Slot] = {}
        self.by_name: dict[Side, dict[str, str]] = {"before": {}, "after": {}}
        for change in plan.changes:
            if change.type == ROLE and not change.is_data:
                self.slots[change.address] = _Slot(change.address, change)
                for side in SIDES:
                    name = value_of(change, side, "name")
                    if isinstance(name, str):
                        self.by_name[side].setdefault(name, change.address)
        for change in plan.changes:
            if change.type in _ROLE_ATTRIBUTES:
                for side in SIDES:
                    for address in self.owners(change, side):
                        self.slots[address].links[side].append(change)

    def owners(self, change: Change, side: Side) -> set[str]:
        """Return the addresses of the roles that a resource is about, at one time."""
        values = change.before if side == "before" else change.after
        if values is None:
            return set()
        attribute = _ROLE_ATTRIBUTES[change.type]
        value = values.get(attribute)
        names = value if isinstance(value, list) else [value]
        found = {self.named(name, side) for name in names if isinstance(name, str) and name}
        if side == "after" and change.is_unknown(attribute):
            referred = self.configuration.referred(change, attribute, ROLE)
            found |= {role.address for role, _ in referred if role.address in self.slots}
        return found

    def named(self, name: str, side: Side) -> str:
        """Return the address of the role of a name; a role that is not in the plan goes by its name."""
        for names in (self.by_name[side], self.by_name["after"], self.by_name["before"]):
            if name in names:
                return names[name]
        self.slots.setdefault(name, _Slot(name, None))
        return name

    def role(self, slot: _Slot) -> PlannedRole:
        """Return what is known of a role."""
        before = self.before(slot)
        after = self.after(slot, before)
        links = {link.address: link for side in SIDES for link in slot.links[side]}
        own = {
            policy.address: self.policies.resources[policy.address]
            for side in (before, after)
            if side
            for policy in side.all_policies
            if policy.address in self.policies.resources
        }
        change = slot.change
        name = (after and after.name) or (change and _prefix(change)) or (before and before.name) or slot.address
        is_secret = change is not None and (change.is_hidden("name") or change.is_hidden("name_prefix"))
        concerned = (*([change] if change else ()), *links.values(), *own.values())
        return PlannedRole(
            slot.address,
            slot.address if is_secret else name,
            change,
            before,
            after,
            any(one.is_touched for one in concerned),
            self.stripped(slot, after),
            frozenset(one.address for one in concerned),
            frozenset(key for side in SIDES for link in slot.links[side] for key in self.policies.of_link(link, side)),
        )

    def before(self, slot: _Slot) -> RoleSide | None:
        change = slot.change
        if change is not None and change.before is None:
            return None
        policies = self.policies.of_role(change, "before") if change else {}
        for link in slot.links["before"]:
            policies |= self.policies.of_link(link, "before")
        return self.side(slot, "before", policies)

    def after(self, slot: _Slot, before: RoleSide | None) -> RoleSide | None:
        change = slot.change
        if change is not None and change.is_destroyed:
            return None
        if change is not None and change.is_forgotten:
            return before
        stays = change is None or not change.is_made
        policies = self.kept(slot, before) if stays and before else {}
        if change is not None:
            policies = self.configured(change, policies)
        for link in slot.links["after"]:
            if stays or link.is_touched:
                policies |= self.policies.of_link(link, "after")
        policies = self.only(policies, slot.links["after"])
        return self.side(slot, "after", {key: self.policies.refreshed(one) for key, one in policies.items()})

    def kept(self, slot: _Slot, before: RoleSide) -> dict[str, Attached]:
        """Return the policies of a role that stays, without those that resources of the plan take away."""
        policies = {policy.key: policy for policy in before.policies}
        after = {link.address for link in slot.links["after"]}
        for link in slot.links["before"]:
            # A policy can also leave a role without being destroyed: as one of several that a resource names.
            if link.is_touched and not link.is_forgotten and (link.is_made or link.address not in after):
                for key in self.policies.of_link(link, "before"):
                    policies.pop(key, None)
        return policies

    def stripped(self, slot: _Slot, after: RoleSide | None) -> tuple[Attached, ...]:
        """Return the policies that a replaced role loses although the configuration still gives them to it."""
        if slot.change is None or not slot.change.is_replaced or after is None:
            return ()
        kept = {policy.key for policy in after.policies}
        lost = [
            policy
            for link in slot.links["after"]
            if not link.is_touched
            for key, policy in self.policies.of_link(link, "after").items()
            if key not in kept
        ]
        return tuple(lost)

    def configured(self, change: Change, policies: dict[str, Attached]) -> dict[str, Attached]:
        """Return a role's policies where its own configuration lists them, which makes it remove all others."""
        own = self.policies.of_role(change, "after")
        kinds: tuple[tuple[str, AttachedKind], ...] = (("inline_policy", "inline"), ("managed_policy_arns", "managed"))
        for attribute, kind in kinds:
            if self.configuration.is_set(change, attribute):
                is_inline = kind == "inline"
                policies = {key: one for key, one in policies.items() if (one.kind == "inline") != is_inline}
                policies |= {key: one for key, one in own.items() if (one.kind == "inline") == is_inline}
                if change.is_unknown(attribute):
                    key = f"{change.address}.{attribute}"
                    policies[key] = Attached(key, attribute, kind, None, change.address, attribute, AFTER_APPLY)
        return policies

    def only(self, policies: dict[str, Attached], links: Sequence[Change]) -> dict[str, Attached]:
        """Return what exclusive resources leave of a role's policies; the one of attachments also attaches."""
        for link in links:
            values = link.after or {}
            if link.type == ONLY_INLINE and not link.is_unknown("policy_names"):
                names = values.get("policy_names")
                keys = {f"inline:{name}" for name in (names if isinstance(names, list) else ())}
                policies = {key: one for key, one in policies.items() if one.kind != "inline" or one.key in keys}
            elif link.type == ONLY_ATTACHED and not link.is_unknown("policy_arns"):
                arns = [arn for arn in values.get("policy_arns") or () if isinstance(arn, str)]
                kept = {key: one for key, one in policies.items() if one.kind == "inline" or key in arns}
                policies = {**{arn: self.policies.named(link, "policy_arns", arn, "after") for arn in arns}, **kept}
        return policies

    def side(self, slot: _Slot, side: Side, policies: Mapping[str, Attached]) -> RoleSide:
        change = slot.change
        ordered = tuple(policies[key] for key in sorted(policies))
        if change is None:
            return RoleSide(slot.address, None, policies=ordered)
        trust = self.policies.document(change, "assume_role_policy", side)
        name = value_of(change, side, "name")
        return RoleSide(
            name if isinstance(name, str) else None,
            None if trust.problem else trust.document,
            trust.problem,
            trust.is_hidden,
            ordered,
            self.policies.boundary(change, side),
        )


def _prefix(change: Change) -> str:
    """Return what a new role's name begins with, where Terraform completes it."""
    prefix = value_of(change, "after", "name_prefix") if change.is_made else None
    return f"{prefix}…" if isinstance(prefix, str) and prefix else ""
