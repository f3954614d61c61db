"""Explains why no recorded call matches: the filter without matches, and the existing values."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from taskrole.errors import InputError, Place, Problem, quote
from taskrole.observe.filters import Filters
from taskrole.observe.recording import Recording
from taskrole.observe.usage import days_between

_MOST_ROLES = 5


def refuse_empty(recording: Recording, filters: Filters, sources: Sequence[str], period: str) -> None:
    """Raise InputError for a recording without role calls, with the filter that matched nothing.

    `period` is the time option, `--from 2026-09-01`, or empty.
    """
    if recording.calls or recording.unmapped or recording.last_accessed:
        return
    raise InputError(list(_problems(recording, filters, sources, period)))


def _problems(recording: Recording, filters: Filters, sources: Sequence[str], period: str) -> Iterator[Problem]:
    reach = recording.reach
    named = ", ".join(sources) or "the sources"
    if not reach.events:
        when = f" in that time: {period}" if period else ""
        skipped = f"; not read: {recording.skipped[0]}" if recording.skipped else ""
        yield Problem(Place(named), f"has no events{when}{skipped}")
        return
    when = f" of {days_between(reach.first, reach.last)}" if reach.first else ""
    events = f"{reach.events:,} events{when}"
    callers = sorted(reach.callers, key=lambda reached: (-reached.events, reached.role))
    names = [caller.role for caller in callers if caller.role]
    if filters.role and not any(_is_role(filters.role, name) for name in names):
        more = ", …" if len(names) > _MOST_ROLES else ""
        there = f"there are {', '.join(names[:_MOST_ROLES])}{more}" if names else "no event was made by a role"
        yield Problem(Place(f"--role {filters.role}"), f"matches none of {events}; {there}")
        return
    if filters.family:
        message = (
            f"matches none of {events}; families are known only if the evidence has the RunTask or StartTask events; "
            "select by --role"
        )
        yield Problem(Place(f"--family {quote(filters.family)}"), message)
        return
    yield Problem(Place(period or named), f"none of {events} is a call of a role")


def _is_role(wanted: str, arn: str) -> bool:
    return arn == wanted or (":" not in wanted and arn.rpartition("/")[2] == wanted.rpartition("/")[2])
