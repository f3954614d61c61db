"""Tests evidence that is not events: results of tools are guesses, last-accessed data is by service."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from taskrole.observe.filters import Filters
from taskrole.observe.read import read_recording
from taskrole.observe.recording import LastAccessed
from tests.observe.events import ROLE
from tests.policy_documents import policy_document as policy

BUCKET = "arn:aws:s3:::b/*"


def allow(actions: Any, resources: Any = BUCKET) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": actions, "Resource": resources}


def read(tmp_path: Path, value: Any, filters: Filters = Filters()) -> Any:  # noqa: B008 -- it is frozen
    path = tmp_path / "evidence.json"
    path.write_text(json.dumps(value, indent=1))
    return read_recording([path], filters)


@pytest.mark.parametrize(
    ("value", "tool"),
    [
        (policy(allow(["s3:GetObject"])), "policy document, such as iamlive's"),
        ({"Policies": [{"Policy": policy(allow("s3:GetObject")), "PolicyType": "Identity"}]}, "IAM Policy Autopilot"),
        (
            {"generatedPolicyResult": {"generatedPolicies": [{"policy": json.dumps(policy(allow("s3:GetObject")))}]}},
            "IAM Access Analyzer",
        ),
    ],
)
def test_the_policy_of_a_tool_is_marked_as_guessed(tmp_path: Path, value: Any, tool: str) -> None:
    (call,) = read(tmp_path, value).calls

    assert (call.action, call.resource, call.event) == ("s3:GetObject", BUCKET, tool)
    assert (call.basis, call.count, call.role) == ("guessed", 0, "")


def test_a_resource_that_the_tool_does_not_name_is_unknown(tmp_path: Path) -> None:
    statements = policy(allow("s3:GetObject", "*"), allow("s3:PutObject", "arn:aws:s3:::${BucketName}/*"))

    calls = read(tmp_path, statements).calls

    assert [(call.resource, call.unknown_because) for call in calls] == [
        (None, "the tool names no resource"),
        (None, "the tool left a placeholder in the resource"),
    ]


def test_an_action_without_resource_types_is_allowed_on_all(tmp_path: Path) -> None:
    (call,) = read(tmp_path, policy(allow("sqs:ListQueues", "*"))).calls

    assert call.resource == "*"


def test_last_accessed_data_are_those_of_the_selected_role(tmp_path: Path) -> None:
    services = [
        {"ServiceNamespace": "s3", "LastAuthenticated": "2026-11-20T11:00:00+01:00", "LastAuthenticatedEntity": ROLE},
        {"ServiceNamespace": "sqs"},
    ]
    answer = {"JobStatus": "COMPLETED", "ServicesLastAccessed": services}

    expected = (LastAccessed(ROLE, (("s3", "2026-11-20T10:00:00Z"), ("sqs", ""))),)
    assert read(tmp_path, answer).last_accessed == expected
    assert read(tmp_path, answer, Filters(role=f"{ROLE}-v2")).last_accessed[0].role == f"{ROLE}-v2"


@pytest.mark.parametrize(
    "value",
    [
        {"Statement": 3},
        {"Statement": [3, {"Effect": "Deny", "Action": "s3:*", "Resource": "*"}, allow(None), allow(3, 4)]},
        {"Policies": [{"Policy": None}]},
        {"generatedPolicyResult": {"generatedPolicies": [{"policy": "{"}, 3]}},
        {"ServicesLastAccessed": [3, {}]},
    ],
)
def test_malformed_evidence_gives_no_traceback(tmp_path: Path, value: Any) -> None:
    assert read(tmp_path, value).calls == ()
