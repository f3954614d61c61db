"""Links the policy resources of a plan to roles: by role name within an account, or by reference.

A link whose role is unknown is never dropped: it becomes a doubt of each role that it may belong to, or a role of its
own if there is none.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import field

from taskrole.dataclass import dataclass
from taskrole.plan.candidates import referred
from taskrole.plan.configuration import Configuration
from taskrole.plan.documents import SIDES, Side
from taskrole.plan.identity import Accounts, ResourceScope
from taskrole.plan.known_document import GIVE_SOURCE
from taskrole.plan.model import ROLE, Change
from taskrole.plan.proofs import AttributePointer, proved, proved_template
from taskrole.plan.role_policies import ATTACHMENT, INLINE, MANY_ATTACHMENTS, value_of
from taskrole.plan.templates import referred_names

ONLY_INLINE = "aws_iam_role_policies_exclusive"
ONLY_ATTACHED = "aws_iam_role_policy_attachments_exclusive"

# The attribute that names the role or roles, per type.
ROLE_ATTRIBUTES = {
    INLINE: "role",
    ATTACHMENT: "role",
    MANY_ATTACHMENTS: "roles",
    ONLY_INLINE: "role_name",
    ONLY_ATTACHED: "role_name",
}
_NAMES = frozenset({"name", "id"})


@dataclass(frozen=True)
class Link:
    """A resource that attaches policies to a role; `doubt` is why that is uncertain, empty if it is certain."""

    change: Change
    doubt: str = ""


@dataclass
class Slot:
    """A role being collected: its change, and the resources that attach policies to it, before and after.

    `change` is None for a role that is not in the plan; `name` is then its name, empty if unknown.
    """

    address: str
    change: Change | None
    scope: ResourceScope
    name: str = ""
    links: dict[Side, list[Link]] = field(default_factory=lambda: {"before": [], "after": []})


class Links:
    """The roles of a plan by address, each with the resources that attach policies to it."""

    def __init__(self, configuration: Configuration) -> None:
        self._configuration = configuration
        self._accounts = Accounts(configuration)
        self.slots: dict[str, Slot] = {}
        self._by_name: dict[Side, dict[str, list[Slot]]] = {"before": {}, "after": {}}
        plan = configuration.plan
        for change in plan.changes:
            if change.type == ROLE and not change.is_data:
                slot = self.slots[change.address] = Slot(change.address, change, self._accounts.scope(change))
                for side in SIDES:
                    name = value_of(change, side, "name")
                    if isinstance(name, str):
                        self._by_name[side].setdefault(name, []).append(slot)
        for change in plan.changes:
            if change.type in ROLE_ATTRIBUTES and not change.is_data:
                for side in SIDES:
                    for address, doubt in self._owners(change, side).items():
                        self.slots[address].links[side].append(Link(change, doubt))

    def _owners(self, change: Change, side: Side) -> dict[str, str]:
        """Return the addresses of the roles that a resource names, before or after, each with the doubt about it."""
        if (change.before if side == "before" else change.after) is None:
            return {}
        attribute = ROLE_ATTRIBUTES[change.type]
        value = value_of(change, side, attribute)
        names = value if isinstance(value, list) else [value]
        scope = self._accounts.scope(change)
        owners: dict[str, str] = {}
        for name in names:
            if isinstance(name, str) and name:
                owners |= self._named(name, scope, side)
        if side == "after" and change.is_unknown(attribute):
            owners = {**self._unknown_owners(change, attribute, scope), **owners}
        return owners

    def _unknown_owners(self, change: Change, attribute: str, scope: ResourceScope) -> dict[str, str]:
        templates = self._configuration.templates(change, attribute)
        if templates is not None:
            pointers = [
                proved_template(template, change.module, change.index, self._configuration) for template in templates
            ]
            owners = [self._pointed(pointer, scope) for pointer in pointers]
            if all(owners):
                return {address: doubt for some in owners for address, doubt in some.items()}
        pointer = proved(change, attribute, self._configuration)
        owned = self._pointed(pointer, scope)
        if owned:
            return owned
        via = self._via_link(pointer)
        if via is not None:
            return self._unknown_owners(*via, scope)
        on = referred_names(self._configuration.expression(change, attribute))
        doubt = f"which role gets it is known only after the apply{on}"
        if self._configuration.source is None:
            doubt = f"{doubt}; {GIVE_SOURCE}"
        candidates: dict[str, str] = {}
        for role, _ in referred(change, attribute, ROLE, self._configuration):
            candidates |= dict.fromkeys(dict(self._role(role, scope)), doubt)
        if not candidates:
            self.slots.setdefault(change.address, Slot(change.address, None, scope))
            candidates = {change.address: f"which role gets it is known only after the apply{on}"}
        return candidates

    def _pointed(self, pointer: AttributePointer | str | None, scope: ResourceScope) -> dict[str, str]:
        """Return the roles that a proved value names; empty if it is not proved."""
        if isinstance(pointer, str):
            return self._named(pointer, scope, "after")
        if pointer is not None and pointer.change.type == ROLE and pointer.attribute in _NAMES:
            return dict(self._role(pointer.change, scope))
        return {}

    def _via_link(self, pointer: AttributePointer | str | None) -> tuple[Change, str] | None:
        """Return the attribute of another link that a pointer refers to, if it names the role."""
        if not isinstance(pointer, AttributePointer) or ROLE_ATTRIBUTES.get(pointer.change.type) != pointer.attribute:
            return None
        is_list = pointer.change.type == MANY_ATTACHMENTS
        return None if is_list else (pointer.change, pointer.attribute)

    def _role(self, role: Change, scope: ResourceScope) -> Iterator[tuple[str, str]]:
        """Yield the slots of a referenced role; for a data source, those with its name."""
        if role.address in self.slots:
            yield role.address, ""
            return
        name = value_of(role, "after", "name")
        if role.is_data and isinstance(name, str):
            yield from self._named(name, scope, "after").items()

    def _named(self, name: str, scope: ResourceScope, side: Side) -> dict[str, str]:
        """Return the roles with a name in an account, each with the doubt about it; never empty."""
        for names in (self._by_name[side], self._by_name["after"], self._by_name["before"]):
            slots = names.get(name, [])
            same = [slot for slot in slots if slot.scope.is_same(scope)]
            if len(same) == 1:
                return {same[0].address: ""}
            # If accounts are unknown, a name identifies a role only within one provider configuration.
            maybe = [slot for slot in slots if slot.scope.is_same(scope) is not False]
            if len(maybe) == 1 and not (scope.provider and maybe[0].scope.provider):
                return {maybe[0].address: ""}
            if same:
                return dict.fromkeys((slot.address for slot in same), f"several resources of the plan are role {name}")
            if maybe:
                doubt = f"it names role {name}, and in which account that is, is not known"
                return dict.fromkeys((slot.address for slot in maybe), doubt)
        return {self._outside(name, scope): ""}

    def _outside(self, name: str, scope: ResourceScope) -> str:
        """Return the address of a role that is not in the plan: its name, with the account if there are several."""
        slot = self.slots.setdefault(name, Slot(name, None, scope, name))
        if slot.change is None and slot.scope.is_same(scope) is not False:
            return slot.address
        address = f"{name} in account {scope.account}"
        self.slots.setdefault(address, Slot(address, None, scope, name))
        return address
