"""Resolves roles, task definitions and instance profiles that attributes name by ARN, name or reference.

An unknown value is resolved only if its whole expression is one reference to one resource. All others are not found,
with the reason.
"""

from __future__ import annotations

from collections.abc import Iterable

from taskrole.dataclass import dataclass
from taskrole.plan.configuration import Configuration
from taskrole.plan.documents import SIDES, Side
from taskrole.plan.identity import Accounts, ResourceScope
from taskrole.plan.known_document import AFTER_APPLY
from taskrole.plan.mentions import Mention
from taskrole.plan.model import ROLE, Change, Plan
from taskrole.plan.proofs import AttributePointer, known_text, proved_template
from taskrole.plan.role_policies import value_of
from taskrole.plan.roles import PlannedRole
from taskrole.plan.workload_types import DEFINITIONS, INSTANCE_PROFILE

_KINDS = {ROLE: "role", INSTANCE_PROFILE: "instance profile"} | dict.fromkeys(DEFINITIONS, "task definition")
# The attributes that identify a resource; the id of a role is its name.
_NAMING = frozenset({"arn", "arn_without_revision", "family", "id", "name"})
_MOST_NAMED = 3


@dataclass(frozen=True)
class Unfound:
    """A resource that an attribute names and the plan does not contain: the text of the attribute, and the reason."""

    text: str
    reason: str


class RoleFinder:
    """Resolves the roles and other resources that attributes of workloads name."""

    def __init__(self, plan: Plan, configuration: Configuration, roles: Iterable[PlannedRole]) -> None:
        self.configuration = configuration
        self._accounts = Accounts(configuration)
        self.roles = {role.address: role for role in roles}
        self._outside = [role for role in self.roles.values() if role.change is None and role.is_known]
        self._by_text: dict[tuple[str, Side, str], list[Change]] = {}
        for change in plan.changes:
            if change.type in _KINDS and (not change.is_data or change.type in DEFINITIONS):
                for side in SIDES:
                    for text in _texts(change, side):
                        self._by_text.setdefault((_KINDS[change.type], side, text), []).append(change)

    def role(self, change: Change, mention: Mention, side: Side) -> PlannedRole | Unfound:
        """Return the role that an attribute names, before or after."""
        resource = self.resource(change, mention, side, frozenset({ROLE}))
        if isinstance(resource, Unfound):
            return resource
        role = self.roles.get(resource.address)
        return role or Unfound(resource.address, f"role {resource.address} is not in this plan")

    def role_outside(self, mention: Mention) -> PlannedRole | None:
        """Return the externally managed role of an ARN, if resources of the plan attach policies to it.

        Of such a role, only these policies are known.
        """
        arn = mention.value if isinstance(mention.value, str) else ""
        name, account = arn.rpartition("/")[2], _account(arn)
        roles = [role for role in self._outside if role.name == name and role.account in ("", account)]
        return roles[0] if len(roles) == 1 else None

    def resource(self, change: Change, mention: Mention, side: Side, types: frozenset[str]) -> Change | Unfound:
        """Return the resource of the given types that an attribute names, before or after."""
        kind = next(_KINDS[type_] for type_ in types)
        if mention.value is None:
            return self._referred(change, mention, kind, types)
        text = mention.value if isinstance(mention.value, str) else str(mention.value)
        return self._named(change, text, side, kind)

    def _named(self, change: Change, text: str, side: Side, kind: str) -> Change | Unfound:
        candidates = self._by_text.get((kind, side, text), [])
        if not text.startswith("arn:"):
            candidates = [resource for resource in candidates if self._is_beside(change, resource)]
        elif not candidates and kind != "task definition":
            # A new resource has no ARN yet.
            name = text.rpartition("/")[2]
            candidates = [
                resource
                for resource in self._by_text.get((kind, side, name), [])
                if not value_of(resource, side, "arn")
                and _has_path(resource, side, text)
                and self._is_of(change, resource, text)
            ]
        managed = {resource.address: resource for resource in candidates if not resource.is_data}
        candidates = list(managed.values()) or candidates[:1]
        if len(candidates) == 1:
            if kind != "task definition" or _is_exact(text, candidates[0], side):
                return candidates[0]
            return Unfound(text, f"which revision of {text} is the latest is not in this plan")
        reason = f"several in this plan are {kind} {text}" if candidates else f"{kind} {text} is not in this plan"
        return Unfound(text, reason)

    def _is_beside(self, change: Change, resource: Change) -> bool:
        """Return whether a name refers to a resource, that is, both resources are in the same account."""
        scopes = self._accounts.scope(change), self._accounts.scope(resource)
        if resource.type not in DEFINITIONS:
            return bool(scopes[0].is_same(scopes[1]))
        regions = {(candidate.after or candidate.before or {}).get("region") for candidate in (change, resource)} - {
            None,
            "",
        }
        return scopes[0].provider == scopes[1].provider and len(regions) < 2

    def _is_of(self, change: Change, resource: Change, arn: str) -> bool:
        """Return whether a resource is in the account of an ARN that another resource names."""
        scope = self._accounts.scope(resource)
        is_same = ResourceScope(_account(arn), "").is_same(scope)
        return bool(scope.is_same(self._accounts.scope(change)) if is_same is None else is_same)

    def _referred(self, change: Change, mention: Mention, kind: str, types: frozenset[str]) -> Change | Unfound:
        proof = None
        if mention.template:
            proof = proved_template(mention.template, change.module, change.index, self.configuration)
        is_naming = isinstance(proof, AttributePointer) and proof.change.type in types and proof.attribute in _NAMING
        if not isinstance(proof, AttributePointer) or not is_naming:
            text = known_text(proof)
            if text:
                return self._named(change, text, "after", kind)
            names = ", ".join(mention.references[:_MOST_NAMED])
            return Unfound(names, f"{AFTER_APPLY}{', and refers to ' if names else ''}{names}")
        if proof.change.is_data and kind != "task definition":
            return Unfound(proof.change.address, f"{kind} {proof.change.address} is not in this plan")
        return proof.change


def _texts(change: Change, side: Side) -> set[str]:
    """Return the texts by which attributes name a resource."""
    names = [value_of(change, side, key) for key in ("arn", "name")]
    if change.type in DEFINITIONS:
        family, revision = (value_of(change, side, key) for key in ("family", "revision"))
        family = family or (value_of(change, side, "task_definition") if change.is_data else None)
        names = [names[0], value_of(change, side, "arn_without_revision"), family]
        names += [f"{family}:{revision}" if family and revision else None]
    return {name for name in names if isinstance(name, str) and name}


def _is_exact(text: str, definition: Change, side: Side) -> bool:
    """Return whether a text names one revision of a task definition, or the latest one, which the plan registers."""
    family = value_of(definition, side, "family")
    if text not in (family, value_of(definition, side, "arn_without_revision")):
        return True
    return side == "after" and definition.is_made


def _has_path(resource: Change, side: Side, arn: str) -> bool:
    path, name = value_of(resource, side, "path"), value_of(resource, side, "name")
    return not isinstance(path, str) or f"/{arn.partition('/')[2]}" == f"{path}{name}"


def _account(arn: object) -> str:
    parts = arn.split(":", 5) if isinstance(arn, str) else []
    return parts[4] if len(parts) > 5 else ""
