"""Tests `taskrole check`: sources of roles, output, and exit codes."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from taskrole.local.environment import environment
from taskrole.local.record import ServerRecord
from taskrole.policy.documents.statements import policy_document
from tests.aws_client import client
from tests.check.scenarios import CREATE, DB, LOGIN, PULL, WRITE, allow
from tests.cli.running import ROOT, Result, taskrole
from tests.forked_aws import forked_aws

SHOP = str(ROOT / "tests/check/cases/shop.json")
DEPOT = str(ROOT / "tests/check/cases/depot.json")
PLACE = ("--region", "eu-west-1")
AWS_KEYS = ("--kms-key", "aws-owned")
ECS = {"Effect": "Allow", "Principal": {"Service": "ecs-tasks.amazonaws.com"}, "Action": "sts:AssumeRole"}
READ = allow("secretsmanager:GetSecretValue", DB)
CREATE_GROUP = allow("logs:CreateLogGroup", [CREATE["Resource"].removesuffix(":*"), CREATE["Resource"]])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with a sufficient policy, an insufficient policy, and a trust policy."""
    write(tmp_path / "enough.json", policy_document([LOGIN, PULL, WRITE, CREATE_GROUP, READ]))
    write(tmp_path / "short.json", policy_document([LOGIN, PULL, WRITE, CREATE_GROUP]))
    write(tmp_path / "trust.json", policy_document([ECS]))
    return tmp_path


def write(path: Path, data: Any) -> None:
    path.write_text(json.dumps(data))


def check(*arguments: str, cwd: Path = ROOT, **variables: str) -> Result:
    return taskrole("check", *arguments, cwd=cwd, **variables)


def statuses(result: Result) -> dict[str, str]:
    """Return the status of each item of a JSON report by its first action, that of trust by `trust` and the kind."""
    data = json.loads(result.out)
    return {
        item["actions"][0] if item["actions"] else f"trust {role['kind']}": item["status"]
        for task in data["tasks"]
        for role in task["roles"]
        for item in role["items"]
    }


def statuses_of_lines(result: Result) -> list[str]:
    """Return the status of each need of a text report."""
    return [line.split()[0] for line in result.out.splitlines() if re.match(r" {4}(OK|MISSING|unknown) ", line)]


def test_a_role_that_fits_is_fine(folder: Path) -> None:
    result = check(
        SHOP, *PLACE, *AWS_KEYS, "--role", "enough.json", "--role", "trust:trust.json", "--strict", cwd=folder
    )

    assert (result.code, result.err) == (0, "")
    assert result.out.splitlines()[0] == f"{SHOP}: family shop"
    assert "MISSING" not in result.out
    assert "unknown" not in result.out


def test_a_missing_permission_blocks_and_names_call_field_and_message(folder: Path) -> None:
    result = check(SHOP, *PLACE, "--role", "short.json", "--role", "trust:trust.json", cwd=folder)

    assert result.code == 3
    lines = result.out.splitlines()
    at = next(index for index, line in enumerate(lines) if line.startswith("    MISSING "))
    assert [line.split()[0] for line in lines[at : at + 6]] == ["MISSING", DB, "because", "field", "seen", "page"]
    assert "secretsmanager:GetSecretValue" in lines[at]
    assert lines[at + 1].strip() == DB
    assert "/containerDefinitions/0/secrets/0/valueFrom" in lines[at + 3]
    assert "ResourceInitializationError: unable to pull secrets or registry auth" in lines[at + 4]


def test_missing_permissions_are_listed_first(folder: Path) -> None:
    result = check(SHOP, *PLACE, "--role", "short.json", "--role", "trust:trust.json", cwd=folder)

    order = [line.split()[0] for line in result.out.splitlines() if line.startswith(("    OK ", "    MISSING "))]
    assert order == ["MISSING", "OK", "OK", "OK", "OK", "OK"]


def test_task_definitions_without_missing_permissions_have_a_line_each(folder: Path) -> None:
    whole = json.loads(Path(SHOP).read_text())
    lacking = json.loads(Path(SHOP).read_text())
    lacking["containerDefinitions"][0]["secrets"] = [{"name": "X", "valueFrom": "other"}]
    (folder / "tasks").mkdir()
    for number in range(11):
        write(folder / f"tasks/{number:02}.json", whole if number else {**lacking, "family": "lacking"})

    result = check("tasks", *PLACE, *AWS_KEYS, "--role", "enough.json", "--role", "trust:trust.json", cwd=folder)
    quiet = check(
        "tasks", *PLACE, *AWS_KEYS, "--role", "enough.json", "--role", "trust:trust.json", "--quiet", cwd=folder
    )

    lines = result.out.splitlines()
    assert lines[0] == "tasks/00.json: family lacking"
    assert [line for line in lines if line.endswith(": family shop: 6 OK")] == [
        f"tasks/{number:02}.json: family shop: 6 OK" for number in range(1, 11)
    ]
    assert quiet.out.splitlines() == lines[:-1]


