"""The roles of a plan before and after the apply: trust policy, policies of all resources, and permissions boundary.

"Before" is the refreshed state of the account, including policies that Terraform does not manage. "After" is the result
of the apply, not the intent of the configuration: a role that is replaced under the same name loses every policy that
the plan does not create again, and an unchanged exclusive resource removes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from taskrole.dataclass import dataclass
from taskrole.plan.configuration import Configuration
from taskrole.plan.documents import Side
from taskrole.plan.exclusive import configured, restricted
from taskrole.plan.known_document import joined
from taskrole.plan.links import ROLE_ATTRIBUTES, Link, Links, Slot
from taskrole.plan.model import Change, Plan
from taskrole.plan.role_policies import INLINE, Attached, Policies, value_of
from taskrole.policy.documents.statements import Document


@dataclass(frozen=True)
class RoleState:
    """A role before or after the apply, each policy with the resource that attaches it.

    `trust` is None if it is unknown, for the reason in `trust_problem`. Unlike an EffectiveRole, which
    `sources.plan.role_of_state` returns for it, it contains the address of each part: the review reports changes by
    address.
    """

    name: str | None
    trust: Document | None
    trust_problem: str = ""
    trust_is_hidden: bool = False
    policies: tuple[Attached, ...] = ()
    boundary: Attached | None = None

    @property
    def all_policies(self) -> tuple[Attached, ...]:
        """Its policies, including the permissions boundary."""
        return (*self.policies, self.boundary) if self.boundary else self.policies


@dataclass(frozen=True)
class PlannedRole:
    """A role before and after a plan; `before` or `after` is None if it does not exist.

    `change` is None for a role that another configuration manages: only the policies that this plan attaches are known.
    `is_known` is False for the unidentified role of a resource: `address` is then that of the resource. `stripped` are
    the policies that a replacement removes and the plan does not create again. `addresses` are those of all resources
    that define parts of the role, `given_by_resources` the keys of the policies that any of them attaches, before or
    after.
    """

    address: str
    name: str
    change: Change | None
    before: RoleState | None
    after: RoleState | None
    is_touched: bool
    stripped: tuple[Attached, ...] = ()
    addresses: frozenset[str] = frozenset()
    given_by_resources: frozenset[str] = frozenset()
    is_known: bool = True
    account: str = ""


def planned_roles(plan: Plan, configuration: Configuration) -> tuple[PlannedRole, ...]:
    """Return all roles that a plan creates, keeps, changes or attaches policies to, sorted by address."""
    builder = _Builder(plan, configuration)
    return tuple(builder.role(builder.slots[address]) for address in sorted(builder.slots))


class _Builder:
    def __init__(self, plan: Plan, configuration: Configuration) -> None:
        self.configuration = configuration
        self.policies = Policies(plan, configuration)
        self.slots = Links(configuration).slots

    def role(self, slot: Slot) -> PlannedRole:
        """Return the role of a slot, as far as it is known."""
        before = self.before(slot)
        after = self.after(slot, before)
        links = {link.change.address: link.change for some in slot.links.values() for link in some}
        own = {
            resource.address: resource
            for side in (before, after)
            if side
            for policy in side.all_policies
            for resource in [self.policies.resources.get(policy.key) or self.policies.resources.get(policy.address)]
            if resource is not None
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
            any(change.is_touched for change in concerned),
            self.stripped(slot, after),
            frozenset(change.address for change in concerned),
            frozenset(
                key
                for side, some in slot.links.items()
                for link in some
                for key in self.policies.of_link(link.change, side)
            ),
            is_known=change is not None or bool(slot.name),
            account=slot.scope.account,
        )

    def before(self, slot: Slot) -> RoleState | None:
        change = slot.change
        if (change is not None and change.before is None) or (change is None and not slot.name):
            return None
        policies = self.policies.of_role(change, "before") if change else {}
        for link in slot.links["before"]:
            policies |= self.given(link, "before")
        return self.side(slot, "before", policies)

    def after(self, slot: Slot, before: RoleState | None) -> RoleState | None:
        change = slot.change
        if change is not None and change.is_destroyed:
            return None
        stays = change is None or not change.is_made
        policies = self.kept(slot, before) if stays and before else {}
        if change is not None:
            policies = configured(change, policies, self.policies)
        touched = [link for link in slot.links["after"] if link.change.is_touched]
        policies = self.with_links(policies, touched)
        policies = restricted(policies, touched, self.policies)
        is_forgotten = change is not None and change.is_forgotten
        return self.side(slot, "before" if is_forgotten else "after", policies)

    def with_links(self, policies: Mapping[str, Attached], touched: Iterable[Link]) -> dict[str, Attached]:
        """Return policies with those that resources of the plan create or change; the others have no effect."""
        result = dict(policies)
        writers: dict[str, Link] = {}
        for link in touched:
            for key, policy in self.given(link, "after").items():
                other = writers.setdefault(key, link)
                if other is not link and link.change.type == INLINE:
                    problem = f"{other.change.address} and {link.change.address} write one policy; the last one counts"
                    policy = replace(policy, doubt=joined(problem, policy.doubt))  # noqa: PLW2901
                result[key] = policy
        return result

    def given(self, link: Link, side: Side) -> Mapping[str, Attached]:
        """Return the policies that a resource attaches to a role, by key, with the doubt whether it is this role."""
        policies = self.policies.of_link(link.change, side)
        if not link.doubt:
            return policies
        address, attribute = link.change.address, ROLE_ATTRIBUTES[link.change.type]
        doubted = (
            replace(policy, address=address, attribute=attribute, doubt=joined(link.doubt, policy.doubt))
            for policy in policies.values()
        )
        # Two inline policies of uncertain roles are separate policies, even with the same name.
        if link.change.type == INLINE:
            doubted = (replace(policy, key=f"{policy.key} of {address}") for policy in doubted)
        return {policy.key: policy for policy in doubted}

    def kept(self, slot: Slot, before: RoleState) -> dict[str, Attached]:
        """Return the policies of an existing role, without those that resources of the plan remove."""
        policies = {policy.key: self.policies.refreshed(policy) for policy in before.policies}
        after = {link.change.address for link in slot.links["after"]}
        for link in slot.links["before"]:
            change = link.change
            # A policy is also detached without being destroyed if a resource with several policies no longer names it.
            if change.is_touched and not change.is_forgotten and (change.is_made or change.address not in after):
                for key in self.policies.of_link(change, "before"):
                    policies.pop(key, None)
        return policies

    def stripped(self, slot: Slot, after: RoleState | None) -> tuple[Attached, ...]:
        """Return the policies that a replaced role loses although the configuration still contains them."""
        if slot.change is None or not slot.change.is_replaced or after is None:
            return ()
        kept = {policy.key for policy in after.policies}
        lost = [
            policy
            for link in slot.links["after"]
            if not link.change.is_touched
            for key, policy in self.policies.of_link(link.change, "after").items()
            if key not in kept
        ]
        return tuple(lost)

    def side(self, slot: Slot, side: Side, policies: Mapping[str, Attached]) -> RoleState:
        change = slot.change
        ordered = tuple(policies[key] for key in sorted(policies))
        if change is None:
            return RoleState(slot.name or None, None, policies=ordered)
        trust = self.policies.document(change, "assume_role_policy", side)
        name = value_of(change, side, "name")
        return RoleState(
            name if isinstance(name, str) else None,
            None if trust.problem else trust.document,
            trust.problem,
            trust.is_hidden,
            ordered,
            self.policies.boundary(change, side),
        )


def _prefix(change: Change) -> str:
    """Return the name prefix of a new role that Terraform completes."""
    prefix = value_of(change, "after", "name_prefix") if change.is_made else None
    return f"{prefix}…" if isinstance(prefix, str) and prefix else ""
