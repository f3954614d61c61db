"""Tests the command `taskrole observe`: from events to proposals, comparison, roles.yaml and lock."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from taskrole.yaml_reader import read_yaml
from tests.cli.running import ROOT, taskrole
from tests.expected_files import assert_expected
from tests.observe.events import OTHER_TASK, ROLE, event, write_records

EXAMPLE = ROOT / "examples/observe"
OTHER_ROLE = "arn:aws:iam::111122223333:role/api-task"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the example."""
    return Path(shutil.copytree(EXAMPLE, tmp_path / "observe"))


def get_queue_url(name: str, **members: Any) -> dict[str, Any]:
    return event("sqs", "GetQueueUrl", {"queueName": name}, **members)


def test_the_report_of_the_example_is_as_expected(folder: Path) -> None:
    done = taskrole("observe", "events.jsonl", "--stack", "production", cwd=folder)

    assert (done.code, done.err) == (0, "")
    assert_expected("cli/observe.txt", done.out)


def test_the_json_of_the_example_has_the_content_of_the_text(folder: Path) -> None:
    done = taskrole("observe", "events.jsonl", "--stack", "production", "--format", "json", cwd=folder)

    assert_expected("cli/observe.json", done.out)
    assert json.loads(done.out)["schema_version"] == 1


def test_the_proposals_alone_are_yaml_with_their_evidence(folder: Path) -> None:
    done = taskrole("observe", "events.jsonl", "--format", "roles-yaml", "--generalise", "5", cwd=folder)

    assert_expected("cli/observe.yaml", done.out)
    data = read_yaml(done.out.encode(), "proposals").data
    assert len(data["orders-task"]["grants"]) == 4


def test_write_adds_to_roles_yaml_and_the_lock_reports_the_grants(folder: Path) -> None:
    assert taskrole("lock", cwd=folder).code == 0
    before = (folder / "roles.yaml").read_text()

    done = taskrole("observe", "events.jsonl", "--stack", "production", "--write", cwd=folder)

    assert done.out == "roles.yaml: added 3 entries to role orders-task of stack production\n"
    after = (folder / "roles.yaml").read_text()
    assert after.startswith(before)
    assert "          # Seen 6 times by 3 tasks, 2026-09-14 to 2026-11-24.\n" in after
    check = taskrole("lock", "--check", cwd=folder)
    assert check.code == 3
    assert "kms:Decrypt" in check.out


def test_a_second_write_adds_nothing(folder: Path) -> None:
    arguments = ("observe", "events.jsonl", "--stack", "production", "--write")
    taskrole(*arguments, cwd=folder)
    before = (folder / "roles.yaml").read_bytes()

    again = taskrole(*arguments, cwd=folder)

    assert again.out == "roles.yaml: nothing to add to role orders-task of stack production\n"
    assert (folder / "roles.yaml").read_bytes() == before


def test_write_needs_a_stack(folder: Path) -> None:
    done = taskrole("observe", "events.jsonl", "--write", cwd=folder)

    assert done.code == 1
    assert "--write needs --stack" in done.err


def test_a_recorded_role_of_another_name_is_named_by_its_key(folder: Path) -> None:
    write_records(folder / "events.json", get_queue_url("jobs"))

    unnamed = taskrole("observe", "events.json", "--stack", "production", cwd=folder)
    named = taskrole("observe", "events.json", "--stack", "production/orders-task", cwd=folder)

    assert unnamed.code == 1
    assert unnamed.err.endswith("declares no role web-task; choose a role: --stack production/orders-task\n")
    assert "Compared with stack:production/orders-task" in named.out


def test_a_recorded_role_of_the_same_name_in_another_account_is_another_role(folder: Path) -> None:
    write_records(folder / "b.json", get_queue_url("jobs", role="arn:aws:iam::444455556666:role/orders-task"))

    done = taskrole("observe", "b.json", "--stack", "production", cwd=folder)

    assert done.code == 1
    assert "declares no role orders-task" in done.err


def test_a_permission_that_only_a_verbatim_policy_allows_is_proposed(folder: Path) -> None:
    roles = folder / "roles.yaml"
    policy = '{Version: "2012-10-17", Statement: [{Effect: Allow, Action: "sqs:*", Resource: "*"}]}'
    text = roles.read_text().replace(
        "AmazonSQSFullAccess", f"AmazonSQSFullAccess\n        inline_policies: {{own: {policy}}}"
    )
    roles.write_text(text)

    done = taskrole("observe", "events.jsonl", "--stack", "production", "--write", cwd=folder)

    assert done.out == "roles.yaml: added 3 entries to role orders-task of stack production\n"


def test_a_role_may_be_compared_with_every_source_of_check(folder: Path) -> None:
    done = taskrole("observe", "events.jsonl", "--compare", "AmazonS3ReadOnlyAccess", cwd=folder)

    assert done.code == 0
    assert "Compared with AmazonS3ReadOnlyAccess:" in done.out
    assert "s3:GetObject (policy AmazonS3ReadOnlyAccess)" in done.out


def test_several_roles_are_reported_separately(tmp_path: Path) -> None:
    write_records(tmp_path / "a.json.gz", get_queue_url("jobs"), get_queue_url("mail", role=OTHER_ROLE))

    both = taskrole("observe", "a.json.gz", cwd=tmp_path)
    api_report = taskrole("observe", "a.json.gz", "--role", "api-task", cwd=tmp_path)

    assert (
        both.out.index("Role web-task (inferred: a task role)")
        > both.out.index("Role api-task (inferred: a task role)")
        > 0
    )
    assert "web-task" not in api_report.out


