"""Sorts the recorded uses of a role: for grants, for statements, or not expressible in roles.yaml."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import field
from typing import Literal

from taskrole.config.value_checks import check_resource
from taskrole.dataclass import dataclass
from taskrole.grant import RoleKind
from taskrole.observe.generalise import NamesByKey, Prefix, index_of
from taskrole.observe.recording import RecordedCall
from taskrole.observe.short_lived import ShortLived, short_lived
from taskrole.observe.usage import Evidence, RoleUsage, Use, evidence_of, merged_evidence
from taskrole.policy.catalogue.actions import known_action
from taskrole.policy.catalogue.resource_types import resource_types, supports_resource

# The key in roles.yaml: a catalogued action of a task role is a grant, all others are statements.
UsesForm = Literal["grants", "statements"]

_ARN = re.compile("arn:[^:]+:[^:]+:[^:]*:[^:]*:.")


@dataclass(frozen=True)
class NotProposed:
    """A use that roles.yaml cannot express, with the reason as a clause; `resource` is None if unknown."""

    action: str
    resource: str | None
    because: str
    evidence: Evidence


@dataclass
class Uses:
    """Uses under one key: the evidence by action and resource."""

    resources: dict[str, dict[str, Evidence]] = field(default_factory=lambda: defaultdict(dict))
    _indexes: dict[str, NamesByKey] = field(default_factory=dict)

    def add(self, use: Use, evidence: Evidence) -> None:
        """Add a use, or evidence to one."""
        known = self.resources[use.action].get(use.resource)
        self.resources[use.action][use.resource] = merged_evidence([known, evidence]) if known else evidence

    def index(self, action: str) -> NamesByKey:
        """Return the index of an action's permanent resources, cached."""
        if action not in self._indexes:
            self._indexes[action] = index_of(self.lasting(action))
        return self._indexes[action]

    def lasting(self, action: str) -> tuple[str, ...]:
        """Return the resources of an action that outlive a task or call."""
        return tuple(resource for resource in self.resources[action] if not short_lived(resource))

    def passing(self, action: str) -> Mapping[str, Prefix]:
        """Return the patterns that replace short-lived resources."""
        patterns: dict[ShortLived, list[str]] = defaultdict(list)
        for resource in self.resources[action]:
            if reason := short_lived(resource):
                patterns[reason].append(resource)
        return {
            pattern.pattern: Prefix(pattern.pattern, tuple(sorted(members)), pattern.kind)
            for pattern, members in patterns.items()
        }


@dataclass
class SortedUses:
    """Uses by key in roles.yaml; `already` is the number of declared uses."""

    forms: dict[UsesForm, Uses] = field(default_factory=lambda: {"grants": Uses(), "statements": Uses()})
    refused: list[NotProposed] = field(default_factory=list)
    already: int = 0


def sort_uses(usage: RoleUsage, kind: RoleKind, is_declared: Callable[[Use], bool]) -> SortedUses:
    """Return the uses of a role, sorted; declared ones are left out and counted."""
    result = SortedUses()
    for use, evidence in usage.seen.items():
        action = known_action(use.action)
        spelled = Use(action or use.action, use.resource)
        because = _unwritable(use.resource) or (_misfit(spelled) if action else "")
        if is_declared(spelled):
            result.already += 1
        elif because:
            result.refused.append(NotProposed(spelled.action, use.resource, because, evidence))
        else:
            form: UsesForm = "grants" if action and kind == "task" else "statements"
            result.forms[form].add(spelled, evidence)
    result.refused = sorted([*result.refused, *_unknown(usage.unknown)], key=_order)
    return result


def _unwritable(resource: str) -> str:
    """Return why roles.yaml does not accept a resource, or an empty string."""
    if resource.isascii() and resource.isprintable() and _ARN.match(resource):
        return ""
    return check_resource(resource) or ""


def _misfit(use: Use) -> str:
    """Return why a known action cannot be granted on a resource, or an empty string."""
    types = [kind.name for kind in resource_types(use.action)]
    if use.resource == "*":
        # A call that does not name a resource of an optional type is made on `*`.
        is_needed = any(kind.required for kind in resource_types(use.action))
        return f"it is made on {', '.join(types)}, and the event does not name one" if is_needed else ""
    if supports_resource(use.action, use.resource):
        return ""
    return f"it is made on {', '.join(types) if types else '* only'}, which this is not"


def _unknown(calls: Iterable[RecordedCall]) -> Iterable[NotProposed]:
    grouped: dict[tuple[str, str], list[RecordedCall]] = defaultdict(list)
    for call in calls:
        because = call.unknown_because or "its resource is not known"
        grouped[call.action, because].append(call)
    for (action, because), uses in grouped.items():
        yield NotProposed(action, None, because, evidence_of(uses))


def _order(use: NotProposed) -> tuple[str, str, str]:
    return use.action, use.resource or "", use.because
