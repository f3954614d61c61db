"""Tests that plain Python, DuckDB and the printed query give the same recording for the same events."""

from __future__ import annotations

import csv
import json
import random
from pathlib import Path
from typing import Any

import pytest

from taskrole.errors import InputError, ToolError
from taskrole.observe import duck
from taskrole.observe.duck import reduction
from taskrole.observe.filters import Filters
from taskrole.observe.queries import query
from taskrole.observe.query_rows import COLUMNS
from taskrole.observe.read import read_recording
from taskrole.observe.request_members import members_of, services_with_rules
from taskrole.observe.source_files import SourceFile
from tests.observe.events import ACCOUNT, OTHER_TASK, REGION, ROLE, TASK, event, write_records

# In all, too long for make test-fast.
pytestmark = pytest.mark.slow

ENCODED = "You are not authorized. Encoded authorization failure message"
OTHER_ROLE = f"arn:aws:iam::{ACCOUNT}:role/other-task"
QUEUE = f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/jobs"
FILTERS = [
    Filters(),
    Filters(role=ROLE),
    Filters(role="web-task", family="web"),
    Filters(since="2026-11-03", until="2026-11-05T06:00:00Z"),
]


def refused(action: str, session: str) -> dict[str, str]:
    session_arn = f"arn:aws:sts::{ACCOUNT}:assumed-role/web-task/{session}"
    because = f"because no identity-based policy allows the {action} action"
    return {
        "errorCode": "AccessDenied",
        "errorMessage": f"User: {session_arn} is not authorized to perform: {action} on resource: {QUEUE} {because}",
    }


def started(task: str) -> dict[str, Any]:
    prefix = f"arn:aws:ecs:{REGION}:{ACCOUNT}"
    return {
        "tasks": [{"taskArn": f"{prefix}:task/main/{task}", "taskDefinitionArn": f"{prefix}:task-definition/web:7"}]
    }


def many_events(count: int = 400) -> list[dict[str, Any]]:
    """Return events of many kinds, some twice, and some with members of the wrong type or none."""
    chance = random.Random(12)
    events: list[dict[str, Any]] = [
        event("ecs", "RunTask", {"taskDefinition": "web"}, session="ci", responseElements=started(TASK)),
        event("ecs", "RunTask", {"taskDefinition": "web"}, session="ci", responseElements={"failures": []}),
    ]
    for _ in range(count):
        session = chance.choice([TASK, OTHER_TASK, f"{chance.randrange(20):032x}", "somebody", "a@example.com"])
        time = f"2026-11-{chance.randrange(1, 8):02d}T{chance.randrange(24):02d}:00:00Z"
        more = chance.choice(
            [
                {},
                {"eventCategory": "Data"},
                {"errorCode": "NoSuchKey", "errorMessage": "no key"},
                refused("sqs:SendMessage", session),
                {"eventTime": "no time"},
                {
                    "errorCode": "Client.UnauthorizedOperation",
                    "errorMessage": f"{ENCODED}: {chance.random()}",
                },
                {"recipientAccountId": None, "awsRegion": "eu-central-1"},
            ]
        )
        call = chance.choice(
            [
                ("sqs", "SendMessage", {"queueUrl": QUEUE, "messageBody": "x"}),
                ("monitoring", "PutMetricData", {"namespace": chance.choice(["a", "b"])}),
                ("dynamodb", "BatchGetItem", {"requestItems": {"b": {"keys": [1.5]}, "a": {}}}),
                ("ssm", "GetParameters", {"names": ["/a", "ü/\u2028'\"\\"]}),
                ("s3", "CopyObject", {"bucketName": "b", "key": "k", "x-amz-copy-source": "c/a%20b"}),
                ("s3", "GetObject", {"bucketName": "b", "key": chance.choice(["*", "a b", "${x}"])}),
                ("kms", "Decrypt", {"encryptionContext": {"b": "1", "a": "2"}, "keyId": None}),
                ("kms", "Decrypt", None),
                ("unheard-of", "Get", {"any": "thing"}),
                ("sts", "GetCallerIdentity", None),
            ]
        )
        made = event(*call, role=chance.choice([ROLE, OTHER_ROLE]), session=session, **{"eventTime": time, **more})
        made["resources"] = chance.choice(
            [None, [], [{"ARN": f"arn:aws:s3:::b/{chance.randrange(3)}"}, {"ARN": "arn:aws:s3:::b"}], [{"type": "x"}]]
        )
        if chance.random() < 0.1:
            made["userIdentity"]["sessionContext"] = {}
        if chance.random() < 0.1:
            made["userIdentity"]["invokedBy"] = chance.choice(["secretsmanager.amazonaws.com", "AWS Internal"])
        if chance.random() < 0.1:
            made["userIdentity"] = {"type": "IAMUser", "arn": f"arn:aws:iam::{ACCOUNT}:user/somebody"}
        if chance.random() < 0.1:
            made.pop(chance.choice(["eventTime", "awsRegion", "eventCategory", "requestParameters"]))
        events += [made] * chance.choice([1, 1, 1, 2])
    return events


