"""Tests that roles proposed from recorded calls allow the same calls and no others, with enforced policies.

Ten applications run under roles that allow everything, behind a recorder that writes CloudTrail events. `taskrole
observe --write` turns the events into grants, which are deployed. Then each application runs again, and all its
neighbouring calls are tried: the same calls on resources with a longer name, and other actions on its own resources.
`make test` has two applications, `make test-extra` all.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.enforcing import EnforcingAws
from tests.e2e.project import Project
from tests.e2e.recorded.applications import FIRST, OTHERS
from tests.e2e.recorded.circle import DENIED, Circle, circle

# Their requests do not name the resource, or only in unread members: items and details of events.
LISTED_ONLY = ("Decrypt", "BatchWriteItem", "PutEvents")
GROUPS = [pytest.param(FIRST, id="first"), pytest.param(OTHERS, id="others", marks=pytest.mark.extra)]


@pytest.fixture(scope="module", params=GROUPS)
def ran(
    request: pytest.FixtureRequest,
    enforced: tuple[EnforcingAws, dict[str, str]],
    terraform: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Circle]:
    aws, variables = enforced
    project = Project(tmp_path_factory.mktemp("circle"), variables, terraform)
    with circle(aws, project, request.param) as made:
        yield made


def test_each_application_runs_under_the_role_proposed_from_its_calls(ran: Circle) -> None:
    for application in ran.applications:
        codes = ran.codes(application, application.steps)

        assert codes == dict.fromkeys(application.steps, "")


def test_calls_of_an_application_on_other_resources_are_denied(ran: Circle) -> None:
    for application in ran.applications:
        steps = {name: step for name, step in application.steps.items() if name not in application.without_resource}

        codes = ran.codes(application, steps, application.other_resources)

        assert _allowed(codes) == []


def test_other_actions_on_resources_of_an_application_are_denied(ran: Circle) -> None:
    for application in ran.applications:
        codes = ran.codes(application, application.other_actions)

        assert _allowed(codes) == []


def test_each_denied_call_is_explained_with_the_lines_that_allow_it(ran: Circle) -> None:
    ran.recorder.events.clear()
    for application in ran.applications:
        ran.codes(application, application.other_actions)
    denied = [event for event in ran.recorder.events if event.get("errorCode")]

    explained = _explained(ran, denied)

    assert len(denied) == sum(len(application.other_actions) for application in ran.applications)
    assert len(explained) == len(denied)
    assert {denial["reason"] for denial in explained} == {"identity"}
    assert [
        denial
        for denial in explained
        if not (denial["is_ours"] and denial["actions"] and denial["remedies"][0]["roles_yaml"])
    ] == []
    assert {denial["declared"]["actions"][0]["answer"] for denial in explained} == {"denied"}


def test_no_data_of_applications_is_in_the_report(ran: Circle) -> None:
    done = ran.project.taskrole("observe", ran.before, "--format", "json")

    assert "confidential" not in done.stdout
    assert "GetSecretValue" in done.stdout


def test_requests_name_the_resources_of_their_events(ran: Circle, tmp_path: Path) -> None:
    (file,) = ran.before.rglob("*.json.gz")
    events = json.loads(gzip.decompress(file.read_bytes()))["Records"]
    short = [event | ({} if event["eventName"] in LISTED_ONLY else {"resources": []}) for event in events]
    (tmp_path / "short.json").write_text(json.dumps({"Records": short}))

    listed = ran.project.taskrole("observe", ran.before, "--format", "roles-yaml")
    requested = ran.project.taskrole("observe", tmp_path / "short.json", "--format", "roles-yaml")

    assert requested.stdout == listed.stdout


def _allowed(codes: dict[str, str]) -> list[tuple[str, str]]:
    return [(step, code) for step, code in codes.items() if code not in DENIED]


def _explained(ran: Circle, events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    records = json.dumps({"Records": events}).encode()
    done = ran.project.taskrole("explain-denial", "--stack", "s", "--format", "json", stdin=records, ok=(3,))
    denials: list[dict[str, Any]] = json.loads(done.stdout)["denials"]
    return denials
