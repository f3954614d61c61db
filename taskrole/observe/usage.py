"""The recorded usage of roles, by action and resource, with evidence."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import field

from taskrole.dataclass import dataclass
from taskrole.grant import RoleKind
from taskrole.observe.event_rows import is_without_need
from taskrole.observe.recording import LastAccessed, RecordedCall, RecordedContext, Recording, UnmappedEvent
from taskrole.output.lines import count

# Actions that ECS calls with an execution role, and applications do not.
_EXECUTION_ACTIONS = frozenset({"ecr:GetAuthorizationToken", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"})


@dataclass(frozen=True)
class Evidence:
    """The number of calls, the period, and the number of tasks.

    `task_count` is exact if `is_exact`, otherwise a minimum. `tasks` are the ids of some of them.
    """

    count: int
    first: str
    last: str
    tasks: tuple[str, ...] = ()
    task_count: int = 0
    is_exact: bool = True

    @property
    def sentence(self) -> str:
        """Return the evidence as text: `seen 1,412 times by 38 tasks, 2026-09-01 to 2026-11-24`."""
        return f"seen {times(self.count)}{self._by_tasks}, {days_between(self.first, self.last)}"

    @property
    def _by_tasks(self) -> str:
        if not self.task_count:
            return ""
        more = "" if self.is_exact else "at least "
        return f" by {more}{self.task_count:,} {'task' if self.task_count == 1 else 'tasks'}"


def times(number: int) -> str:
    """Return a number of times in words: `once`, `1,412 times`."""
    return "once" if number == 1 else f"{number:,} times"


def days_between(first: str, last: str) -> str:
    """Return the days of two times as text: `2026-09-01 to 2026-11-24`, or a single day."""
    begin, end = first[:10], last[:10]
    return begin if begin == end else f"{begin} to {end}"


def evidence_of(calls: Sequence[RecordedCall]) -> Evidence:
    """Return the merged evidence of at least one call."""
    return merged_evidence([_evidence(call) for call in calls])


def merged_evidence(parts: Sequence[Evidence]) -> Evidence:
    """Return the merged evidence of at least one item."""
    if len(parts) == 1:
        return parts[0]
    tasks = sorted({task for part in parts for task in part.tasks})
    is_exact = all(part.is_exact for part in parts)
    most = max(part.task_count for part in parts)
    return Evidence(
        sum(part.count for part in parts),
        min(part.first for part in parts),
        max(part.last for part in parts),
        tuple(tasks),
        len(tasks) if is_exact else max(most, len(tasks)),
        is_exact,
    )


def _evidence(call: RecordedCall) -> Evidence:
    complete = call.task_count == len(call.tasks)
    return Evidence(call.count, call.first, call.last, call.tasks, call.task_count, complete)


@dataclass(frozen=True, order=True)
class Use:
    """An action on a resource in the form that policies use."""

    action: str
    resource: str


@dataclass
class RoleUsage:
    """The recorded calls of a role.

    `seen` are uses in allowed calls, `contexts` the known parts of their request contexts. `unknown` are allowed calls
    on unknown resources. `guessed` are calls that a tool inferred. `unmapped` are events with unknown permissions,
    `without_need` events that require no grant.
    """

    role: str
    families: tuple[str, ...] = ()
    seen: dict[Use, Evidence] = field(default_factory=dict)
    contexts: dict[Use, tuple[RecordedContext, ...]] = field(default_factory=dict)
    denied: tuple[RecordedCall, ...] = ()
    unknown: tuple[RecordedCall, ...] = ()
    guessed: tuple[RecordedCall, ...] = ()
    unmapped: tuple[UnmappedEvent, ...] = ()
    without_need: tuple[UnmappedEvent, ...] = ()
    last_accessed: Mapping[str, str] | None = None
    evidence: Evidence | None = None

    @property
    def name(self) -> str:
        """Return the name of the role, without its path."""
        return self.role.rpartition("/")[2] if self.role else "unknown role"

    @property
    def kind(self) -> RoleKind:
        """Return the likely kind of the role: an execution role pulls images."""
        actions = {use.action for use in self.seen} | {call.action for call in self.denied}
        return "task" if actions.isdisjoint(_EXECUTION_ACTIONS) else "execution"


def usage_by_role(recording: Recording) -> tuple[RoleUsage, ...]:
    """Return the usage of each role of a recording, sorted by role.

    Calls that a tool inferred without a role belong to the only role of the recording, if there is only one.
    """
    roles = roles_of(recording)
    guessed_for = roles[0] if len(roles) == 1 else ""
    calls: dict[str, list[RecordedCall]] = defaultdict(list)
    for call in recording.calls:
        calls[call.role or (guessed_for if call.basis == "guessed" else "")].append(call)
    unmapped: dict[str, list[UnmappedEvent]] = defaultdict(list)
    for event in recording.unmapped:
        unmapped[event.role].append(event)
    accessed = {service.role: service for service in recording.last_accessed}
    return tuple(_usage(role, calls[role], unmapped[role], accessed.get(role)) for role in roles)


def roles_of(recording: Recording) -> tuple[str, ...]:
    """Return the sorted ARNs of a recording's roles; empty for calls without a role."""
    named = {call.role for call in recording.calls if call.role or call.basis == "seen"}
    named |= {event.role for event in recording.unmapped} | {accessed.role for accessed in recording.last_accessed}
    is_guessed = any(call.basis == "guessed" and not call.role for call in recording.calls)
    return tuple(sorted(named | {""} if is_guessed and len(named) != 1 else named))


def _usage(
    role: str, calls: Sequence[RecordedCall], unmapped: Sequence[UnmappedEvent], accessed: LastAccessed | None
) -> RoleUsage:
    grouped: dict[Use, list[RecordedCall]] = defaultdict(list)
    unknown = []
    for call in calls:
        if call.basis == "guessed" or call.outcome != "allowed":
            continue
        if call.resource is None:
            unknown.append(call)
        else:
            grouped[Use(call.action, call.resource)].append(call)
    seen = [call for call in calls if call.basis == "seen"]
    return RoleUsage(
        role,
        tuple(sorted({call.family for call in calls if call.family})),
        {use: evidence_of(calls) for use, calls in sorted(grouped.items())},
        {use: tuple(sorted({call.context for call in calls})) for use, calls in grouped.items()},
        tuple(call for call in seen if call.outcome == "denied"),
        tuple(unknown),
        tuple(call for call in calls if call.basis == "guessed"),
        tuple(event for event in unmapped if not is_without_need(event.because)),
        tuple(event for event in unmapped if is_without_need(event.because)),
        dict(accessed.services) if accessed else None,
        evidence_of(seen) if seen else None,
    )


def amount(evidence: Evidence) -> str:
    """Return the number of calls and tasks: `12,345 calls by 214 tasks`."""
    number = f"{evidence.count:,} {'call' if evidence.count == 1 else 'calls'}"
    if not evidence.task_count:
        return number
    least = "" if evidence.is_exact else "at least "
    return f"{number} by {least}{count(evidence.task_count, 'task')}"
