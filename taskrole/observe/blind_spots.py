"""The blind spots of evidence: missing days, missing data events, and calls that are never recorded."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, timedelta

from taskrole.dataclass import dataclass
from taskrole.observe.recording import Reach
from taskrole.observe.usage import RoleUsage
from taskrole.observe.visibility import DataEvents, NeverRecorded, data_events, never_recorded

# The region that records calls of global services, whatever the region of the caller.
_GLOBAL_REGIONS = frozenset({"us-east-1", "us-gov-west-1", "cn-north-1", "cn-northwest-1"})
_GLOBAL_SERVICES = "IAM, CloudFront and Route 53"


@dataclass(frozen=True)
class Window:
    """The days that evidence covers, inclusive, and the ends of months, quarters and years among them.

    A period's end is covered if the evidence has its last day and the day after.
    """

    first: date
    last: date
    month_ends: tuple[date, ...]

    @property
    def days(self) -> int:
        """The number of days."""
        return (self.last - self.first).days + 1

    @property
    def quarter_ends(self) -> tuple[date, ...]:
        """The last days of the quarters."""
        return tuple(day for day in self.month_ends if day.month % 3 == 0)

    @property
    def year_ends(self) -> tuple[date, ...]:
        """The last days of the years."""
        return tuple(day for day in self.month_ends if day.month == 12)


@dataclass(frozen=True)
class BlindSpots:
    """The blind spots of evidence; `window` is None if the evidence has no times.

    `without_data_events` are services without data events, `with_data_events` those with some. `never` are calls that
    are never recorded, `other` sentences on the rest.
    """

    window: Window | None
    with_data_events: tuple[str, ...]
    without_data_events: tuple[DataEvents, ...]
    never: tuple[NeverRecorded, ...]
    other: tuple[str, ...]


def blind_spots(reach: Reach) -> BlindSpots:
    """Return the blind spots of evidence with this reach."""
    return BlindSpots(
        window_of(reach.first, reach.last),
        reach.data_services,
        tuple(events for service, events in sorted(data_events().items()) if service not in reach.data_services),
        never_recorded(),
        tuple(_other(reach)),
    )


def window_of(first: str, last: str) -> Window | None:
    """Return the days between two ISO 8601 times, or None if one is missing or invalid."""
    try:
        begin, end = date.fromisoformat(first[:10]), date.fromisoformat(last[:10])
        return Window(begin, end, tuple(_month_ends(begin, end))) if begin <= end else None
    except ValueError:
        return None


def _month_ends(first: date, last: date) -> Iterator[date]:
    day = first
    while (following := _next_month(day)) <= last:
        yield following - timedelta(days=1)
        day = following


def _next_month(day: date) -> date:
    return date(day.year + day.month // 12, day.month % 12 + 1, 1)


def needed_beside(usages: Iterable[RoleUsage]) -> dict[str, tuple[str, ...]]:
    """Return, by role, sentences on the unrecorded calls that usually accompany its calls."""
    return {usage.role: tuple(_beside(usage)) for usage in usages}


def _beside(usage: RoleUsage) -> Iterator[str]:
    actions = {use.action for use in usage.seen}
    for calls in never_recorded():
        seen = sorted(actions & calls.beside)
        if seen:
            yield f"{', '.join(seen)} was seen, and usually comes with {', '.join(calls.patterns)}: {calls.because}"


def _other(reach: Reach) -> Iterator[str]:
    if reach.regions and _GLOBAL_REGIONS.isdisjoint(reach.regions):
        regions = ", ".join(reach.regions)
        yield f"the events are of {regions}; calls of {_GLOBAL_SERVICES} are recorded only in us-east-1"
