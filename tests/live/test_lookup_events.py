"""Tests the event history, read by boto3 from a local server with the protocol of CloudTrail."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from taskrole.errors import InputError, ToolError
from taskrole.live.answer_cache import Answers
from taskrole.live.lookup_events import EventHistory, TimeWindow, windows
from taskrole.observe.read import read_recording
from tests.observe.events import ACCOUNT, REGION, event

# In all, too long for make test-fast.
pytestmark = pytest.mark.slow

NOW = datetime(2026, 11, 24, 12, tzinfo=timezone.utc)
QUEUE = f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/jobs"
READER = ("arn:aws:iam::111122223333:user/me", ACCOUNT, REGION)


IDENTITY = f"""\
<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>
<Arn>{READER[0]}</Arn><UserId>AIDAEXAMPLE</UserId><Account>{ACCOUNT}</Account>
</GetCallerIdentityResult></GetCallerIdentityResponse>"""


@dataclass
class CloudTrail:
    """Answers LookupEvents with pages of these events between two times."""

    events: list[dict[str, Any]]
    page: int = 2
    requests: list[dict[str, Any]] = field(default_factory=list)
    times: list[float] = field(default_factory=list)
    # Replacement answers, by the number of the request.
    spoil: Callable[[int], tuple[int, str] | None] = lambda number: None

    def answer(self, request: dict[str, Any]) -> tuple[int, str]:
        self.requests.append(request)
        self.times.append(time.monotonic())
        if spoiled := self.spoil(len(self.requests)):
            return spoiled
        first, last = (
            datetime.fromtimestamp(request[name], timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
            for name in ("StartTime", "EndTime")
        )
        matching = [event for event in self.events if first <= event["eventTime"] <= last]
        start = int(request.get("NextToken", "0"))
        items = [{"EventId": event["eventID"], "CloudTrailEvent": json.dumps(event)} for event in matching]
        token = {"NextToken": str(start + self.page)} if start + self.page < len(matching) else {}
        return 200, json.dumps({"Events": items[start : start + self.page], **token})


@pytest.fixture
def trail(monkeypatch: pytest.MonkeyPatch) -> Iterator[CloudTrail]:
    cloudtrail = CloudTrail([])

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if self.headers["X-Amz-Target"]:
                assert self.headers["X-Amz-Target"].endswith(".LookupEvents")
                status, text = cloudtrail.answer(json.loads(body))
            else:
                assert b"Action=GetCallerIdentity" in body
                status, text = 200, IDENTITY
            self.send_response(status)
            self.send_header("Content-Type", "application/x-amz-json-1.1")
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, *args: Any) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{server.server_port}")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    yield cloudtrail
    server.shutdown()
    server.server_close()


def sent(day: int, hour: int = 0) -> dict[str, Any]:
    request = {"queueUrl": QUEUE, "messageBody": "secret text"}
    return event("sqs", "SendMessage", request, eventTime=f"2026-11-{day:02d}T{hour:02d}:00:00Z")


def history(root: Path) -> EventHistory:
    return EventHistory(REGION, Answers(root, READER), interval=0)


def read(history: EventHistory, days: tuple[TimeWindow, ...], lines: list[str] | None = None) -> list[Any]:
    return list(history.read(days, (lines if lines is not None else []).append))


def test_the_pages_of_all_days_are_read(trail: CloudTrail, tmp_path: Path) -> None:
    trail.events = [sent(day, hour) for day in (22, 23, 24) for hour in range(3)]
    lines: list[str] = []

    events = read(history(tmp_path / "kept"), windows("2026-11-22", "", NOW), lines)

    assert len(events) == 9
    assert len(trail.requests) == 6
    assert lines[0] == "2026-11-24: day 1 of 3, 3 events, 2 calls to AWS"


def test_the_events_give_a_recording(trail: CloudTrail, tmp_path: Path) -> None:
    trail.events = [sent(24)]
    events = history(tmp_path / "kept").read(windows("2026-11-24", "", NOW), lambda _: None)

    (call,) = read_recording([], events=events).calls

    assert (call.action, call.resource) == ("sqs:SendMessage", f"arn:aws:sqs:{REGION}:{ACCOUNT}:jobs")


def test_days_are_read_from_midnight_to_midnight() -> None:
    days = windows("2026-11-22T06:00:00Z", "", NOW)

    assert [(day.start.isoformat()[:16], day.end.isoformat()[:16], day.past) for day in days] == [
        ("2026-11-24T00:00", "2026-11-24T12:00", False),
        ("2026-11-23T00:00", "2026-11-24T00:00", True),
        ("2026-11-22T06:00", "2026-11-23T00:00", True),
    ]


@pytest.mark.parametrize(
    ("since", "until", "problem"),
    [
        ("2026-07-01", "", "must be within the last 90 days"),
        ("2026-11-23", "2026-11-22", "must be before"),
        ("2026-11-31", "", "must be a valid date"),
        ("2026-12-01", "", "must be before"),
    ],
)
def test_times_without_a_history_are_refused(since: str, until: str, problem: str) -> None:
    with pytest.raises(InputError, match=problem):
        windows(since, until, NOW)


def test_an_interrupted_reading_is_resumed(trail: CloudTrail, tmp_path: Path) -> None:
    trail.events = [sent(day, hour) for day in (21, 22, 23) for hour in range(3)]
    days = windows("2026-11-21", "2026-11-24", NOW)
    trail.spoil = lambda number: (400, '{"__type": "AccessDeniedException", "message": "no"}') if number == 4 else None
    with pytest.raises(ToolError, match="cloudtrail:LookupEvents"):
        read(history(tmp_path / "kept"), days)
    before = len(trail.requests)

    events = read(history(tmp_path / "kept"), days)

    assert len(events) == 9
    assert len(trail.requests) - before == 3


def test_an_unfinished_day_is_read_again(trail: CloudTrail, tmp_path: Path) -> None:
    trail.events = [sent(24)]
    days = windows("2026-11-24", "", NOW)
    read(history(tmp_path / "kept"), days)
    trail.events.append(sent(24, 1))

    assert len(read(history(tmp_path / "kept"), days)) == 2


def test_only_the_members_of_a_recording_are_cached(trail: CloudTrail, tmp_path: Path) -> None:
    trail.events = [sent(22)]

    read(history(tmp_path / "kept"), windows("2026-11-22", "2026-11-23", NOW))

    kept = "".join(path.read_text() for path in (tmp_path / "kept").rglob("*.json"))
    assert "jobs" in kept
    assert not any(text in kept for text in ("secret text", "192.0.2.1", "userAgent"))


def test_requests_are_rate_limited(trail: CloudTrail, tmp_path: Path) -> None:
    trail.events = [sent(22, hour) for hour in range(8)]
    slow = EventHistory(REGION, Answers(tmp_path / "kept", READER), interval=0.1)

    read(slow, windows("2026-11-22", "2026-11-23", NOW))

    assert len(trail.times) == 4
    assert trail.times[-1] - trail.times[0] > 0.25


def test_throttled_requests_are_retried(trail: CloudTrail, tmp_path: Path) -> None:
    trail.events = [sent(22)]
    trail.spoil = lambda number: (400, '{"__type": "ThrottlingException", "message": "slow"}') if number < 3 else None

    assert len(read(history(tmp_path / "kept"), windows("2026-11-22", "2026-11-23", NOW))) == 1


def test_circular_pages_are_an_error(trail: CloudTrail, tmp_path: Path) -> None:
    trail.spoil = lambda number: (200, '{"Events": [], "NextToken": "again"}')

    with pytest.raises(ToolError, match="leads back"):
        read(history(tmp_path / "kept"), windows("2026-11-22", "2026-11-23", NOW))


def test_a_malformed_answer_is_an_error(trail: CloudTrail, tmp_path: Path) -> None:
    trail.spoil = lambda number: (200, '{"Events": [{"CloudTrailEvent": 3}]}')

    with pytest.raises(ToolError, match="CloudTrailEvent must be text"):
        read(history(tmp_path / "kept"), windows("2026-11-22", "2026-11-23", NOW))
