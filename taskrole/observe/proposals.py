"""What to grant a role for what it was seen to do: exact ARNs, merged, and within IAM's quotas, or nothing.

Only calls that were seen and allowed are proposed. What a tool guessed, and what AWS denied, is for a person to decide.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import chain
from typing import Literal

from taskrole.config.grammar import check_resource
from taskrole.grant import Grant, RoleKind
from taskrole.limits import MOST_MANAGED_POLICIES
from taskrole.observe.generalise import Index, Prefix, generalise, index_of
from taskrole.observe.recording import RecordedCall
from taskrole.observe.usage import Evidence, RoleUsage, Use, evidence_of, merged_evidence
from taskrole.policy.catalogue.actions import known_action
from taskrole.policy.catalogue.resource_types import resource_types, supports_resource
from taskrole.policy.documents.build import PolicyTooLargeError, build_policies
from taskrole.policy.documents.merge import merge_grants
from taskrole.policy.documents.statements import (
    LARGEST_INLINE_SUM,
    LARGEST_MANAGED_POLICY,
    policy_document,
    policy_size,
)

# What roles.yaml takes it as: an action of the catalogue for a task role as a grant, anything else as a statement.
Form = Literal["grants", "statements"]

# Raises PolicyTooLargeError where policies of these grants do not fit beside what the role has.
Fits = Callable[[Sequence[Grant]], object]

_ARN = re.compile("arn:[^:]+:[^:]+:[^:]*:[^:]*:.")
_SUGGESTED = (1000, 500, 200, 100, 50, 20, 10, 5, 3, 2)
_MOST_PREFIXES = 5
_MOST_CHARACTERS = LARGEST_MANAGED_POLICY * MOST_MANAGED_POLICIES


@dataclass(frozen=True)
class Proposal:
    """Actions on resources for one entry of roles.yaml, with the evidence; `prefixes` are the generalised ones."""

    form: Form
    actions: tuple[str, ...]
    resources: tuple[str, ...]
    evidence: Evidence
    prefixes: tuple[Prefix, ...] = ()


@dataclass(frozen=True)
class NotProposed:
    """A use of a role that no entry can be written for, and the reason, a clause; `resource` None: not known."""

    action: str
    resource: str | None
    because: str
    evidence: Evidence


@dataclass(frozen=True)
class TooLarge:
    """That the exact policies do not fit: `excess` characters too many for `resources` ARNs.

    `least` is the number for `--generalise` with which they fit and most of them stay, None where there is none, and
    `prefixes` are the largest ones that it makes.
    """

    excess: int
    resources: int
    least: int | None = None
    prefixes: tuple[Prefix, ...] = ()


@dataclass(frozen=True)
class Proposals:
    """What to add to a role, none where it is `too_large`; `already` is how many uses the role is declared to have."""

    entries: tuple[Proposal, ...] = ()
    not_proposed: tuple[NotProposed, ...] = ()
    already: int = 0
    too_large: TooLarge | None = None


@dataclass
class _Uses:
    """Uses that are written in one form, by action and resource, with an index of each action's resources."""

    resources: dict[str, dict[str, Evidence]] = field(default_factory=lambda: defaultdict(dict))
    _indexes: dict[str, Index] = field(default_factory=dict)

    def add(self, use: Use, evidence: Evidence) -> None:
        known = self.resources[use.action].get(use.resource)
        self.resources[use.action][use.resource] = merged_evidence([known, evidence]) if known else evidence

    def index(self, action: str) -> Index:
        if action not in self._indexes:
            self._indexes[action] = index_of(self.resources[action])
        return self._indexes[action]


@dataclass
class _Sorted:
    """Uses by how they can be written."""

    forms: dict[Form, _Uses] = field(default_factory=lambda: {"grants": _Uses(), "statements": _Uses()})
    refused: list[NotProposed] = field(default_factory=list)
    already: int = 0


def propose(
    usage: RoleUsage,
    kind: RoleKind,
    *,
    least: int | None = None,
    is_declared: Callable[[Use], bool] = lambda _: False,
    fits: Fits | None = None,
) -> Proposals:
    """Return what to add to a role of a kind for what it did.

    `least` is the number of resources from which on they become a prefix, None for exact ARNs only. What is declared
    already is left out.
    """
    found = _sorted(usage, kind, is_declared)
    refused = tuple(sorted([*found.refused, *_unknown(usage.unknown)], key=_order))
    check = fits or partial(_fits_alone, kind)
    entries, excess = _entries(found.forms, kind, least, check)
    if not excess:
        return Proposals(entries, refused, found.already)
    return Proposals((), refused, found.already, _too_large(found.forms, kind, excess, check))


def _sorted(usage: RoleUsage, kind: RoleKind, is_declared: Callable[[Use], bool]) -> _Sorted:
    found = _Sorted()
    for use, evidence in usage.seen.items():
        action = known_action(use.action)
        spelled = Use(action or use.action, use.resource)
        because = _unwritable(use.resource) or (_misfit(spelled) if action else "")
        if is_declared(spelled):
            found.already += 1
        elif because:
            found.refused.append(NotProposed(spelled.action, use.resource, because, evidence))
        else:
            form: Form = "grants" if action and kind == "task" else "statements"
            found.forms[form].add(spelled, evidence)
    return found


