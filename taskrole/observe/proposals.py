"""What to grant a role for what it was seen to do: exact ARNs, merged, and within IAM's quotas, or nothing.

Only calls that were seen and allowed are proposed. What a tool guessed, and what AWS denied, is for a person to decide.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import chain

from taskrole.grant import Grant, RoleKind
from taskrole.limits import MOST_MANAGED_POLICIES
from taskrole.observe.generalise import Prefix, generalise
from taskrole.observe.sorted_uses import NotProposed, Uses, UsesForm, sort_uses
from taskrole.observe.usage import Evidence, RoleUsage, Use, merged_evidence
from taskrole.policy.documents.build import PolicyTooLargeError, build_policies
from taskrole.policy.documents.merge import merge_grants
from taskrole.policy.documents.statements import (
    LARGEST_INLINE_SUM,
    LARGEST_MANAGED_POLICY,
    policy_document,
    policy_size,
)

# Raises PolicyTooLargeError where policies of these grants do not fit beside what the role has.
Fits = Callable[[Sequence[Grant]], object]

_SUGGESTED = (1000, 500, 200, 100, 50, 20, 10, 5, 3, 2)
_MOST_PREFIXES = 5
_MOST_CHARACTERS = LARGEST_MANAGED_POLICY * MOST_MANAGED_POLICIES


@dataclass(frozen=True)
class Proposal:
    """Actions on resources for one entry of roles.yaml, with the evidence; `prefixes` are the generalised ones."""

    form: UsesForm
    actions: tuple[str, ...]
    resources: tuple[str, ...]
    evidence: Evidence
    prefixes: tuple[Prefix, ...] = ()


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
    found = sort_uses(usage, kind, is_declared)
    refused = tuple(found.refused)
    check = fits or partial(_fits_alone, kind)
    entries, excess = _entries(found.forms, kind, least, check)
    if not excess:
        return Proposals(entries, refused, found.already)
    return Proposals((), refused, found.already, _too_large(found.forms, kind, excess, check))


def _entries(
    forms: Mapping[UsesForm, Uses], kind: RoleKind, least: int | None, fits: Fits
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


def _patterns(uses: Uses, least: int | None) -> dict[str, Mapping[str, Prefix | None]]:
    """Return the resources of each action, generalised where there are enough, and where they are short-lived."""
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
    """Raise PolicyTooLargeError where a role that has nothing else cannot have these grants."""
    if kind == "task":
        build_policies(grants, kind="inline", base_name="the role")
        return
    require_inline(grants)


def require_inline(grants: Sequence[Grant], used: int = 0) -> None:
    """Raise PolicyTooLargeError where statements of these grants do not fit inline beside `used` characters."""
    size = policy_size(policy_document([statement.element() for statement in merge_grants(grants)])) if grants else 0
    if used + size > LARGEST_INLINE_SUM:
        raise PolicyTooLargeError("the role", used + size - LARGEST_INLINE_SUM, 0)


def _too_large(forms: Mapping[UsesForm, Uses], kind: RoleKind, excess: int, fits: Fits) -> TooLarge:
    """Return how much too large it is, and from how many resources on prefixes make it fit."""
    resources = {resource for uses in forms.values() for found in uses.resources.values() for resource in found}
    best: tuple[int, int, dict[str, Prefix]] | None = None
    for least in _SUGGESTED:
        entries, too_many = _entries(forms, kind, least, fits) if least <= len(resources) else ((), 1)
        patterns = len({resource for entry in entries for resource in entry.resources})
        if not too_many and (best is None or patterns > best[0]):
            best = patterns, least, {prefix.pattern: prefix for entry in entries for prefix in entry.prefixes}
    if best is None:
        return TooLarge(excess, len(resources))
    largest = sorted(best[2].values(), key=lambda one: (-len(one.resources), one.pattern))
    return TooLarge(excess, len(resources), best[1], tuple(largest[:_MOST_PREFIXES]))
