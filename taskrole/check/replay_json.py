"""Formats a replay as JSON."""

from __future__ import annotations

from typing import Any

from taskrole.check.replay import Replay, ReplayedCall, ReplayEvidence
from taskrole.check.replay_text import needed_statements
from taskrole.observe.blind_spots import blind_spots
from taskrole.observe.json_report import blind_spots_data
from taskrole.observe.recording import UnmappedEvent


def replay_data(replay: Replay) -> dict[str, Any]:
    """Return the data of a replay; for allowed calls, only their number."""
    first, last = replay.period
    return {
        "kind": replay.subject.kind,
        "role": replay.subject.role.name,
        "other_role": replay.other.role.name if replay.other else None,
        "calls_of": replay.role,
        "tasks": replay.tasks,
        "first": first,
        "last": last,
        "recorded_calls": replay.total,
        "allowed": replay.count("allowed"),
        "denied": replay.count("denied"),
        "unknown": replay.count("unknown"),
        "calls": [_call(replayed) for answer in ("denied", "unknown") for replayed in replay.of(answer)],
        "unmapped": [_event(event) for event in replay.unmapped],
        "denied_then": [_call(replayed) for replayed in replay.refused],
        "guessed": replay.guessed,
        "statements": [statement.element() for statement in needed_statements(replay)],
    }


def evidence_data(evidence: ReplayEvidence) -> dict[str, Any]:
    """Return the data on the source of recorded calls, with its blind spots."""
    reach = evidence.reach
    return {
        "events": reach.events,
        "first": reach.first,
        "last": reach.last,
        "accounts": list(reach.accounts),
        "regions": list(reach.regions),
        "blind_spots": blind_spots_data(blind_spots(reach)),
        "skipped": list(evidence.skipped),
    }


def _call(replayed: ReplayedCall) -> dict[str, Any]:
    call = replayed.call
    return {
        "answer": replayed.coverage.answer,
        "action": call.action,
        "resource": call.resource,
        "why": replayed.coverage.reason,
        "count": call.count,
        "first": call.first,
        "last": call.last,
        "tasks": list(call.tasks),
        "task_count": call.task_count,
        "event": call.event,
        "family": call.family,
    }


def _event(event: UnmappedEvent) -> dict[str, Any]:
    return {
        "event": event.event,
        "why": event.because,
        "count": event.count,
        "first": event.first,
        "last": event.last,
    }