def test_an_execution_role_gets_statements(tmp_path: Path) -> None:
    pull = event("ecr", "BatchGetImage", {"repositoryName": "web", "registryId": "111122223333"})
    write_records(tmp_path / "a.json", event("ecr", "GetAuthorizationToken"), pull)

    done = taskrole("observe", "a.json", "--format", "roles-yaml", cwd=tmp_path)

    assert "  kind: execution\n" in done.out
    statements = read_yaml(done.out.encode(), "f").data["web-task"]["statements"]
    assert [statement["Action"] for statement in statements] == [["ecr:BatchGetImage"], ["ecr:GetAuthorizationToken"]]


EMPTY = {
    "a role that is not there": (
        ("--role", "nope"),
        f"--role nope: matches none of 1 events of 2026-11-01; there are {ROLE}",
    ),
    "a family that is not there": (("--family", "nope"), "--family 'nope': matches none of 1 events of 2026-11-01; "),
    "a time before the events": (("--to", "2026-10-31"), "a.json: has no events in that time: --to 2026-10-31"),
    "a time behind them": (("--from", "2026-11-02"), "a.json: has no events in that time: --from 2026-11-02"),
}


@pytest.mark.parametrize(("options", "message"), EMPTY.values(), ids=EMPTY)
def test_without_calls_the_filter_without_a_match_is_named(
    options: tuple[str, ...], message: str, tmp_path: Path
) -> None:
    write_records(tmp_path / "a.json", get_queue_url("jobs"))

    done = taskrole("observe", "a.json", *options, cwd=tmp_path)

    assert (done.code, done.out) == (1, "")
    assert done.err.startswith(message)


def test_the_last_day_is_included(tmp_path: Path) -> None:
    write_records(tmp_path / "a.json", get_queue_url("jobs", eventTime="2026-11-01T23:59:59Z"))

    assert taskrole("observe", "a.json", "--from", "2026-11-01", "--to", "2026-11-01", cwd=tmp_path).code == 0


def test_the_last_day_may_be_the_greatest_date(tmp_path: Path) -> None:
    write_records(tmp_path / "a.json", get_queue_url("jobs"))

    assert taskrole("observe", "a.json", "--to", "9999-12-31", cwd=tmp_path).code == 0


def test_a_proposal_above_the_quota_exits_with_1_and_names_the_fix(tmp_path: Path) -> None:
    arn = "arn:aws:s3:::orders-in"
    gets = [
        event(
            "s3", "GetObject", {"bucketName": "orders-in", "key": f"{number % 3}/{number:080}"},
            resources=[{"ARN": f"{arn}/{number % 3}/{number:080}"}], eventCategory="Data",
        )
        for number in range(1_500)
    ]  # fmt: skip
    write_records(tmp_path / "a.json.gz", *gets)

    text = taskrole("observe", "a.json.gz", cwd=tmp_path)
    lines = taskrole("observe", "a.json.gz", "--format", "roles-yaml", cwd=tmp_path)
    general = taskrole("observe", "a.json.gz", "--generalise", "500", cwd=tmp_path)

    assert (text.code, lines.code, general.code) == (1, 1, 0)
    assert "They fit with --generalise 500" in text.out
    assert lines.out == ""
    assert lines.err.endswith("they fit with --generalise 500\n")
    assert f'"{arn}/0/*"' in general.out or f"{arn}/0/*" in general.out


def test_strict_exits_with_4_for_calls_that_cannot_be_proposed(tmp_path: Path) -> None:
    write_records(tmp_path / "a.json", get_queue_url("jobs"), event("frobnicate", "DoIt", {}, session=OTHER_TASK))

    assert taskrole("observe", "a.json", cwd=tmp_path).code == 0
    assert taskrole("observe", "a.json", "--strict", cwd=tmp_path).code == 4


def test_calls_without_a_permission_are_listed_and_not_unknown(tmp_path: Path) -> None:
    write_records(tmp_path / "events.json", get_queue_url("orders"), event("sts", "GetCallerIdentity"))

    done = taskrole("observe", "events.json", "--strict", cwd=tmp_path)

    assert done.code == 0
    assert "Events that require no grant:" in done.out
    assert "sts.amazonaws.com:GetCallerIdentity, once: the call needs no permission" in done.out


def test_the_output_contains_only_actions_resources_counts_times_and_tasks(tmp_path: Path) -> None:
    request = {"queueUrl": "https://sqs.eu-west-1.amazonaws.com/111122223333/jobs", "messageBody": "hush-hush"}
    members = {"sourceIPAddress": "198.51.100.77", "userAgent": "agent-smith", "eventCategory": "Data"}
    write_records(tmp_path / "a.json", event("sqs", "SendMessage", request, **members))

    for format_ in ("text", "json", "roles-yaml"):
        done = taskrole("observe", "a.json", "--format", format_, cwd=tmp_path)

        assert "sqs:SendMessage" in done.out
        assert not any(
            secret in done.out for secret in ("hush-hush", "198.51.100.77", "agent-smith", "amazonaws.com/1")
        )


def test_control_sequences_of_names_in_events_are_escaped(tmp_path: Path) -> None:
    key = "\x1b[31m::error::x\n"
    request = {"bucketName": "b", "key": key}
    write_records(
        tmp_path / "a.json", event("s3", "GetObject", request, eventCategory="Data"), get_queue_url("::error::y")
    )

    for format_ in ("text", "json", "roles-yaml"):
        done = taskrole("observe", "a.json", "--format", format_, cwd=tmp_path)

        assert "\x1b" not in done.out
        assert not any(line.lstrip().startswith("::") for line in done.out.splitlines())
