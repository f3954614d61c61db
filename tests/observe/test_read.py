"""Tests read_recording: supported forms of evidence, and broken ones."""

from __future__ import annotations

import gzip
import io
import json
from pathlib import Path
from typing import Any

import pytest

from taskrole.errors import InputError
from taskrole.observe.event_files import items_of
from taskrole.observe.filters import Filters
from taskrole.observe.json_values import BrokenError
from taskrole.observe.packed import Unpacked
from taskrole.observe.read import read_recording
from taskrole.observe.recording import Recording
from taskrole.observe.source_files import SourceFile
from tests.observe.events import ACCOUNT, OTHER_TASK, REGION, ROLE, TASK, event, write_records

QUEUE = f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/jobs"
QUEUE_ARN = f"arn:aws:sqs:{REGION}:{ACCOUNT}:jobs"


def send(**members: Any) -> dict[str, Any]:
    return event("sqs", "SendMessage", {"queueUrl": QUEUE, "messageBody": "secret text"}, **members)


def calls(recording: Recording) -> list[tuple[str, str | None, int]]:
    return [(call.action, call.resource, call.count) for call in recording.calls]


SENT = [("sqs:SendMessage", QUEUE_ARN, 1)]


def test_a_delivered_file_of_cloudtrail_is_read(tmp_path: Path) -> None:
    path = write_records(tmp_path / "a.json", send())

    assert calls(read_recording([path])) == SENT


def test_a_delivered_folder_is_read_without_digests_and_insights(tmp_path: Path) -> None:
    place = f"{{}}/{REGION}/2026/11/01"
    trail = tmp_path / "AWSLogs" / ACCOUNT
    write_records(trail / place.format("CloudTrail") / f"{ACCOUNT}_CloudTrail_{REGION}_x.json.gz", send())
    digest = trail / place.format("CloudTrail-Digest") / "digest.json.gz"
    digest.parent.mkdir(parents=True)
    digest.write_bytes(gzip.compress(b'{"digestStartTime": "2026-11-01T00:00:00Z"}'))
    insight = trail / place.format("CloudTrail-Insight") / "insight.json.gz"
    write_records(insight, {"insightDetails": {}})

    recording = read_recording([tmp_path])

    assert calls(recording) == SENT
    assert recording.skipped == (f"{digest}: a digest file", f"{insight}: Insights events")


def test_digests_and_insights_are_recognised_by_content(tmp_path: Path) -> None:
    write_records(tmp_path / "a.json", {"insightDetails": {}, "eventType": "AwsCloudTrailInsight"})
    (tmp_path / "b.json").write_text('{"digestStartTime": "2026-11-01T00:00:00Z"}')
    write_records(tmp_path / "c.json", send())

    skipped = read_recording([tmp_path]).skipped

    assert skipped == (f"{tmp_path}/a.json: Insights events", f"{tmp_path}/b.json: a digest file")


@pytest.mark.parametrize(
    "form",
    [
        lambda event: json.dumps(event) + "\n" + json.dumps(send()),
        lambda event: json.dumps([event, send()]),
        lambda event: json.dumps({"Events": [{"CloudTrailEvent": json.dumps(item)} for item in (event, send())]}),
        lambda event: "\n".join(json.dumps({"detail-type": "x", "detail": item}) for item in (event, send())),
        lambda event: json.dumps({"Records": [event, send()], "more": {"a": [1]}}, indent=2),
    ],
    ids=["one per line", "an array", "lookup-events", "EventBridge", "indented"],
)
def test_other_forms_of_events_are_recognised_by_content(tmp_path: Path, form: Any) -> None:
    path = tmp_path / "events.log"
    path.write_text(form(send()))

    assert calls(read_recording([path])) == [("sqs:SendMessage", QUEUE_ARN, 2)]


