"""Tests auditing the services of an embedded AWS: findings, number of calls, and a bad network."""

from __future__ import annotations

import hashlib
import json
import stat
from pathlib import Path
from typing import Any

import pytest

from taskrole.config.load import load_config
from taskrole.live.account import caller, read_account
from taskrole.live.answer_cache import Answers
from taskrole.live.reader import Reader
from taskrole.local.environment import REGION, environment
from taskrole.local.record import ServerRecord
from taskrole.progress import progress_on
from taskrole.review.render.html.frame import content_security_policy
from tests.cli.report_schemas import problems
from tests.expected_files import assert_expected
from tests.live.conftest import Run
from tests.live.filled import small
from tests.live.proxy import proxy_to, query_error
from tests.progress_recorder import Recorder


@pytest.fixture(scope="module")
def little(client) -> None:
    small(client)


def test_the_table_is_as_expected(little, run: Run) -> None:
    done = run("audit")

    assert done.returncode == 3
    assert_expected("cli/audit.txt", done.stdout)
    assert done.stderr.splitlines() == ["14 calls to AWS"]


def test_the_json_is_as_expected(little, run: Run) -> None:
    done = run("audit", "--format", "json")

    report = json.loads(done.stdout)
    assert problems("audit", report) == []
    assert report["schema_version"] == 2
    assert report["summary"] == {
        "services": 9,
        "starts": 1,
        "would_not_start": 4,
        "unknown": 3,
        "excess": 207,
    }
    assert {task_definition["name"]: task_definition["starts"] for task_definition in report["task_definitions"]} == {
        "foreign:1": "unknown",
        "gone:1": "no",
        "job:1": "unknown",
        "lacks:1": "no",
        "lambda:1": "no",
        "none:1": "no",
        "plain:1": "yes",
        "web:1": "unknown",
    }
    workshop = next(role for role in report["roles"] if role["name"] == "ecsTaskExecutionRole")
    assert workshop["replacements"] == [
        {
            "policy": "AmazonEC2ContainerRegistryReadOnly",
            "allowed": 12,
            "statements": ["GetRegistryToken", "PullImages"],
        },
        {"policy": "CloudWatchLogsFullAccess", "allowed": 138, "statements": []},
        {"policy": "SecretsManagerReadWrite", "allowed": 53, "statements": ["ReadSecrets"]},
        {
            "policy": "AmazonECSTaskExecutionRolePolicy",
            "allowed": 6,
            "statements": ["GetRegistryToken", "PullImages"],
        },
    ]
    assert [finding["code"] for finding in report["findings"]] == [
        "AUDIT-GONE",
        "AUDIT-FOREIGN",
        "AUDIT-SHARED",
        "AUDIT-BOTH",
    ]
    assert report["check"]["schema_version"] == 2


def test_a_single_cluster_can_be_audited(little, run: Run) -> None:
    done = run("audit", "--cluster", "test", "--format", "json")

    assert done.returncode == 0
    assert [task_definition["name"] for task_definition in json.loads(done.stdout)["task_definitions"]] == [
        "plain:1",
        "web:1",
    ]


def test_a_missing_cluster_is_an_error_in_one_line(little, run: Run) -> None:
    done = run("audit", "--cluster", "nix")

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "cluster nix: no such cluster in this region; remove --cluster to audit all\n"


def test_a_region_without_services_passes(run: Run) -> None:
    done = run("audit", AWS_REGION="eu-north-1")

    assert (done.returncode, done.stdout.splitlines()[-1]) == (0, "no services in this account and region")


def test_the_exit_code_depends_on_the_limit_of_excess(little, run: Run) -> None:
    assert run("audit", "--cluster", "test", "--max-excess", "0").returncode == 3
    assert run("audit", "--cluster", "test", "--max-excess", "500").returncode == 0


def test_the_page_loads_no_resource_and_has_the_content_of_the_table(little, run: Run, tmp_path: Path) -> None:
    run("audit", "--output", "html=page.html", "--output", "table=page.txt")

    page = (tmp_path / "page.html").read_text()
    assert content_security_policy().replace("'", "&#x27;") in page
    assert page.count("<script") == 1
    assert 'data-table="task-table"' in page
    assert page.count('data-starts="no"') == 4
    assert "4 of 8 task definitions would not start" in page
    assert "\x1b" not in (tmp_path / "page.txt").read_text()


def test_write_roles_writes_least_privilege_roles(little, run: Run, tmp_path: Path) -> None:
    done = run("audit", "--write-roles", "roles.yaml")

    assert_expected("cli/audit.roles.yaml", (tmp_path / "roles.yaml").read_text())
    (stack,) = load_config(tmp_path / "roles.yaml").stacks
    web = next(role for role in stack.roles if role.key == "web-execution")
    (policy,) = web.policies
    assert [statement["Sid"] for statement in policy.document["Statement"]] == [
        "GetRegistryToken",
        "PullImages",
        "ReadSecrets",
    ]
    assert "  web: executionRoleArn of web-execution, replaces ecsTaskExecutionRole" in done.stderr.splitlines()
    again = run("audit", "--write-roles", "roles.yaml")
    assert again.returncode == 1
    assert again.stderr.splitlines()[-1] == "roles.yaml: exists already; choose another file"