@pytest.mark.parametrize("filters", FILTERS, ids=str)
def test_duckdb_counts_as_plain_python_does(tmp_path: Path, filters: Filters) -> None:
    events = many_events()
    for number in range(4):
        write_records(tmp_path / f"{number}.json.gz", *events[number::4])

    plain = read_recording([tmp_path], filters, engine="python")

    assert plain.calls
    assert read_recording([tmp_path], filters, engine="duckdb") == plain


def rows_of(path: Path, filters: Filters = FILTERS[0]) -> list[dict[str, str]]:
    with reduction(filters) as reduced:
        assert reduced.read([SourceFile(str(path))]) == []
        return [dict(zip(COLUMNS, map(str, row), strict=True)) for row in reduced.rows()]


@pytest.mark.parametrize("filters", FILTERS, ids=str)
def test_rows_of_a_query_give_the_recording_of_the_events(tmp_path: Path, filters: Filters) -> None:
    events = write_records(tmp_path / "events.json", *many_events())
    result = tmp_path / "result.csv"
    with result.open("w", newline="") as stream:
        writer = csv.DictWriter(stream, COLUMNS)
        writer.writeheader()
        writer.writerows(rows_of(events, filters))

    assert read_recording([result], filters) == read_recording([events], filters, engine="python")


def test_rows_of_athena_and_of_cloudtrail_lake_come_as_json_too(tmp_path: Path) -> None:
    events = write_records(tmp_path / "events.json", *many_events(50))
    rows = rows_of(events)
    athena = [
        {"Data": [{"VarCharValue": text} for text in line]} for line in (COLUMNS, *(row.values() for row in rows))
    ]
    lake = [[{name: text} for name, text in row.items()] for row in rows]
    forms = {"athena.json": {"ResultSet": {"Rows": athena}}, "lake.json": {"QueryResultRows": lake}, "rows.json": rows}
    for name, form in forms.items():
        (tmp_path / name).write_text(json.dumps(form))

    expected = read_recording([events])

    assert [read_recording([tmp_path / name]) == expected for name in forms] == [True] * 3


def test_spaces_around_the_json_of_a_row_are_ignored(tmp_path: Path) -> None:
    events = write_records(tmp_path / "events.json", *many_events(50))
    rows = [
        {name: f" {text} " if text[:1] in ("[", "{") else text for name, text in row.items()} for row in rows_of(events)
    ]
    (tmp_path / "rows.json").write_text(json.dumps(rows))

    assert read_recording([tmp_path / "rows.json"]) == read_recording([events])


def test_input_that_duckdb_cannot_read_is_read_by_plain_python(tmp_path: Path) -> None:
    events = many_events(60)
    write_records(tmp_path / "a.json", *events[:20])
    write_records(tmp_path / "b[1].json", *events[20:40])
    (tmp_path / "c.json").write_text("\n".join(map(json.dumps, events[40:])))
    cut = write_records(tmp_path / "d.json.gz", *many_events(200))
    cut.write_bytes(cut.read_bytes()[:-300])

    assert read_recording([tmp_path], engine="duckdb") == read_recording([tmp_path], engine="python")