def test_an_event_that_is_read_twice_counts_once(tmp_path: Path) -> None:
    event = send()
    first, second = write_records(tmp_path / "a.json", event), write_records(tmp_path / "b.json", event, send())

    assert calls(read_recording([first, second])) == [("sqs:SendMessage", QUEUE_ARN, 2)]


def test_the_order_of_events_does_not_matter(tmp_path: Path) -> None:
    events = [
        event("sqs", "PurgeQueue", {"queueUrl": QUEUE}, eventTime="2026-11-03T00:00:00Z", session=OTHER_TASK),
        run_task(TASK),
        *(send(session=session) for session in (TASK, OTHER_TASK, "deploy")),
        event("nothing", "Known"),
    ]

    forward, reversed_ = (
        read_recording([write_records(tmp_path / name, *items)])
        for name, items in (("a.json", events), ("b.json", events[::-1]))
    )

    assert forward == reversed_


def run_task(task: str, family: str = "web") -> dict[str, Any]:
    started = {
        "taskArn": f"arn:aws:ecs:{REGION}:{ACCOUNT}:task/main/{task}",
        "taskDefinitionArn": f"arn:aws:ecs:{REGION}:{ACCOUNT}:task-definition/{family}:7",
    }
    deployer = f"arn:aws:iam::{ACCOUNT}:role/deployer"
    return event(
        "ecs", "RunTask", {"taskDefinition": family}, role=deployer, session="ci", responseElements={"tasks": [started]}
    )


def test_a_session_named_after_a_task_belongs_to_it(tmp_path: Path) -> None:
    old = "01234567-89ab-cdef-0123-456789abcdef"
    path = write_records(tmp_path / "a.json", send(), send(session=old), send(session="somebody"))

    (call,) = read_recording([path]).calls

    assert (call.tasks, call.task_count, call.count, call.role) == ((old, TASK), 2, 3, ROLE)


def test_the_family_of_a_task_is_read_from_the_event_that_started_it(tmp_path: Path) -> None:
    path = write_records(tmp_path / "a.json", send(), send(session=OTHER_TASK), run_task(TASK))

    recording = read_recording([path], Filters(family="web"))

    assert [(call.family, call.tasks) for call in recording.calls] == [("web", (TASK,))]
    assert (recording.reach.events, recording.reach.kept) == (3, 1)


@pytest.mark.parametrize("role", [ROLE, "web-task", "team/web-task"])
def test_the_calls_of_a_single_role_are_selected(tmp_path: Path, role: str) -> None:
    other = f"arn:aws:iam::{ACCOUNT}:role/other"
    path = write_records(tmp_path / "a.json", send(), send(role=other))

    recording = read_recording([path], Filters(role=role))

    assert [call.role for call in recording.calls] == [ROLE]
    assert [caller.role for caller in recording.reach.callers] == [other, ROLE]


def test_calls_at_other_times_are_left_out(tmp_path: Path) -> None:
    days = [send(eventTime=f"2026-11-0{day}T00:00:00Z") for day in (1, 2, 3)]
    path = write_records(tmp_path / "a.json", *days)

    recording = read_recording([path], Filters(since="2026-11-02", until="2026-11-03"))

    assert (recording.reach.events, recording.reach.first) == (1, "2026-11-02T00:00:00Z")


def test_a_role_without_its_issuer_is_named_by_its_session(tmp_path: Path) -> None:
    event = send()
    del event["userIdentity"]["sessionContext"]

    (call,) = read_recording([write_records(tmp_path / "a.json", event)]).calls

    assert call.role == f"arn:aws:iam::{ACCOUNT}:role/web-task"


def test_data_events_of_any_caller_count_as_coverage(tmp_path: Path) -> None:
    user = {"type": "IAMUser", "arn": f"arn:aws:iam::{ACCOUNT}:user/somebody"}
    path = write_records(tmp_path / "a.json", send(userIdentity=user, eventCategory="Data"))

    reach = read_recording([path]).reach

    assert (reach.data_services, reach.events, reach.kept) == (("sqs",), 1, 0)