def test_passwords_in_environment_variables_are_neither_kept_nor_written(aws, little, run: Run, tmp_path: Path) -> None:
    with proxy_to(aws) as proxy:
        proxy.spoil = lambda number, operation: "cut" if operation == "GetAccountAuthorizationDetails" else None
        run("audit", AWS_MAX_ATTEMPTS="1", **proxy.variables)
    kept = list((tmp_path / "cache/taskrole/audit").glob("*/*.json"))
    modes = {stat.S_IMODE(path.stat().st_mode) for path in kept}
    texts = [path.read_text() for path in kept]
    run("audit", "--write-roles", "roles.yaml")

    written = list((tmp_path / "task-definitions").iterdir())
    assert len(kept) > 10
    assert len(written) == 7
    assert modes == {0o600}
    assert not any("correct horse" in text for text in (*texts, *(path.read_text() for path in written)))


REFUSALS: dict[str, Any] = {
    "ExpiredToken": "the credentials are invalid or expired; renew them, for a profile with: aws sso login",
    "AccessDenied": "run the same command with --print-policy for the permissions that it needs",
}


@pytest.mark.parametrize(("code", "way_out"), REFUSALS.items())
def test_refused_credentials_are_an_error_in_one_line(aws, run: Run, code: str, way_out: str) -> None:
    with proxy_to(aws) as proxy:
        proxy.spoil = lambda number, operation: (403, query_error(code, "No."))

        done = run("audit", **proxy.variables)

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        f"reading the caller's identity (sts:GetCallerIdentity): AWS returned {code}: No.; {way_out}\n"
    )


def test_an_answer_of_another_server_is_an_error_in_one_line(aws, run: Run) -> None:
    with proxy_to(aws) as proxy:
        proxy.spoil = lambda number, operation: (403, "Please log in to the guest network")

        done = run("audit", **proxy.variables)

    assert done.stderr.splitlines() == [
        "reading the caller's identity (sts:GetCallerIdentity): the answer is not AWS's, but maybe that of a proxy: "
        "Unable to parse response (syntax error: line 1, column 0)"
    ]


def test_missing_credentials_are_an_error_in_one_line(run: Run) -> None:
    done = run("audit", AWS_ACCESS_KEY_ID="", AWS_SECRET_ACCESS_KEY="")

    assert done.returncode == 1
    assert "no AWS credentials; set AWS_PROFILE" in done.stderr


def test_an_invalid_region_is_an_error_in_one_line(run: Run) -> None:
    assert run("audit", "--region", "mars").stderr == (
        "region: is required; set --region, AWS_REGION or AWS_DEFAULT_REGION; got 'mars'\n"
    )
    assert run("audit", "--region", "eu-central-9").stderr.endswith(
        "got 'eu-central-9'; did you mean eu-central-2 or eu-central-1 or me-central-1?\n"
    )


def test_answers_in_the_working_tree_are_not_used(little, run: Run, tmp_path: Path) -> None:
    for folder in (tmp_path / ".taskrole/audit", tmp_path / f".taskrole/audit/123456789012.{REGION}"):
        folder.mkdir(parents=True, exist_ok=True)
        request = ["ecs", "list_clusters", {"maxResults": 100}]
        name = hashlib.sha256(json.dumps(request, sort_keys=True).encode()).hexdigest()[:32]
        kept = {"request": request, "answer": {"clusterArns": []}}
        (folder / f"answer-{name}.json").write_text(json.dumps(kept))

    done = run("audit")

    assert done.returncode == 3
    assert done.stderr == "14 calls to AWS\n"


def test_answers_of_a_finished_audit_are_not_reused_if_writing_failed(little, run: Run, tmp_path: Path) -> None:
    (tmp_path / "roles.yaml").touch()

    failed = run("audit", "--write-roles", "roles.yaml")
    again = run("audit")

    assert failed.stderr.splitlines()[-1] == "roles.yaml: exists already; choose another file"
    assert again.stderr.splitlines()[-1] == "14 calls to AWS"


def test_reading_an_account_reports_progress(
    little, aws: ServerRecord, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in environment({}, aws).items():
        monkeypatch.setenv(name, value)
    identity = caller(REGION)
    reader = Reader(REGION, Answers(tmp_path, identity.identity))
    recorder = Recorder()

    with progress_on(recorder):
        read_account(reader, identity.context, ())

    assert [call for call in recorder.calls if call[1] == call[2]] == [
        ("reading services", 2, 2),
        ("reading task definitions", 8, 8),
    ]
