"""Tests `taskrole check --calls`: recorded calls against roles of every source, with and without task definitions."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from taskrole.policy.documents.statements import policy_document
from tests.check.scenarios import allow
from tests.cli.report_schemas import problems
from tests.cli.running import ROOT, Result, taskrole
from tests.observe.events import event, write_records
from tests.review.cases import PLANS

WEB = "arn:aws:iam::111122223333:role/web-task"
PULL = "arn:aws:iam::111122223333:role/web-execution"
TABLE = "arn:aws:dynamodb:eu-west-1:111122223333:table/orders"
ROLES = f"""\
version: 1
stacks:
  shop:
    region: eu-west-1
    account: "111122223333"
    roles:
      web-task:
        kind: task
        grants:
          - resources: {TABLE}
            actions: dynamodb:Query
      web-execution:
        kind: execution
  two:
    region: eu-west-1
    account: "111122223333"
    roles:
      one-task: {{kind: task}}
      other-task: {{kind: task}}
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Return a project with roles.yaml, and two recorded calls of its task role, of which the role allows one."""
    (tmp_path / "roles.yaml").write_text(ROLES)
    write_records(
        tmp_path / "calls/events.json.gz",
        event("dynamodb", "Query", {"tableName": "orders"}, role=WEB),
        event("dynamodb", "Scan", {"tableName": "orders"}, role=WEB),
    )
    return tmp_path


def check(*arguments: str, cwd: Path) -> Result:
    return taskrole("check", *arguments, cwd=cwd)


def test_a_stack_alone_replays_the_calls_of_each_of_its_roles(project: Path) -> None:
    result = check("--stack", "shop", "--calls", "calls", cwd=project)

    assert (result.code, result.err) == (3, "")
    lines = result.out.splitlines()
    assert lines[0] == "execution role web-execution: no recorded calls"
    assert lines[1] == "task role web-task: 2 recorded calls by 1 task, 2026-11-01: 1 allowed, 1 denied, 0 unknown"
    assert "  denied   dynamodb:Scan" in lines
    assert "          actions: dynamodb:Scan" in lines


def test_the_proposed_line_makes_the_replay_pass(project: Path) -> None:
    (project / "roles.yaml").write_text(ROLES.replace("dynamodb:Query", "[dynamodb:Query, dynamodb:Scan]"))

    result = check("--stack", "shop", "--calls", "calls", "--strict", cwd=project)

    assert result.code == 0
    assert "2 allowed, 0 denied, 0 unknown" in result.out


def test_policies_from_files_are_evaluated_too(project: Path) -> None:
    (project / "own.json").write_text(json.dumps(policy_document([allow("dynamodb:*", TABLE)])))

    result = check("--task-role", "own.json", "--calls", "calls", cwd=project)

    assert result.code == 0
    assert "task role own.json: 2 recorded calls by 1 task, 2026-11-01: 2 allowed, 0 denied, 0 unknown" in result.out


def test_missing_permissions_of_a_policy_file_are_printed_as_a_statement(project: Path) -> None:
    (project / "own.json").write_text(json.dumps(policy_document([allow("dynamodb:Query", TABLE)])))

    result = check("--task-role", "own.json", "--calls", "calls", cwd=project)

    assert result.code == 3
    assert '"dynamodb:Scan"' in result.out


def test_with_task_definitions_both_are_checked(project: Path) -> None:
    shop = str(ROOT / "tests/check/cases/shop.json")
    arguments = (shop, "--stack", "shop", "--kms-key", "aws-owned", "--calls", "calls")

    result = check(*arguments, cwd=project)

    assert result.code == 3
    assert "family shop" in result.out
    assert "1 allowed, 1 denied, 0 unknown" in result.out
    assert result.out.splitlines()[-1].endswith("EXCESS")


def test_json_has_the_counts_and_the_calls_that_are_not_allowed(project: Path) -> None:
    result = check("--task-role", "stack:shop/web-task", "--calls", "calls", "--format", "json", cwd=project)

    data = json.loads(result.out)
    assert problems("check", data) == []
    (replay,) = data["replays"]
    assert (replay["allowed"], replay["denied"], replay["unknown"]) == (1, 1, 0)
    assert [(call["action"], call["answer"], call["resource"]) for call in replay["calls"]] == [
        ("dynamodb:Scan", "denied", TABLE)
    ]
    assert replay["statements"][0]["Action"] == ["dynamodb:Scan"]


def test_limits_of_the_evidence_and_left_out_calls_are_reported(project: Path) -> None:
    (project / "calls/broken.json").write_text('{"Records": [')

    result = check("--task-role", "stack:shop/web-task", "--calls", "calls", cwd=project)

    lines = result.out.splitlines()[result.out.splitlines().index("what the recorded calls cannot show:") :]
    assert any(line.startswith("  The evidence covers 1 day, 2026-11-01.") for line in lines)
    assert any("CloudTrail never records logs:PutLogEvents" in line for line in lines)
    assert lines[-1].startswith("  left out: calls/broken.json: ")


def test_without_calls_the_report_has_no_replays(project: Path) -> None:
    shop = str(ROOT / "tests/check/cases/shop.json")

    result = check(shop, "--stack", "shop", "--format", "json", cwd=project)

    assert "replays" not in json.loads(result.out)


def test_the_old_role_can_have_another_name(project: Path) -> None:
    write_records(project / "calls/old.json", event("dynamodb", "Query", {"tableName": "orders"},
                                                    role="arn:aws:iam::111122223333:role/ecsTaskRole"))  # fmt: skip
    arguments = ("--task-role", "stack:shop/web-task", "--calls", "calls", "--calls-role")

    plain = check(*arguments, "ecsTaskRole", cwd=project)
    by_kind = check(*arguments, "task=arn:aws:iam::111122223333:role/ecsTaskRole", cwd=project)

    assert "1 recorded call by 1 task, 2026-11-01: 1 allowed, 0 denied, 0 unknown" in plain.out
    assert (plain.code, by_kind.out) == (0, plain.out)


def test_a_recorded_role_can_be_replaced_by_a_task_and_an_execution_role(project: Path) -> None:
    both = "arn:aws:iam::111122223333:role/ecsRole"
    write_records(
        project / "calls/events.json.gz",
        event("dynamodb", "Query", {"tableName": "orders"}, role=both),
        event("dynamodb", "Scan", {"tableName": "orders"}, role=both),
        event("ecr", "GetAuthorizationToken", role=both),
    )
    pull = "        statements: [{Effect: Allow, Action: 'ecr:GetAuthorizationToken', Resource: '*'}]\n"
    (project / "roles.yaml").write_text(ROLES.replace("kind: execution\n", f"kind: execution\n{pull}"))

    result = check("--stack", "shop", "--calls", "calls", "--calls-role", "ecsRole", cwd=project)

    first = result.out.splitlines()[0]
    assert first.startswith("execution role web-execution and task role web-task: 3 recorded calls by 1 task")
    assert first.endswith("2 allowed, 1 denied, 0 unknown")
    assert "    web-task:" in result.out


def test_several_sources_are_combined_into_a_recording(project: Path) -> None:
    write_records(project / "more.json", event("dynamodb", "Query", {"tableName": "orders"}, role=WEB))

    result = check("--task-role", "stack:shop/web-task", "--calls", "calls", "--calls", "more.json", cwd=project)

    assert "3 recorded calls" in result.out


def test_unknown_calls_exit_with_4_only_if_strict(project: Path) -> None:
    write_records(project / "calls/events.json.gz", event("unheardof", "DoIt", role=WEB))
    arguments = ("--task-role", "stack:shop/web-task", "--calls", "calls")

    assert (check(*arguments, cwd=project).code, check(*arguments, "--strict", cwd=project).code) == (0, 4)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--stack", "shop"], "Missing argument 'FILE'; give task definitions, or --calls."),
        (["x.json", "--stack", "shop", "--calls-role", "x"], "--calls-role needs --calls."),
        (["--calls", "calls"], "Missing role"),
        (["--stack", "shop", "--calls", "missing"], "missing: "),
        (["--stack", "shop", "--calls", "calls", "--calls-role", "x"], "role 'x' has no recorded calls"),
        (["--stack", "two", "--calls", "calls", "--calls-role", "task=x"], "several roles of one kind are checked"),
        (["--task-role", "stack:shop/web-task", "--calls", "calls", "--calls-role", "x"],
         "role 'x' has no recorded calls; recorded roles: web-task"),
        (["--role", "stack:shop/web-execution", "--calls", "calls"], "role 'web-execution' has no recorded calls"),
    ],
)  # fmt: skip
def test_a_wrong_argument_is_an_input_error(arguments: list[str], words: str, project: Path) -> None:
    result = check(*arguments, cwd=project)

    assert (result.code, result.out) == (1, "")
    assert words in result.err


def test_a_large_number_of_denied_calls_is_counted_and_not_listed(project: Path) -> None:
    write_records(project / "calls/events.json.gz", *(
        event("s3", "GetObject", {"bucketName": "orders-in", "key": f"{number}.csv"}, role=WEB) for number in range(300)
    ))  # fmt: skip

    result = check("--task-role", "stack:shop/web-task", "--calls", "calls", cwd=project)

    assert "and 280 more; --format json has all" in result.out
    assert "300 resources, too many to list; taskrole observe with --generalise groups them" in result.out
    assert len(result.out.splitlines()) < 100


def test_a_role_is_evaluated_as_planned(project: Path) -> None:
    role = "arn:aws:iam::123456789012:role/payments-execution"
    secret = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:prod/db-Ab12Cd"
    read = event("secretsmanager", "GetSecretValue", {"secretId": secret}, role=role)
    create = event("iam", "CreateUser", {"userName": "x"}, role=role)
    write_records(project / "calls/events.json.gz", read, create)

    result = check("--role", f"plan:{PLANS / 'broadening/plan.json'}", "--calls", "calls", cwd=project)

    assert result.code == 3
    assert "2 recorded calls by 1 task, 2026-11-01: 1 allowed, 1 denied, 0 unknown" in result.out
