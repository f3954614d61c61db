"""Evaluates every recorded call of a role against the policies of the role to check.

Calls that AWS denied when they were recorded are evaluated separately: they are not needs. Calls inferred by a tool are
left out, because they were not made.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from taskrole.dataclass import dataclass
from taskrole.grant import RoleKind
from taskrole.observe.calls import judged_call
from taskrole.observe.event_rows import is_without_need
from taskrole.observe.recording import Reach, RecordedCall, Recording, UnmappedEvent
from taskrole.policy.effective_role import EffectiveRole
from taskrole.policy.evaluation.coverage import Answer, Coverage, Judge
from taskrole.progress import tracked

_BEST_FIRST: tuple[Answer, ...] = ("allowed", "unknown", "denied")


@dataclass(frozen=True)
class ReplaySubject:
    """A role that calls are replayed against; `key` is its key in roles.yaml, empty for a role of another source."""

    kind: RoleKind
    role: EffectiveRole
    key: str = ""


@dataclass(frozen=True)
class ReplayEvidence:
    """The source of recorded calls: the period and scope of the events, and the files left out, one line each."""

    reach: Reach
    skipped: tuple[str, ...] = ()


@dataclass(frozen=True)
class ReplayedCall:
    """A recorded call, with the evaluation against the role to check."""

    call: RecordedCall
    coverage: Coverage


@dataclass(frozen=True)
class Replay:
    """The recorded calls of one role, by ARN, evaluated against a subject; the ARN is empty without recorded calls.

    AWS allowed `calls` when they were recorded, and denied `refused`. `unmapped` are events without a known action:
    unknown. `guessed` is the number of calls that a tool inferred. `tasks` is the number of tasks that made the calls,
    0 if unknown. `other` is the second role if the recorded role served as both: a call is allowed if either role
    allows it, because the recording does not show which of them would make it.
    """

    subject: ReplaySubject
    role: str
    tasks: int
    calls: tuple[ReplayedCall, ...]
    refused: tuple[ReplayedCall, ...] = ()
    unmapped: tuple[UnmappedEvent, ...] = ()
    guessed: int = 0
    other: ReplaySubject | None = None

    def count(self, answer: Answer) -> int:
        """Return how many recorded calls have a result; unknown includes calls without a known action."""
        number = sum(replayed.call.count for replayed in self.calls if replayed.coverage.answer == answer)
        return number + (sum(event.count for event in self.unmapped) if answer == "unknown" else 0)

    @property
    def total(self) -> int:
        """The number of replayed calls."""
        return sum(replayed.call.count for replayed in self.calls) + sum(event.count for event in self.unmapped)

    def of(self, answer: Answer) -> tuple[ReplayedCall, ...]:
        """Return the calls with a result, most frequent first."""
        calls = [replayed for replayed in self.calls if replayed.coverage.answer == answer]
        return tuple(
            sorted(
                calls, key=lambda replayed: (-replayed.call.count, replayed.call.action, replayed.call.resource or "")
            )
        )

    @property
    def period(self) -> tuple[str, str]:
        """The times of the first and the last call, empty without calls."""
        calls: list[RecordedCall | UnmappedEvent] = [*(replayed.call for replayed in self.calls), *self.unmapped]
        return min((call.first for call in calls), default=""), max((call.last for call in calls), default="")


def replay(
    recording: Recording,
    role: str,
    subject: ReplaySubject,
    families: Iterable[str] = (),
    other: ReplaySubject | None = None,
) -> Replay:
    """Return the recorded calls of a role, by its ARN, evaluated against a subject, or against it and `other`.

    `families` limits them to the tasks of these families and of unknown families. Default: all.
    """
    wanted = {*families, ""}
    calls = [call for call in recording.calls if call.role == role and (len(wanted) == 1 or call.family in wanted)]
    seen = [call for call in calls if call.basis == "seen"]
    judges = [Judge(taker.role) for taker in (subject, other) if taker]
    judged = [
        ReplayedCall(call, _best_coverage(judges, call, recording.reach.regions))
        for call in tracked(seen, "replaying recorded calls")
    ]
    return Replay(
        subject,
        role,
        next((caller.tasks for caller in recording.reach.callers if caller.role == role), 0) if len(wanted) == 1 else 0,
        tuple(replayed for replayed in judged if replayed.call.outcome == "allowed"),
        tuple(replayed for replayed in judged if replayed.call.outcome == "denied"),
        tuple(event for event in recording.unmapped if event.role == role and not is_without_need(event.because)),
        len(calls) - len(seen),
        other,
    )


def _best_coverage(judges: Sequence[Judge], recorded: RecordedCall, regions: Sequence[str]) -> Coverage:
    coverages = [_coverage(judge, recorded, regions) for judge in judges]
    return min(coverages, key=lambda coverage: _BEST_FIRST.index(coverage.answer))


def _coverage(judge: Judge, recorded: RecordedCall, regions: Sequence[str]) -> Coverage:
    resource = "*" if recorded.resource is None else recorded.resource
    role = judge.role.arn or recorded.role
    coverage = judge.judge(judged_call(recorded.action, resource, recorded.context, role, regions))
    if recorded.resource is None and coverage.answer == "unknown":
        return Coverage("unknown", f"{coverage.reason}: {recorded.unknown_because or 'the resource is not recorded'}")
    return coverage
