"""Proposes grants for recorded calls of a role: exact ARNs, merged, within IAM's quotas, or none.

Only recorded and allowed calls are proposed, not calls inferred by a tool or denied by AWS.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from itertools import chain

from taskrole.dataclass import dataclass
from taskrole.grant import Grant, RoleKind
from taskrole.limits import MOST_MANAGED_POLICIES
from taskrole.observe.generalise import Prefix, generalise
from taskrole.observe.sorted_uses import NotProposed, Uses, UsesForm, sort_uses
from taskrole.observe.usage import Evidence, RoleUsage, Use, merged_evidence
from taskrole.policy.documents.build import PolicyTooLargeError, build_policies
from taskrole.policy.documents.merge import merge_grants, statements_document
from taskrole.policy.documents.statements import (
    LARGEST_INLINE_SUM,
    LARGEST_MANAGED_POLICY,
    policy_size,
)

# Raises PolicyTooLargeError if policies with these grants do not fit in addition to the existing ones.
Fits = Callable[[Sequence[Grant]], object]

_SUGGESTED = (1000, 500, 200, 100, 50, 20, 10, 5, 3, 2)
_MOST_PREFIXES = 5
_MOST_CHARACTERS = LARGEST_MANAGED_POLICY * MOST_MANAGED_POLICIES


@dataclass(frozen=True)
class Proposal:
    """Actions on resources for one entry of roles.yaml, with the evidence; `prefixes` are generalised resources."""

    form: UsesForm
    actions: tuple[str, ...]
    resources: tuple[str, ...]
    evidence: Evidence
    prefixes: tuple[Prefix, ...] = ()


@dataclass(frozen=True)
class TooLarge:
    """The exact policies are too large: by `excess` characters, for `resources` ARNs.

    `least` is the largest number for `--generalise` with which they fit, None if there is none, and `prefixes` are the
    largest resulting ones.
    """

    excess: int
    resources: int
    least: int | None = None
    prefixes: tuple[Prefix, ...] = ()


@dataclass(frozen=True)
class Proposals:
    """The proposals for a role, empty if `too_large`; `already` counts the uses that the role already allows."""

    entries: tuple[Proposal, ...] = ()
    not_proposed: tuple[NotProposed, ...] = ()
    already: int = 0
    too_large: TooLarge | None = None


def propose(
    usage: RoleUsage,
    kind: RoleKind,
    *,
    least: int | None = None,
    is_declared: Callable[[Use], bool] = lambda _: False,
    fits: Fits | None = None,
) -> Proposals:
    """Return the proposals for a role of a kind.

    `least` is the number of resources from which they become a prefix, None for exact ARNs only. Declared permissions
    are left out.
    """
    sorted_uses = sort_uses(usage, kind, is_declared)
    refused = tuple(sorted_uses.refused)
    check = fits or partial(_fits_alone, kind)
    entries, excess = _entries(sorted_uses.forms, kind, least, check)
    if not excess:
        return Proposals(entries, refused, sorted_uses.already)
    return Proposals((), refused, sorted_uses.already, _too_large(sorted_uses.forms, kind, excess, check))


def _entries(
    forms: Mapping[UsesForm, Uses], kind: RoleKind, least: int | None, fits: Fits
) -> tuple[tuple[Proposal, ...], int]:
    """Return the entries, and the number of characters by which their policies are too large."""
    by_form = {form: _patterns(uses, least) for form, uses in forms.items()}
    size = sum(len(resource) + 3 for uses in by_form.values() for resource in {*chain.from_iterable(uses.values())})
    if size > _MOST_CHARACTERS:
        return (), size - _MOST_CHARACTERS
    entries: list[Proposal] = []
    grants: list[Grant] = []
    for form, patterns in by_form.items():
        prefixes = {
            pattern.pattern: pattern for by_resource in patterns.values() for pattern in by_resource.values() if pattern
        }
        # One grant per resource: comparing and hashing a grant takes time proportional to its size.
        own = [
            Grant(kind, "OBSERVED", (action,), (resource,), "", "", "")
            for action, by_resource in patterns.items()
            for resource in by_resource
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
    return tuple(sorted(entries, key=lambda entry: (entry.form, entry.actions, entry.resources))), 0


def _patterns(uses: Uses, least: int | None) -> dict[str, Mapping[str, Prefix | None]]:
    """Return the resources of each action, generalised if there are enough or if they are short-lived."""
    return {
        action: {
            **(
                dict.fromkeys(uses.lasting(action))
                if least is None
                else generalise(uses.lasting(action), least, uses.index(action))
            ),
            **uses.passing(action),
        }
        for action in sorted(uses.resources)
    }


def _resources(pattern: str, prefix: Prefix | None) -> tuple[str, ...]:
    return prefix.resources if prefix else (pattern,)


def _fits_alone(kind: RoleKind, grants: Sequence[Grant]) -> None:
    """Raise PolicyTooLargeError if a role without other policies cannot have these grants."""
    if kind == "task":
        build_policies(grants, kind="inline", base_name="the role")
        return
    require_inline(grants)


def require_inline(grants: Sequence[Grant], used: int = 0) -> None:
    """Raise PolicyTooLargeError if statements with these grants do not fit inline in addition to `used` characters."""
    size = policy_size(statements_document(merge_grants(grants))) if grants else 0
    if used + size > LARGEST_INLINE_SUM:
        raise PolicyTooLargeError("the role", used + size - LARGEST_INLINE_SUM, 0)


def _too_large(forms: Mapping[UsesForm, Uses], kind: RoleKind, excess: int, fits: Fits) -> TooLarge:
    """Return by how much the policies are too large, and the number of resources from which prefixes make them fit."""
    resources = {resource for uses in forms.values() for members in uses.resources.values() for resource in members}
    best: tuple[int, int, dict[str, Prefix]] | None = None
    for least in _SUGGESTED:
        entries, too_many = _entries(forms, kind, least, fits) if least <= len(resources) else ((), 1)
        patterns = len({resource for entry in entries for resource in entry.resources})
        if not too_many and (best is None or patterns > best[0]):
            best = patterns, least, {prefix.pattern: prefix for entry in entries for prefix in entry.prefixes}
    if best is None:
        return TooLarge(excess, len(resources))
    largest = sorted(best[2].values(), key=lambda pattern: (-len(pattern.resources), pattern.pattern))
    return TooLarge(excess, len(resources), best[1], tuple(largest[:_MOST_PREFIXES]))
