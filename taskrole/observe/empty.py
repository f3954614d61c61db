"""Why no recorded call matches: the filter without matches, and the values that exist."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from taskrole.errors import InputError, Place, Problem, quote
from taskrole.observe.filters import Filters
from taskrole.observe.recording import Recording
from taskrole.observe.usage import days_between

_MOST_ROLES = 5


def refuse_empty(recording: Recording, filters: Filters, sources: Sequence[str], period: str) -> None:
    """Raise InputError for a recording without calls of roles, with the filter that matched nothing.

    `period` is how the time was given, `--from 2026-09-01`, or empty.
    """
    if recording.calls or recording.unmapped or recording.last_accessed:
        return
    raise InputError(list(_problems(recording, filters, sources, period)))


def _problems(recording: Recording, filters: Filters, sources: Sequence[str], period: str) -> Iterator[Problem]:
    reach = recording.reach
    named = ", ".join(sources) or "the sources"
    if not reach.events:
        when = f" of that time: {period}" if period else ""
        skipped = f"; not read: {recording.skipped[0]}" if recording.skipped else ""
        yield Problem(Place(named), f"holds no event{when}{skipped}")
        return
    when = f" of {days_between(reach.first, reach.last)}" if reach.first else ""
    events = f"{reach.events:,} events{when}"
    callers = sorted(reach.callers, key=lambda reached: (-reached.events, reached.role))
    names = [caller.role for caller in callers if caller.role]
    if filters.role and not any(_is_role(filters.role, name) for name in names):
        more = ", …" if len(names) > _MOST_ROLES else ""
        there = f"there are {', '.join(names[:_MOST_ROLES])}{more}" if names else "no event is of a role"
        yield Problem(Place(f"--role {filters.role}"), f"met none of {events}; {there}")
        return
    if filters.family:
        message = (
            f"met none of {events}; a family is known where RunTask or StartTask is among the events, "
            "or the role's tasks are; select by --role"
        )
        yield Problem(Place(f"--family {quote(filters.family)}"), message)
        return
    yield Problem(Place(period or named), f"no call of a role is left of {events}")


def _is_role(wanted: str, arn: str) -> bool:
    return arn == wanted or (":" not in wanted and arn.rpartition("/")[2] == wanted.rpartition("/")[2])