def test_events_of_many_batches_are_counted_together(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    events = many_events(120)
    for number in range(6):
        write_records(tmp_path / f"{number}.json.gz", *events[number::6])
    (tmp_path / "3a.json").write_text('{"Records":[{"eventVersion":"1.11","eventSource":}]}')
    (tmp_path / "4a.json").write_text("\n".join(map(json.dumps, many_events(9))))
    (tmp_path / "5a.json").write_text('{"Records":[]}')
    whole = read_recording([tmp_path], engine="duckdb")

    monkeypatch.setattr(duck, "LARGEST_BATCH", 1)

    assert read_recording([tmp_path], engine="duckdb") == whole == read_recording([tmp_path], engine="python")


def test_an_event_that_contains_the_separator_is_read_by_plain_python(tmp_path: Path) -> None:
    inner = [{"a": 1}, {"eventVersion": "1.11", "eventSource": "x", "eventName": "y"}]
    path = tmp_path / "a.json"
    events = [event("sqs", "SendMessage", {"queueUrl": QUEUE, "attributes": inner}), event("sqs", "ListQueues")]
    path.write_text(json.dumps({"Records": events}, separators=(",", ":")))

    with reduction(Filters()) as reduced:
        assert reduced.read([SourceFile(str(path))]) == [SourceFile(str(path))]
        assert list(reduced.rows()) == []


def test_duckdb_writes_only_to_its_folder(tmp_path: Path) -> None:
    import duckdb

    own, other = tmp_path / "it's own", tmp_path / "other.json"
    own.mkdir()
    for path in (own / "a.json", other):
        write_records(path, event("s3", "GetObject"))
    connection = duckdb.connect(config=duck._settings(own))
    duck._close_off(connection, own)

    assert connection.execute("SELECT count(*) FROM read_json(?)", [[str(own / "a.json")]]).fetchone() == (1,)
    assert connection.execute("SELECT current_setting('enable_progress_bar')").fetchone() == (False,)
    for statement in (
        f"FROM read_text('{other}')",
        f"COPY (VALUES (1)) TO '{tmp_path / 'out.csv'}'",
        "INSTALL httpfs",
        "LOAD httpfs",
        "FROM read_text('https://example.com/')",
        "SET enable_external_access = true",
        f"ATTACH '{tmp_path / 'other.duckdb'}'",
    ):
        with pytest.raises(duckdb.Error):
            connection.execute(statement)


def test_a_file_that_unpacks_above_the_limit_is_not_read_by_duckdb(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(duck, "_LARGEST_FILE", 4_000)
    small = write_records(tmp_path / "a.json.gz", event("s3", "GetObject"))
    large = write_records(tmp_path / "b.json.gz", *[event("s3", "GetObject")] * 100)

    assert duck.lines_of(SourceFile(str(small)))
    assert duck.lines_of(SourceFile(str(large))) is None


def test_an_error_of_duckdb_is_a_single_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(duck, "_FIND_TWICE", "SELECT * FROM nothing")
    path = write_records(tmp_path / "a.json", event("s3", "GetObject"))

    with pytest.raises(ToolError, match=r"DuckDB cannot count the events: .*; set TMPDIR"):
        read_recording([path], engine="duckdb")


def test_no_temporary_file_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    (tmp_path / "temporary").mkdir()
    path = write_records(tmp_path / "a.json", *many_events(20))

    read_recording([path], engine="duckdb")

    assert list((tmp_path / "temporary").iterdir()) == []


@pytest.mark.parametrize("name", ["athena", "lake"])
def test_a_printed_query_returns_the_columns_that_are_read(name: str) -> None:
    text = query(name)

    assert all(f" AS {column}" in text for column in COLUMNS)
    assert all(
        f"'{member}'" in text or f".{member}'" in text
        for service in services_with_rules()
        for member in members_of(service)
    )
    assert text.count("(") == text.count(")")


def test_a_printed_query_reads_the_table_once() -> None:
    assert query("athena", "logs.trail").count('FROM "logs"."trail"') == 1
    assert query("lake", "11111111-2222").count("FROM 11111111-2222") == 1


def test_a_printed_query_has_the_filters() -> None:
    text = query("athena", filters=Filters(role=ROLE, since="2026-11-01", until="2026-12-01"))

    assert f"role = '{ROLE}'" in text
    assert "known_time >= '2026-11-01' AND known_time < '2026-12-01'" in text


@pytest.mark.parametrize("table", ["a; DROP TABLE b", 'a"b', "a'b", "a b", ""])
def test_the_name_of_a_table_cannot_inject_sql(table: str) -> None:
    if table:
        with pytest.raises(InputError, match="must be the name of a table"):
            query("athena", table)
    else:
        assert 'FROM "cloudtrail_logs"' in query("athena", table)


@pytest.mark.parametrize("member", ["role", "family", "since", "until"])
def test_a_filter_cannot_inject_sql(member: str) -> None:
    with pytest.raises(InputError, match=member):
        Filters(**{member: "x' OR '1'='1"})