def test_the_readable_part_of_a_truncated_gzip_file_is_read(tmp_path: Path) -> None:
    path = write_records(tmp_path / "a.json.gz", *(send(note=f"{number:064x}") for number in range(5_000)))
    path.write_bytes(path.read_bytes()[:-20_000])

    recording = read_recording([path])

    assert 1_000 < recording.calls[0].count < 5_000
    assert recording.skipped == (f"{path}: ends too early: the gzip file is cut short",)


def test_a_gzip_bomb_is_refused_early() -> None:
    packed = io.BytesIO(gzip.compress(b" " * (8 << 20)))
    unpacked = Unpacked(packed, largest=1 << 20)

    with pytest.raises(BrokenError, match="unpacks to more than 1 MiB"):
        list(iter(lambda: unpacked.read(1 << 16), b""))


def test_several_gzip_members_are_read_as_a_file(tmp_path: Path) -> None:
    path = tmp_path / "a.json.gz"
    path.write_bytes(b"".join(gzip.compress(json.dumps(send()).encode()) for _ in range(3)))

    assert calls(read_recording([path])) == [("sqs:SendMessage", QUEUE_ARN, 3)]


def test_an_event_of_256_kb_is_read(tmp_path: Path) -> None:
    large = event("sqs", "SendMessage", {"queueUrl": QUEUE, "messageBody": "x" * (256 << 10)})

    assert calls(read_recording([write_records(tmp_path / "a.json", large)])) == SENT


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"a,b\n1,2\n", "is neither JSON nor CSV with the columns of the query"),
        (b'{"some": "object"}', "has JSON that is neither an event"),
        (b'{"Records": [1]}', "contains values other than JSON objects"),
        (b'{"Records": [{"a": NaN}]}', "must not contain NaN"),
        (b'{"Records": [{"a": ', "ends too early"),
        (b"\xff\xfe{}", "is not UTF-8"),
        (b'{"a": ' * 100_000, "is nested too deeply"),
    ],
    ids=["other columns", "other JSON", "numbers", "NaN", "cut", "UTF-16", "deep"],
)
def test_a_named_file_without_evidence_is_an_error(tmp_path: Path, content: bytes, problem: str) -> None:
    path = tmp_path / "file.json"
    path.write_bytes(content)

    with pytest.raises(InputError, match=problem):
        read_recording([path])


def test_a_file_of_a_folder_without_evidence_is_skipped(tmp_path: Path) -> None:
    write_records(tmp_path / "a.json", send())
    (tmp_path / "b.csv").write_text("a,b\n1,2\n")

    recording = read_recording([tmp_path])

    assert calls(recording) == SENT
    assert "b.csv: is neither JSON nor CSV" in recording.skipped[0]


def test_a_link_that_leaves_the_folder_is_not_followed(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    write_records(folder / "a.json", send())
    (folder / "b.json").symlink_to(write_records(tmp_path / "outside.json", send()))

    recording = read_recording([folder])

    assert calls(recording) == SENT
    assert "outside the project" in recording.skipped[0]


def test_an_event_with_a_malformed_time_counts_without_a_date(tmp_path: Path) -> None:
    path = write_records(tmp_path / "a.json", send(eventTime="yesterday"), send())

    (call,) = read_recording([path]).calls

    assert (call.count, call.first) == (2, "2026-11-01T12:00:00Z")


def test_only_request_parameters_that_name_resources_are_kept(tmp_path: Path) -> None:
    path = write_records(tmp_path / "a.json", send())

    recording = read_recording([path])

    assert not any(text in repr(recording) for text in ("secret text", "192.0.2.1", "AROAEXAMPLE"))


def test_items_are_streamed(tmp_path: Path) -> None:
    path = write_records(tmp_path / "a.json", send(), send())

    assert [item.kind for item in items_of(SourceFile(str(path)))] == ["event", "event"]
