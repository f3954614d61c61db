"""The blind spots of evidence, in sentences."""

from __future__ import annotations

from collections.abc import Iterator

from taskrole.observe.blind_spots import BlindSpots, Window
from taskrole.observe.usage import days_between
from taskrole.output.lines import count


def blind_spot_sentences(spots: BlindSpots) -> Iterator[str]:
    """Yield what evidence cannot show: days and ends of periods, regions, data events, what is never recorded."""
    yield _window(spots.window)
    for sentence in spots.other:
        yield f"Regions: {sentence}."
    if spots.with_data_events:
        yield f"Data events of {', '.join(spots.with_data_events)} are in the evidence, as far as a trail logs them."
    services = ", ".join(service_events.service for service_events in spots.without_data_events)
    yield f"No data events, and so none of the calls that are recorded as such, of {services}."
    yield f"CloudTrail never records {', '.join(calls.what for calls in spots.never)}."


def _window(window: Window | None) -> str:
    if window is None:
        return "The evidence has no times: how far it reaches is not known."
    number = "1 day" if window.days == 1 else f"{window.days:,} days"
    days = f"{number}, {days_between(str(window.first), str(window.last))}"
    ends = (("month", window.month_ends), ("quarter", window.quarter_ends), ("year", window.year_ends))
    covered = " and ".join(f"{count(len(days), f'{period} end')}" for period, days in ends if days)
    missed = " or ".join(f"{period} end" for period, days in ends if not days)
    has = f" It has {covered}." if covered else ""
    misses = f" It has no {missed}: what runs only then is not in it." if missed else ""
    return f"The evidence covers {days}.{has}{misses}"
