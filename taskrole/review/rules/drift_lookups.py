"""Lookups for the drift rules: roles by name, policies by ARN, and what the plan does about a change."""

from __future__ import annotations

from collections import defaultdict
from functools import cached_property
from typing import Any

from taskrole.plan.documents import SIDES
from taskrole.plan.model import MASK, ROLE, Change
from taskrole.plan.role_policies import ATTACHMENT, INLINE, MANY_ATTACHMENTS, value_of
from taskrole.plan.roles import PlannedRole
from taskrole.policy.documents.statements import Document, as_list
from taskrole.review.denials import document_of_arn, policy_documents
from taskrole.review.drift import outcome_of
from taskrole.review.rules.rule import ReviewedPlan

_ENDS = {
    "undone": "the plan restores it",
    "kept": "the plan leaves it as it is",
    "changed": "the plan changes it again",
    "unknown": "what the plan does about it is known only after the apply",
}


class Drifted:
    """The plan under review, indexed for the drift rules."""

    def __init__(self, reviewed: ReviewedPlan) -> None:
        self._reviewed = reviewed
        self._planned = {change.address: change for change in reviewed.plan.changes}
        self._drifted_roles = {
            change.address: change for change in reviewed.plan.drift if change.type == ROLE and not change.is_data
        }

    def role(self, address: str) -> PlannedRole | None:
        """Return the role at an address; None if the plan has none."""
        judged = self._reviewed.all_roles.get(address)
        return judged.role if judged else None

    def name(self, address: str, change: Change) -> str:
        """Return the name of a role that drifted, masked if it is sensitive."""
        role = self.role(address)
        return role.name if role else MASK if change.is_hidden("name") else str(value_of(change, "before", "name"))

    def end(self, change: Change, attribute: str) -> str:
        """Return what the plan does about an attribute that was changed, as a clause."""
        return _ENDS[outcome_of(change, self._planned.get(change.address), attribute)]

    def document(self, arn: Any) -> Document | None:
        """Return the last known document of a managed policy, from the plan or the data about AWS."""
        return document_of_arn(arn, self._documents)

    def is_boundary(self, policy: Change) -> bool:
        """Return whether a managed policy is the permissions boundary of a role of the plan."""
        arns = [value_of(policy, side, "arn") for side in SIDES]
        return any(isinstance(arn, str) and arn in self._boundaries for arn in arns)

    def reports(self, role: Any) -> bool:
        """Return whether the only role with this name drifted itself."""
        addresses = self._addresses.get(role, set()) if isinstance(role, str) else set()
        return len(addresses) == 1 and not addresses.isdisjoint(self._drifted_roles)

    def is_gone(self, role: Any) -> bool:
        """Return whether the only role with this name was deleted itself."""
        addresses = self._addresses.get(role, set()) if isinstance(role, str) else set()
        return self.reports(role) and all(self._drifted_roles[address].after is None for address in addresses)

    def is_reported(self, change: Change, key: str) -> bool:
        """Return whether the removal of a policy is reported with its own resource; `key` as in PlannedRole."""
        role = value_of(change, "before", "name" if change.type == ROLE else "role_name")
        if not isinstance(role, str):
            return False
        return (role, key) in self._detached and len(self._addresses.get(role, set())) <= 1

    @cached_property
    def _addresses(self) -> dict[str, set[str]]:
        """The addresses of the roles of each name."""
        names: dict[str, set[str]] = defaultdict(set)
        changes = [judged.role.change for judged in self._reviewed.all_roles.values()]
        for change in (*changes, *self._drifted_roles.values()):
            for side in SIDES if change else ():
                name = value_of(change, side, "name") if change else None
                if change and isinstance(name, str):
                    names[name].add(change.address)
        return names

    @cached_property
    def _documents(self) -> dict[str, Document]:
        return policy_documents(self._reviewed.plan)

    @cached_property
    def _boundaries(self) -> set[str]:
        sides = [
            side for judged in self._reviewed.all_roles.values() for side in (judged.role.before, judged.role.after)
        ]
        return {side.boundary.key for side in sides if side and side.boundary}

    @cached_property
    def _detached(self) -> set[tuple[str, str]]:
        """The pairs of role name and policy key that a resource no longer attaches."""
        detached: set[tuple[str, str]] = set()
        for change in self._reviewed.plan.drift:
            if change.type == INLINE and change.after is None:
                old, new, key = [value_of(change, "before", "role")], [], f"inline:{value_of(change, 'before', 'name')}"
            elif change.type in (ATTACHMENT, MANY_ATTACHMENTS):
                attribute = "role" if change.type == ATTACHMENT else "roles"
                old, new = (as_list(value_of(change, side, attribute) or []) for side in SIDES)
                key = str(value_of(change, "before", "policy_arn"))
            else:
                continue
            detached |= {(role, key) for role in old if isinstance(role, str) and role not in new}
        return detached
