"""CloudTrail's event history of one region: the management events of the last 90 days, by LookupEvents.

AWS allows two requests per second in an account and region, with 50 events each. The history is read day by day. Events
are cached, so that an interrupted reading can continue; a cached event has only the members that a recording uses.

Source: https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta, timezone
from typing import Any, Protocol

from taskrole.dataclass import dataclass
from taskrole.errors import InputError, Place, Problem, ToolError
from taskrole.live.answer_cache import Answers
from taskrole.live.client import aws_errors
from taskrole.live.credentials import SessionCredentials
from taskrole.live.service import connect, pages_of
from taskrole.observe.event_members import reduced_event

MOST_DAYS = 90
INTERVAL = 0.5  # seconds between requests: two a second
_PATIENT = 10  # attempts
_LONGEST_CALL = 180.0  # seconds
_LONGEST_READING = 24 * 3_600.0  # seconds
_CALL = "cloudtrail:LookupEvents"


class Ask(Protocol):
    """Calls an operation of a service, like `Service.ask`."""

    def __call__(self, operation: str, **parameters: Any) -> dict[str, Any]:
        """Return the checked answer of an operation."""


@dataclass(frozen=True, slots=True)
class TimeWindow:
    """The time from `start` up to, not including, `end`, in UTC. The events of a `past` window do not change."""

    start: datetime
    end: datetime
    past: bool


def windows(since: str, until: str, now: datetime) -> tuple[TimeWindow, ...]:
    """Return the days between two times (`2026-11-24`, `2026-11-24T12:00:00Z`; empty: all), the last day first.

    Raises InputError for times outside the history.
    """
    first = _time(since) if since else now - timedelta(days=MOST_DAYS)
    last = min(_time(until), now) if until else now
    if first < now - timedelta(days=MOST_DAYS, hours=1):
        message = f"must be within the last {MOST_DAYS} days, for which AWS keeps the history; got {since}"
        raise InputError([Problem(Place("--from"), message)])
    if first >= last:
        raise InputError([Problem(Place("--from"), f"must be before --to and now; got {since}")])
    days: list[TimeWindow] = []
    end = last
    while end > first:
        midnight = end.replace(hour=0, minute=0, second=0, microsecond=0)
        start = max(first, midnight if midnight < end else end - timedelta(days=1))
        # An event is in the history after 15 minutes at most.
        days.append(TimeWindow(start, end, end <= now - timedelta(hours=1)))
        end = start
    return tuple(days)


class EventHistory:
    """Reads the events of a region; `calls` counts the requests to AWS, `events` the events read."""

    def __init__(
        self,
        region: str,
        answers: Answers,
        *,
        interval: float = INTERVAL,
        credentials: SessionCredentials | None = None,
        is_stopped: Callable[[], bool] = lambda: False,
    ) -> None:
        """Prepare a reader with these credentials, or the environment's; once it `is_stopped`, it makes no calls."""
        self.calls = 0
        self._is_stopped = is_stopped
        self.events = 0
        self._answers = answers
        self._interval = interval
        self._next = 0.0
        self._service = connect(
            "cloudtrail", region, _PATIENT, credentials, seconds=_LONGEST_CALL, total=_LONGEST_READING
        )

    def read(self, days: tuple[TimeWindow, ...], progress: Callable[[str], None]) -> Iterator[Mapping[str, Any]]:
        """Yield the events of some days, reduced to what a recording uses. Raises ToolError."""
        for number, day in enumerate(days, 1):
            for page in pages_of("cloudtrail", "lookup_events", _parameters(day), self._ask(day)):
                events = page["Events"]
                self.events += len(events)
                yield from events
            progress(
                f"{day.start.date()}: day {number} of {len(days)}, {self.events} events, {self.calls} calls to AWS"
            )

    def _ask(self, day: TimeWindow) -> Ask:
        def ask(operation: str, **parameters: Any) -> dict[str, Any]:
            request = ["cloudtrail", operation, {name: str(value) for name, value in parameters.items()}]
            known: dict[str, Any] | None = self._answers.find(request) if day.past else None
            if known is not None:
                return known
            self._wait()
            if self._is_stopped():
                raise ToolError(f"{_CALL}: skipped, as the reading was stopped")
            with aws_errors(f"reading the event history ({_CALL})"):
                answer = self._service.ask(operation, **parameters)
            self.calls += 1
            reduced = _reduced(answer)
            if day.past:
                self._answers.keep(request, reduced)
            return reduced

        return ask

    def _wait(self) -> None:
        now = time.monotonic()
        if now < self._next:
            time.sleep(self._next - now)
        self._next = max(now, self._next) + self._interval


def _parameters(day: TimeWindow) -> dict[str, Any]:
    # LookupEvents includes both ends; its times are whole seconds.
    return {"StartTime": day.start, "EndTime": day.end - timedelta(seconds=1), "MaxResults": 50}


def _reduced(answer: Mapping[str, Any]) -> dict[str, Any]:
    events = [_parsed(entry.get("CloudTrailEvent")) for entry in answer.get("Events", ())]
    return {"Events": [reduced_event(event) for event in events if event], "NextToken": answer.get("NextToken")}


def _parsed(text: Any) -> dict[str, Any] | None:
    try:
        event = json.loads(text)
    except (TypeError, ValueError, RecursionError):
        return None
    return event if isinstance(event, dict) else None


def _time(text: str) -> datetime:
    form = "%Y-%m-%dT%H:%M:%SZ" if "T" in text else "%Y-%m-%d"
    try:
        return datetime.strptime(text, form).replace(tzinfo=timezone.utc)
    except ValueError:
        raise InputError([Problem(Place("--from or --to"), f"must be a valid date; got {text}")]) from None
