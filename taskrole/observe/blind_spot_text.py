"""Describes the blind spots of evidence in sentences."""

from __future__ import annotations

from collections.abc import Iterator

from taskrole.observe.blind_spots import BlindSpots, Window
from taskrole.observe.usage import days_between
from taskrole.output.lines import count


def blind_spot_sentences(spots: BlindSpots) -> Iterator[str]:
    """Yield sentences on what the evidence cannot show: missing days and period ends, regions, data events."""
    yield _window(spots.window)
    for sentence in spots.other:
        yield f"Regions: {sentence}."
    if spots.with_data_events:
        yield f"Data events of {', '.join(spots.with_data_events)} are in the evidence, as far as a trail logs them."
    services = ", ".join(service_events.service for service_events in spots.without_data_events)
    yield f"No data events of {services}: calls that are recorded only as data events are missing."
    yield f"CloudTrail never records {', '.join(calls.what for calls in spots.never)}."


def _window(window: Window | None) -> str:
    if window is None:
        return "The evidence has no times: the period that it covers is unknown."
    number = "1 day" if window.days == 1 else f"{window.days:,} days"
    days = f"{number}, {days_between(str(window.first), str(window.last))}"
    ends = (("month", window.month_ends), ("quarter", window.quarter_ends), ("year", window.year_ends))
    covered = " and ".join(f"{count(len(days), f'{period} end')}" for period, days in ends if days)
    missed = " or ".join(f"{period} end" for period, days in ends if not days)
    has = f" It has {covered}." if covered else ""
    misses = f" It has no {missed}: calls made only then are missing." if missed else ""
    return f"The evidence covers {days}.{has}{misses}"