def test_policies_of_several_files_are_combined(folder: Path) -> None:
    write(folder / "secret.json", policy_document([READ]))

    result = check(SHOP, *PLACE, "--role", "short.json", "--role", "secret.json", cwd=folder)

    assert result.code == 0


@pytest.mark.parametrize(("most", "code"), [("0", 3), ("1", 0)])
def test_more_excess_than_allowed_blocks(folder: Path, most: str, code: int) -> None:
    write(folder / "more.json", policy_document([allow("sqs:SendMessage", "*")]))

    result = check(SHOP, *PLACE, "--role", "enough.json", "--role", "more.json", "--max-excess", most, cwd=folder)

    assert ": 1 of 8 actions, not needed by these tasks" in result.out
    assert result.code == code


def test_excess_of_a_task_role_does_not_block(folder: Path) -> None:
    write(folder / "app.json", policy_document([allow(["elasticfilesystem:Client*", "s3:*"], "*")]))

    result = check(SHOP, *PLACE, "--task-role", "app.json", "--max-excess", "0", cwd=folder)
    assert result.code == 0
    assert "EXCESS in app.json" in result.out
    assert "the calls of the application are unknown" in result.out


def test_an_unknown_result_passes_unless_strict(folder: Path) -> None:
    arguments = (SHOP, *PLACE, "--role", "enough.json")

    assert check(*arguments, cwd=folder).code == 0
    assert check(*arguments, "--strict", cwd=folder).code == 4


def test_the_needs_of_a_role_that_is_not_given_are_unknown(folder: Path) -> None:
    result = check(SHOP, *PLACE, "--task-role", "enough.json", cwd=folder)

    assert "  execution role: not given; name it with --role\n" in result.out
    assert set(statuses_of_lines(result)) == {"unknown"}
    assert check(SHOP, *PLACE, "--task-role", "enough.json", "--strict", cwd=folder).code == 4


def test_errors_of_the_derivation_are_shown_and_set_the_exit_code(folder: Path) -> None:
    result = check(DEPOT, *PLACE, "--role", "enough.json", cwd=folder)

    assert result.code == 1
    assert "[SM-5]" in result.out
    assert result.errors == ["1 error: not all needs of the tasks are known; the result is incomplete"]


def test_json_has_its_schema_version_and_is_alone_on_standard_output(folder: Path) -> None:
    result = check(DEPOT, *PLACE, "--role", "enough.json", "--format", "json", cwd=folder)

    data = json.loads(result.out)
    assert (result.code, data["schema_version"]) == (1, 2)
    assert list(data) == [
        "schema_version", "context", "tasks", "excess", "findings", "required_elsewhere", "summary",
    ]  # fmt: skip
    assert any("[SM-5]" in line for line in result.errors)


def test_the_same_input_gives_the_same_bytes(folder: Path) -> None:
    arguments = (SHOP, *PLACE, "--role", "enough.json", "--role", "SecretsManagerReadWrite", "--format", "json")

    first, second = (check(*arguments, cwd=folder, PYTHONHASHSEED=seed).out for seed in ("1", "2"))

    assert first == second


def test_output_of_derive_is_an_input_of_check(tmp_path: Path) -> None:
    derived = taskrole("derive", SHOP, *PLACE, "--format", "policy")
    (tmp_path / "derived.json").write_text(derived.out)

    result = check(SHOP, *PLACE, "--role", "derived.json", "--max-excess", "0", cwd=tmp_path)

    assert result.code == 0
    assert "no EXCESS in derived.json" in result.out


@pytest.mark.parametrize(
    "wrapped",
    [
        lambda document: {"PolicyDocument": document},
        lambda document: {"PolicyVersion": {"Document": document, "VersionId": "v1"}},
        lambda document: {"one": document, "other": policy_document([LOGIN])},
    ],
)
def test_documents_are_read_as_aws_prints_them(folder: Path, wrapped: Any) -> None:
    write(folder / "wrapped.json", wrapped(json.loads((folder / "enough.json").read_text())))

    assert check(SHOP, *PLACE, "--role", "wrapped.json", cwd=folder).code == 0


