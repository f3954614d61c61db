"""Tests that the cached members of an event give the recording of the whole event."""

from __future__ import annotations

from pathlib import Path

from taskrole.observe.event_members import reduced_event
from taskrole.observe.read import read_recording
from tests.observe.events import write_records
from tests.observe.test_engines import many_events


def test_reduced_events_give_the_same_recording(tmp_path: Path) -> None:
    events = many_events()
    whole = write_records(tmp_path / "whole.json", *events)
    reduced = write_records(tmp_path / "reduced.json", *map(reduced_event, events))

    assert read_recording([reduced]) == read_recording([whole])
    assert not any(text in reduced.read_text() for text in ("userAgent", "messageBody", "192.0.2.1"))