def _unwritable(resource: str) -> str:
    """Return why roles.yaml takes no such resource, or nothing."""
    if resource.isascii() and resource.isprintable() and _ARN.match(resource):
        return ""
    return check_resource(resource) or ""


def _misfit(use: Use) -> str:
    """Return why a known action cannot be granted on a resource, or nothing."""
    types = [one.name for one in resource_types(use.action)]
    if use.resource == "*":
        return f"it is made on {', '.join(types)}, and the event names none" if types else ""
    if supports_resource(use.action, use.resource):
        return ""
    return f"it is made on {', '.join(types) if types else '* only'}, which this is not"


def _unknown(calls: Iterable[RecordedCall]) -> Iterable[NotProposed]:
    grouped: dict[tuple[str, str], list[RecordedCall]] = defaultdict(list)
    for call in calls:
        because = call.unknown_because or "its resource is not known"
        grouped[call.action, because].append(call)
    for (action, because), found in grouped.items():
        yield NotProposed(action, None, because, evidence_of(found))


def _order(one: NotProposed) -> tuple[str, str, str]:
    return one.action, one.resource or "", one.because


def _entries(
    forms: Mapping[Form, _Uses], kind: RoleKind, least: int | None, fits: Fits
) -> tuple[tuple[Proposal, ...], int]:
    """Return the entries, and how many characters their policies are too large."""
    by_form = {form: _patterns(uses, least) for form, uses in forms.items()}
    size = sum(len(resource) + 3 for one in by_form.values() for resource in {*chain.from_iterable(one.values())})
    if size > _MOST_CHARACTERS:
        return (), size - _MOST_CHARACTERS
    entries: list[Proposal] = []
    grants: list[Grant] = []
    for form, patterns in by_form.items():
        prefixes = {one.pattern: one for found in patterns.values() for one in found.values() if one}
        # A grant a resource: grants are compared and hashed with all that they hold.
        own = [
            Grant(kind, "OBSERVED", (action,), (resource,), "", "", "")
            for action, found in patterns.items()
            for resource in found
        ]
        grants += own
        for statement in merge_grants(own):
            evidence = [
                forms[form].resources[action][resource]
                for action in statement.actions
                for pattern in statement.resources
                for resource in _resources(pattern, patterns[action][pattern])
            ]
            made = tuple(prefixes[resource] for resource in statement.resources if resource in prefixes)
            entries.append(Proposal(form, statement.actions, statement.resources, merged_evidence(evidence), made))
    try:
        fits(grants)
    except PolicyTooLargeError as error:
        return (), error.excess
    return tuple(sorted(entries, key=lambda one: (one.form, one.actions, one.resources))), 0


def _patterns(uses: _Uses, least: int | None) -> dict[str, Mapping[str, Prefix | None]]:
    """Return the resources of each action, generalised where there are enough."""
    if least is None:
        return {action: dict.fromkeys(found) for action, found in uses.resources.items()}
    return {
        action: generalise(found, least, partial(_can_be_on, action), uses.index(action))
        for action, found in sorted(uses.resources.items())
    }


def _can_be_on(action: str, pattern: str) -> bool:
    return known_action(action) is None or supports_resource(action, pattern)


def _resources(pattern: str, prefix: Prefix | None) -> tuple[str, ...]:
    return prefix.resources if prefix else (pattern,)


def _fits_alone(kind: RoleKind, grants: Sequence[Grant]) -> None:
    """Raise PolicyTooLargeError where a role that has nothing else cannot have these grants."""
    if kind == "task":
        build_policies(grants, kind="inline", base_name="the role")
        return
    require_inline(grants)


def require_inline(grants: Sequence[Grant], used: int = 0) -> None:
    """Raise PolicyTooLargeError where statements of these grants do not fit inline beside `used` characters."""
    size = policy_size(policy_document([one.element() for one in merge_grants(grants)])) if grants else 0
    if used + size > LARGEST_INLINE_SUM:
        raise PolicyTooLargeError("the role", used + size - LARGEST_INLINE_SUM, 0)


def _too_large(forms: Mapping[Form, _Uses], kind: RoleKind, excess: int, fits: Fits) -> TooLarge:
    """Return how much too large it is, and from how many resources on prefixes make it fit."""
    resources = {resource for uses in forms.values() for found in uses.resources.values() for resource in found}
    best: tuple[int, int, dict[str, Prefix]] | None = None
    for least in _SUGGESTED:
        entries, too_many = _entries(forms, kind, least, fits) if least <= len(resources) else ((), 1)
        patterns = len({resource for entry in entries for resource in entry.resources})
        if not too_many and (best is None or patterns > best[0]):
            best = patterns, least, {one.pattern: one for entry in entries for one in entry.prefixes}
    if best is None:
        return TooLarge(excess, len(resources))
    largest = sorted(best[2].values(), key=lambda one: (-len(one.resources), one.pattern))
    return TooLarge(excess, len(resources), best[1], tuple(largest[:_MOST_PREFIXES]))