def test_a_boundary_removes_permissions(folder: Path) -> None:
    write(folder / "boundary.json", policy_document([allow(["ecr:*", "logs:*"], "*")]))
    arguments = (SHOP, *PLACE, "--role", "enough.json", "--role", "boundary:boundary.json", "--format", "json")

    result = check(*arguments, cwd=folder)

    assert [action for action, status in statuses(result).items() if status == "MISSING"] == [
        "secretsmanager:GetSecretValue"
    ]


def test_a_task_definition_comes_from_standard_input(folder: Path) -> None:
    content = Path(SHOP).read_bytes()

    result = taskrole("check", "-", *PLACE, "--role", "enough.json", cwd=folder, stdin=content)

    assert result.code == 0
    assert result.out.startswith("standard input: family shop\n")


STACK = """\
version: 1
stacks:
  live:
    region: eu-west-1
    account: "111122223333"
    roles:
      shop-execution:
        kind: execution
        task_definitions: [shop.json]
        options: {kms_keys: {shop/db: "arn:aws:kms:eu-west-1:111122223333:key/1a2b3c4d-5e6f-4a0b-8c1d-2e3f4a5b6c7d"}}
      shop-attached:
        kind: task
        permissions_boundary: arn:aws:iam::111122223333:policy/limit
        managed_policies: [AmazonS3ReadOnlyAccess, "arn:aws:iam::111122223333:policy/app"]
"""


@pytest.fixture
def stack(tmp_path: Path) -> Path:
    (tmp_path / "roles.yaml").write_text(STACK)
    (tmp_path / "shop.json").write_text(Path(SHOP).read_text())
    return tmp_path


def test_a_stack_of_roles_yaml_gives_account_region_and_options(stack: Path) -> None:
    result = check("shop.json", "--stack", "live", "--max-excess", "0", "--format", "json", cwd=stack)

    assert result.code == 0, result.err
    assert statuses(result)["kms:Decrypt"] == "OK"
    assert [excess["count"] for excess in json.loads(result.out)["excess"] if excess["is_complete"]] == [0]


def test_a_customer_managed_policy_is_unknown_until_it_is_given(stack: Path) -> None:
    write(stack / "app.json", policy_document([allow("s3:PutObject", "*")]))
    source = "stack:live/shop-attached"
    given = ("arn:aws:iam::111122223333:policy/app=app.json", "arn:aws:iam::111122223333:policy/limit=app.json")

    without = check("shop.json", "--task-role", source, cwd=stack)
    with_it = check("shop.json", "--task-role", source, *(f"--task-role={policy}" for policy in given), cwd=stack)

    assert "give its document, too: arn:aws:iam::111122223333:policy/app=FILE" in without.out
    assert "not counted" not in with_it.out
    assert "s3:PutObject: allowed on *, not needed" in with_it.out


def test_a_plan_is_checked_as_it_will_be_applied(folder: Path) -> None:
    plan = ROOT / "tests/plans/managed-to-exact/plan.json"
    place = ("--region", "eu-central-1", "--account", "123456789012")

    result = check(SHOP, *place, "--role", f"plan:{plan}#aws_iam_role.web", "--format", "json")

    by_name = statuses(result)
    assert (by_name["trust execution"], by_name["ecr:GetAuthorizationToken"]) == ("OK", "OK")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "Missing role; use --role, --task-role, --stack or --live."),
        (["--role", "none.json"], "none.json: cannot be read: No such file or directory"),
        (["--stack", "x"], "roles.yaml: "),
        (["--live", "--max-excess", "-1"], "Invalid value for '--max-excess'"),
        (["--role", "enough.json", "--kms-key", "=x"], "must be NAME=ARN or ARN; got '=x'"),
        (["--role", "a"], "--role: got 'a', which is neither a file nor an AWS managed policy"),
        (["--role", "plan:none.json#a"], "none.json: cannot be read: No such file or directory"),
        (["--role", "\u202e.json"], "\\u202e.json: cannot be read"),
    ],
)
def test_an_input_error_is_a_line_with_the_problem(folder: Path, arguments: list[str], message: str) -> None:
    result = check(SHOP, *PLACE, *arguments, cwd=folder)

    assert result.code == 1
    assert result.out == ""
    assert message in result.err


