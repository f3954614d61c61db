"""Formats a replay as text: the number of allowed calls, every other call, and the statements to add."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import click

from taskrole.check.replay import Replay, ReplayedCall, ReplayEvidence
from taskrole.errors import printable
from taskrole.grant import Grant
from taskrole.observe.blind_spot_text import blind_spot_sentences
from taskrole.observe.blind_spots import blind_spots
from taskrole.observe.recording import UnmappedEvent
from taskrole.observe.role_lines import lines_of_needs
from taskrole.observe.usage import times
from taskrole.output.json_text import json_text
from taskrole.output.lines import count
from taskrole.policy.documents.merge import Statement, merge_grants
from taskrole.policy.evaluation.coverage import Answer

_COLOURS: dict[Answer, str] = {"allowed": "green", "denied": "red", "unknown": "yellow"}
_MOST_SHOWN = 20
_MOST_RESOURCES = 100
_WIDTH = max(map(len, _COLOURS))
_INDENT = " " * (2 + _WIDTH + 2)


def replay_lines(replay: Replay) -> Iterator[str]:
    """Yield the lines of a replay: denied calls first, then unknown ones, then the statements to add."""
    subjects = [subject for subject in (replay.subject, replay.other) if subject]
    title = " and ".join(f"{subject.kind} role {printable(subject.role.name)}" for subject in subjects)
    if not replay.role:
        yield f"{title}: no recorded calls"
        return
    yield f"{title}: {replay_summary(replay)}"
    yield f"  calls of {printable(replay.role)}"
    if replay.other:
        yield "  which of the two makes a call is not recorded: it counts as allowed if one of them allows it"
    yield from _shown([_call_lines(replayed) for replayed in replay.of("denied")], "denied")
    unknown = [_call_lines(replayed) for replayed in replay.of("unknown")]
    yield from _shown([*unknown, *(_event_lines(event) for event in replay.unmapped)], "unknown")
    if replay.refused:
        yield f"  {_refused(replay.refused)}"
    if replay.guessed:
        yield f"  {count(replay.guessed, 'call')} that a tool guessed left out: not recorded"
    yield from _to_add(replay)


def evidence_lines(evidence: ReplayEvidence) -> Iterator[str]:
    """Yield the blind spots of the recorded calls, and the files that were left out."""
    yield "what the recorded calls cannot show:"
    for sentence in blind_spot_sentences(blind_spots(evidence.reach)):
        yield printable(f"  {sentence}")
    for line in evidence.skipped[:_MOST_SHOWN]:
        yield printable(f"  left out: {line}")
    if len(evidence.skipped) > _MOST_SHOWN:
        yield f"  left out: {len(evidence.skipped) - _MOST_SHOWN:,} more"


def replay_summary(replay: Replay) -> str:
    """Return the result of a replay: `12,345 recorded calls by 214 tasks: 12,345 allowed, 0 denied, 3 unknown`."""
    by = f" by {_number(replay.tasks, 'task')}" if replay.tasks else ""
    days = list(dict.fromkeys(time[:10] for time in replay.period if time))
    when = f", {' to '.join(days)}" if days else ""
    answers = ", ".join(f"{replay.count(answer):,} {answer}" for answer in _COLOURS)
    return f"{_number(replay.total, 'recorded call')}{by}{when}: {answers}"


def needed_statements(replay: Replay) -> tuple[Statement, ...]:
    """Return the statements that allow the denied calls whose resources are known."""
    return merge_grants(
        Grant(replay.subject.kind, "REPLAY", (replayed.call.action,), (replayed.call.resource,), "", "", "")
        for replayed in replay.of("denied")
        if replayed.call.resource is not None
    )


def _number(number: int, noun: str) -> str:
    return count(number, noun).replace(str(number), f"{number:,}", 1)


def _shown(parts: Sequence[list[str]], answer: Answer) -> Iterator[str]:
    status = click.style(f"{answer:<{_WIDTH}}", fg=_COLOURS[answer], bold=True)
    for first, *others in parts[:_MOST_SHOWN]:
        yield f"  {status}  {first}"
        yield from others
    if len(parts) > _MOST_SHOWN:
        yield f"  {status}  and {len(parts) - _MOST_SHOWN:,} more; --format json has all"


def _call_lines(replayed: ReplayedCall) -> list[str]:
    call = replayed.call
    by = f", by task {call.tasks[-1]}" if call.tasks else ""
    by += f" and {_number(call.task_count - 1, 'other')}" if call.tasks and call.task_count > 1 else ""
    by += f", family {call.family}" if call.family else ""
    return [
        printable(call.action),
        f"{_INDENT}  {printable(call.resource) if call.resource else 'resource not recorded'}",
        f"{_INDENT}because {printable(replayed.coverage.reason)}",
        f"{_INDENT}called  {times(call.count)}, last {printable(call.last)}{printable(by)}",
    ]


def _event_lines(event: UnmappedEvent) -> list[str]:
    return [
        printable(event.event),
        f"{_INDENT}because {printable(event.because)}",
        f"{_INDENT}called  {times(event.count)}, last {printable(event.last)}",
    ]


def _refused(refused: Sequence[ReplayedCall]) -> str:
    total = sum(replayed.call.count for replayed in refused)
    allowed = sum(replayed.call.count for replayed in refused if replayed.coverage.answer == "allowed")
    would = f"{allowed:,} would be allowed now" if allowed else "none would be allowed now"
    return f"{_number(total, 'call')} that AWS denied then, not counted: {would}"


def _to_add(replay: Replay) -> Iterator[str]:
    statements = needed_statements(replay)
    if not statements:
        return
    # The needs of an execution role are derived from task definitions; the calls of an application are not.
    subject = replay.other if replay.other and replay.other.kind == "task" else replay.subject
    families = sorted({replayed.call.family for replayed in replay.of("denied")} - {""})
    if subject.kind == "execution" and families:
        yield printable(
            f"  the denied calls are of {', '.join(families)}: derive the needs of its tasks from its task definition;"
            " name it under task_definitions"
        )
    resources = {resource for statement in statements for resource in statement.resources}
    if len(resources) > _MOST_RESOURCES:
        yield (
            f"  the denied calls are on {len(resources):,} resources, too many to list; taskrole observe with"
            " --generalise groups them"
        )
        return
    if subject.key:
        yield "  to allow the denied calls, add under roles in roles.yaml:"
        needs = [(statement.actions, statement.resources) for statement in statements]
        text = lines_of_needs(subject.key, subject.kind, needs, "recorded calls need it")
    else:
        yield "  to allow the denied calls, add to a policy of the role:"
        text = json_text([statement.element() for statement in statements])
    yield from (f"    {line}" for line in text.splitlines())
