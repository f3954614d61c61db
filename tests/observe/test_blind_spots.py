"""Tests blind spots: what the evidence cannot show is always reported."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from taskrole.observe.blind_spots import blind_spots, needed_beside, window_of
from taskrole.observe.recording import Reach
from taskrole.observe.usage import usage_by_role
from taskrole.observe.visibility import data_events, invisible_because, never_recorded
from taskrole.policy.catalogue.actions import expand
from tests.observe.recordings import call, recording


def reach(**members: Any) -> Reach:
    return Reach(1, 1, **{"first": "2026-09-01T00:00:00Z", "last": "2026-11-24T00:00:00Z", **members})


def test_missing_days_and_ends_of_periods_are_listed() -> None:
    window = window_of("2025-12-20T10:00:00Z", "2026-04-01T00:00:00Z")

    assert window is not None
    assert window.days == 103
    assert window.month_ends == (date(2025, 12, 31), date(2026, 1, 31), date(2026, 2, 28), date(2026, 3, 31))
    assert window.quarter_ends == (date(2025, 12, 31), date(2026, 3, 31))
    assert window.year_ends == (date(2025, 12, 31),)


@pytest.mark.parametrize("last", ["2026-10-30", "2026-10-31"])
def test_an_incomplete_last_month_is_listed(last: str) -> None:
    window = window_of("2026-10-02", last)

    assert window is not None
    assert window.month_ends == ()


@pytest.mark.parametrize(("first", "last"), [("", ""), ("yesterday", "2026-01-01"), ("2026-02-01", "2026-01-01")])
def test_a_malformed_time_gives_no_days(first: str, last: str) -> None:
    assert window_of(first, last) is None


def test_a_time_that_is_wrong_by_centuries_is_accepted() -> None:
    assert window_of("0001-01-01", "9999-12-31") is None


def test_services_without_data_events_are_named() -> None:
    spots = blind_spots(reach(data_services=("s3",)))

    without = {service.service for service in spots.without_data_events}
    assert without >= {"dynamodb", "sqs", "sns", "lambda", "kinesis"}
    assert "s3" not in without


def test_evidence_of_a_single_region_may_miss_global_services() -> None:
    (elsewhere,) = blind_spots(reach(regions=("eu-west-1",))).other

    assert "us-east-1" in elsewhere
    assert blind_spots(reach(regions=("eu-west-1", "us-east-1"))).other == ()


def test_log_events_are_missing_beside_a_log_stream() -> None:
    stream = "arn:aws:logs:eu-central-1:111122223333:log-group:/ecs/web:log-stream:web/app/1"
    usages = usage_by_role(recording(call("logs:CreateLogStream", stream)))

    (sentences,) = needed_beside(usages).values()

    assert ["logs:PutLogEvents" in sentence for sentence in sentences] == [True]


def test_every_action_of_the_tables_is_in_the_catalogue() -> None:
    patterns = [pattern for entry in never_recorded() for pattern in (*entry.patterns, *entry.beside)]

    assert [pattern for pattern in patterns if not expand([pattern])] == []
    assert all(events.actions for events in data_events().values())
    assert all(
        action.startswith(f"{events.service}:") for events in data_events().values() for action in events.actions
    )


def test_management_events_are_always_visible() -> None:
    assert invisible_because("sqs:CreateQueue", ()) == ""
    assert invisible_because("s3:GetObject", ("s3",)) == ""
    assert invisible_because("s3:GetObject", ()) != ""