def test_all_errors_of_the_sources_are_reported_at_once(folder: Path) -> None:
    result = check(SHOP, *PLACE, "--role", "none.json", "--role", "nonsense", "--task-role", "void", cwd=folder)

    assert result.code == 1
    assert len(result.errors) == 3


@pytest.mark.parametrize(
    "document",
    [
        {"Statement": "x"},
        {"Statement": [None, 1, [], {}]},
        {"Version": "x", "Statement": []},
        {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": 1, "Resource": {}}},
        {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": "x"}]},
        {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}]},
    ],
)
def test_a_malformed_policy_gives_no_traceback_and_never_passes(folder: Path, document: Any) -> None:
    write(folder / "odd.json", document)

    result = check(SHOP, *PLACE, "--role", "odd.json", "--role", "trust:odd.json", "--strict", cwd=folder)

    assert result.code in (3, 4)


def test_values_of_a_policy_are_escaped(folder: Path) -> None:
    hostile = {"Sid": "\u202eevil\x1b[31m", **allow("secretsmanager:GetSecretValue", f"{DB}\x1b[31m"), "Effect": "Deny"}
    write(folder / "odd.json", policy_document([LOGIN, {**hostile, "Resource": "*"}, allow("\x1b[31m:x", "\u202e")]))

    result = check(SHOP, *PLACE, "--role", "odd.json", cwd=folder)

    assert "\x1b" not in result.out
    assert "\u202e" not in result.out


@pytest.fixture(scope="module")
def embedded_aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerRecord]:
    folder = tmp_path_factory.mktemp("live")
    with forked_aws(folder) as record:
        yield record


@pytest.fixture
def live_shop(embedded_aws: ServerRecord, tmp_path: Path) -> Iterator[Path]:
    """Make the role of a task definition in the embedded AWS, its policy customer managed, and yield the definition."""
    iam = client(embedded_aws, "iam")
    account = "123456789012"
    text = Path(SHOP).read_text().replace("111122223333", account)
    statements = json.loads(json.dumps([LOGIN, PULL, WRITE, CREATE_GROUP]).replace("111122223333", account))
    iam.create_role(RoleName="shop-execution", AssumeRolePolicyDocument=json.dumps(policy_document([ECS])))
    document = json.dumps(policy_document(statements))
    arn = iam.create_policy(PolicyName="shop", PolicyDocument=document)["Policy"]["Arn"]
    iam.attach_role_policy(RoleName="shop-execution", PolicyArn=arn)
    (tmp_path / "live.json").write_text(text)
    yield tmp_path / "live.json"
    iam.detach_role_policy(RoleName="shop-execution", PolicyArn=arn)
    iam.delete_policy(PolicyArn=arn)
    iam.delete_role(RoleName="shop-execution")


@pytest.mark.parametrize("source", [["--live"], ["--role", "live:shop-execution"]])
def test_a_live_role_is_read_with_its_attached_policies(
    embedded_aws: ServerRecord, live_shop: Path, source: list[str]
) -> None:
    variables = environment(os.environ, embedded_aws)

    result = check(str(live_shop), *PLACE, *source, *AWS_KEYS, "--format", "json", **variables)

    by_name = statuses(result)
    assert result.code == 3, result.err
    assert by_name["trust execution"] == "OK"
    assert [action for action, status in by_name.items() if status != "OK"] == ["secretsmanager:GetSecretValue"]


def test_a_live_role_that_is_missing_or_of_another_account_is_reported(
    embedded_aws: ServerRecord, live_shop: Path
) -> None:
    variables = environment(os.environ, embedded_aws)

    absent = check(SHOP, *PLACE, "--role", "live:missing-role", **variables)
    foreign = check(SHOP, *PLACE, "--live", **variables)

    assert absent.errors == ["--role live:missing-role: there is no role 'missing-role' in the account"]
    assert foreign.code == 1
    assert "the tasks run in account 111122223333; use the credentials of that account" in foreign.err


def test_without_credentials_the_message_says_how_to_get_them() -> None:
    result = check(SHOP, *PLACE, "--live")

    assert result.code == 1
    assert "no AWS credentials; set AWS_PROFILE" in result.err


def test_live_needs_a_task_definition_that_names_a_role(tmp_path: Path) -> None:
    data = json.loads(Path(SHOP).read_text())
    del data["executionRoleArn"]
    write(tmp_path / "task.json", data)

    result = check("task.json", *PLACE, "--account", "111122223333", "--live", cwd=tmp_path)

    assert result.errors == [
        "--live: no task definition names a role in executionRoleArn or taskRoleArn; name it: --role live:NAME"
    ]
