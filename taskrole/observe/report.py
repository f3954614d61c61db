"""The report of `taskrole observe`: proposals and unused permissions of each role, and blind spots of the evidence."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from taskrole.dataclass import dataclass
from taskrole.grant import RoleKind
from taskrole.observe.blind_spots import BlindSpots, blind_spots, needed_beside
from taskrole.observe.calls import judged_call
from taskrole.observe.denial_words import denial_clause
from taskrole.observe.granted import RoleComparison, compare_usage
from taskrole.observe.proposals import Fits, Proposals, propose
from taskrole.observe.recording import Reach, RecordedCall, Recording
from taskrole.observe.usage import Evidence, RoleUsage, Use, evidence_of, usage_by_role
from taskrole.policy.effective_role import EffectiveRole
from taskrole.policy.evaluation.coverage import Judge
from taskrole.policy.patterns import overlaps


@dataclass(frozen=True)
class DeniedUse:
    """A denied call and the reason; `resource` is None if unknown. `since_allowed`: AWS allowed it later."""

    action: str
    resource: str | None
    reason: str
    evidence: Evidence
    since_allowed: bool = False


@dataclass(frozen=True)
class Guess:
    """A permission that a tool inferred without a recorded call; `is_seen`: a recorded call confirms it."""

    action: str
    resource: str | None
    tool: str
    is_seen: bool


@dataclass(frozen=True)
class KnownRole:
    """The declaration of a role.

    `compared` is the role to compare with, `declared` the part of it that roles.yaml generates from task definitions,
    grants and statements, which is not proposed again. `fits` rejects grants that are too large in addition to it.
    """

    kind: RoleKind | None = None
    compared: EffectiveRole | None = None
    declared: EffectiveRole | None = None
    fits: Fits | None = None
    title: str = ""


@dataclass(frozen=True)
class RoleReport:
    """A role: its calls, the proposals for it, and the usage of its permissions.

    `is_kind_known` is True if its kind is declared rather than inferred. `beside` are sentences on unrecorded calls
    that accompany its calls. `title` is its key in roles.yaml, or empty.
    """

    usage: RoleUsage
    kind: RoleKind
    proposals: Proposals
    comparison: RoleComparison | None
    denied: tuple[DeniedUse, ...]
    guesses: tuple[Guess, ...]
    beside: tuple[str, ...] = ()
    title: str = ""
    is_kind_known: bool = False


@dataclass(frozen=True)
class ObserveReport:
    """All roles of the evidence, and its reach."""

    roles: tuple[RoleReport, ...]
    reach: Reach
    blind_spots: BlindSpots
    skipped: tuple[str, ...] = ()

    @property
    def is_too_large(self) -> bool:
        """Return whether a role has no proposals because the exact policies are too large."""
        return any(role.proposals.too_large for role in self.roles)


def observed(
    recording: Recording, known: Mapping[str, KnownRole] | None = None, *, least: int | None = None
) -> ObserveReport:
    """Return the report of a recording; `known` are its declared roles, by ARN.

    `least` is the number of resources from which they are generalised.
    """
    usages = usage_by_role(recording)
    beside = needed_beside(usages)
    facts = known or {}
    roles = (
        _role(usage, facts.get(usage.role, KnownRole()), recording.reach, beside[usage.role], least) for usage in usages
    )
    return ObserveReport(tuple(roles), recording.reach, blind_spots(recording.reach), recording.skipped)


def _role(usage: RoleUsage, known: KnownRole, reach: Reach, beside: tuple[str, ...], least: int | None) -> RoleReport:
    kind = known.kind or usage.kind
    judge = Judge(known.declared) if known.declared else None

    def is_declared(use: Use) -> bool:
        calls = (
            judged_call(use.action, use.resource, context, usage.role or None, reach.regions)
            for context in usage.contexts.get(use, ((),))
        )
        return judge is not None and all(judge.judge(call).answer == "allowed" for call in calls)

    return RoleReport(
        usage,
        kind,
        propose(usage, kind, least=least, is_declared=is_declared, fits=known.fits),
        compare_usage(known.compared, usage, reach.data_services) if known.compared else None,
        tuple(_denied(usage)),
        tuple(_guesses(usage)),
        beside,
        known.title,
        known.kind is not None,
    )


def _denied(usage: RoleUsage) -> Iterable[DeniedUse]:
    grouped: dict[tuple[str, str, str], list[RecordedCall]] = defaultdict(list)
    for call in usage.denied:
        grouped[call.action, call.resource or "", denial_clause(call.denial)].append(call)
    for (action, resource, reason), calls in sorted(grouped.items()):
        evidence = evidence_of(calls)
        later = usage.seen.get(Use(action, resource))
        yield DeniedUse(action, resource or None, reason, evidence, bool(later and later.last > evidence.last))


def _guesses(usage: RoleUsage) -> Iterable[Guess]:
    seen: dict[str, list[str]] = defaultdict(list)
    for use in usage.seen:
        seen[use.action].append(use.resource)
    for action, resource, tool in sorted({(call.action, call.resource or "", call.event) for call in usage.guessed}):
        yield Guess(action, resource or None, tool, _is_seen(resource, seen[action]))


def _is_seen(pattern: str, resources: Sequence[str]) -> bool:
    return any(overlaps(pattern, resource) for resource in resources) if pattern else bool(resources)
