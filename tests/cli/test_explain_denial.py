"""Tests `taskrole explain-denial`: input, output, and exit codes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.running import Result, taskrole
from tests.expected_files import assert_expected

TASK = "0f9c1a2b3c4d5e6f708192a3b4c5d6e7"
TABLE = "arn:aws:dynamodb:eu-west-1:111122223333:table/orders"
SECRET = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:orders/db-Ab12Cd"
ROLES = f"""\
version: 1
stacks:
  shop:
    region: eu-west-1
    account: "111122223333"
    roles:
      orders-task:
        kind: task
        grants:
          - resources: {TABLE}
            actions: dynamodb:Query
      orders-execution:
        kind: execution
"""


def message(role: str, action: str, resource: str, clause: str) -> str:
    user = f"arn:aws:sts::111122223333:assumed-role/{role}/{TASK}"
    return f"User: {user} is not authorized to perform: {action} on resource: {resource} {clause}"


def implicit(action: str) -> str:
    return f"because no identity-based policy allows the {action} action"


QUERY = message("orders-task", "dynamodb:Query", TABLE, implicit("dynamodb:Query"))
SCAN = message("orders-task", "dynamodb:Scan", TABLE, implicit("dynamodb:Scan"))
STOPPED = (
    "ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: unable"
    " to retrieve secret from asm: service call has been retried 1 time(s): failed to fetch secret"
    f" {SECRET} from secrets manager: AccessDeniedException: "
    + message("orders-execution", "secretsmanager:GetSecretValue", SECRET, implicit("secretsmanager:GetSecretValue"))
)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "roles.yaml").write_text(ROLES)
    return tmp_path


def explain(text: str, *arguments: str, cwd: Path) -> Result:
    return taskrole("explain-denial", *arguments, cwd=cwd, stdin=text.encode())


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("stopped", STOPPED),
        ("scp", message("orders-task", "dynamodb:Query", TABLE, "with an explicit deny in a service control policy")),
        ("boundary", message("orders", "dynamodb:Query", TABLE,
                             "because no permissions boundary allows the dynamodb:Query action")),
        ("foreign-key", message("orders-task", "kms:Decrypt", "arn:aws:kms:eu-west-1:444455556666:key/1234abcd-12ab-"
                                "34cd-56ef-1234567890ab", "because no resource-based policy allows the kms:Decrypt"
                                " action")),
        ("bare", "An error occurred (AccessDenied) when calling the GetObject operation: Access Denied"),
        ("network", "ResourceInitializationError: unable to retrieve secret from asm: There is a connection issue"
                    " between the task and AWS Secrets Manager."),
    ],
)  # fmt: skip
def test_the_text_is_as_expected(name: str, text: str, tmp_path: Path) -> None:
    result = explain(text, cwd=tmp_path)

    assert (result.code, result.err) == (0, "")
    assert_expected(f"cli/explain-denial-{name}.txt", result.out)


def test_a_file_is_read_like_standard_input(tmp_path: Path) -> None:
    (tmp_path / "message.txt").write_text(SCAN)

    result = taskrole("explain-denial", "message.txt", cwd=tmp_path)

    assert result.out == explain(SCAN, cwd=tmp_path).out


def test_a_declared_role_that_allows_the_call_must_be_deployed(project: Path) -> None:
    result = explain(QUERY, "--stack", "shop", "--strict", cwd=project)

    assert result.code == 0
    assert "stack shop: task role orders-task allows dynamodb:Query" in result.out
    assert "Deploy stack shop" in result.out
    assert "grants:" not in result.out


def test_a_masked_account_is_taken_from_the_stack(project: Path) -> None:
    result = explain(QUERY.replace(":111122223333:table", ":***:table"), "--stack", "shop", cwd=project)

    assert "allows dynamodb:Query" in result.out


def test_a_declared_role_that_does_not_allow_the_call_blocks(project: Path) -> None:
    result = explain(SCAN, "--stack", "shop", cwd=project)

    assert result.code == 3
    assert "does not allow dynamodb:Scan" in result.out
    assert "grants:" in result.out


def test_the_proposed_lines_depend_on_the_kind_of_the_declared_role(project: Path) -> None:
    text = SCAN.replace("orders-task", "other")

    result = explain(text, "--stack", "shop/orders-execution", cwd=project)

    assert result.code == 3
    assert "orders-execution:\n      statements:" in result.out
    assert "grants:" not in result.out


def test_a_boundary_that_forbids_the_call_is_reported(project: Path) -> None:
    boundary = "        permissions_boundary: arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess\n"
    (project / "roles.yaml").write_text(ROLES.replace("kind: task\n", f"kind: task\n{boundary}"))

    result = explain(QUERY, "--stack", "shop", cwd=project)

    assert result.code == 3
    assert "its permissions boundary forbids dynamodb:Query" in result.out


def test_an_unknown_part_of_the_declared_role_blocks_under_strict_only(project: Path) -> None:
    text = SCAN.replace(f"on resource: {TABLE} ", "").replace("dynamodb:Scan", "dynamodb:Query")

    assert explain(text, "--stack", "shop", cwd=project).code == 0
    assert explain(text, "--stack", "shop", "--strict", cwd=project).code == 4


def test_a_role_that_the_stack_does_not_have_is_an_error(project: Path) -> None:
    result = explain(SCAN.replace("orders-task", "other"), "--stack", "shop", cwd=project)

    assert (result.code, result.out) == (1, "")
    assert "declares no role 'other'" in result.err
    assert "--stack shop/orders-task" in result.err


def test_json_has_the_content_of_the_text(project: Path) -> None:
    result = explain(STOPPED + "\n" + SCAN, "--stack", "shop", "--format", "json", cwd=project)

    data = json.loads(result.out)
    first, second = data["denials"]
    assert data["schema_version"] == 1
    assert (first["actions"], first["role_kind"], first["reason"]) == (
        ["secretsmanager:GetSecretValue"], "execution", "identity",
    )  # fmt: skip
    assert (second["task"], second["resources"], second["is_ours"]) == (TASK, [TABLE], True)
    assert second["declared"]["actions"][0]["answer"] == "denied"
    assert second["remedies"][0]["roles_yaml"].startswith("orders-task:\n")


def findings(text: str, *arguments: str, cwd: Path) -> list[tuple[str, str, str]]:
    results = json.loads(explain(text, *arguments, "--format", "sarif", cwd=cwd).out)["runs"][0]["results"]
    return [(result["ruleId"], result["level"], result["message"]["text"]) for result in results]


def test_a_denied_call_is_a_finding_with_its_fix(tmp_path: Path) -> None:
    (finding,) = findings(SCAN, cwd=tmp_path)

    assert finding == (
        "OBSERVE-DENIED",
        "warning",
        f"dynamodb:Scan on {TABLE} was denied, because no policy of the role allows it. Fix: Add under roles in"
        f" roles.yaml, for the task role (according to its name): dynamodb:Scan on {TABLE}",
    )


def test_a_call_that_the_declared_role_denies_is_an_error(project: Path) -> None:
    denied, allowed = findings(SCAN, "--stack", "shop", cwd=project) + findings(QUERY, "--stack", "shop", cwd=project)

    assert (denied[1], allowed[1]) == ("error", "warning")
    assert "task role orders-task of stack shop: dynamodb:Scan is denied" in denied[2]


def test_the_fix_in_another_account_names_it(tmp_path: Path) -> None:
    key = "arn:aws:kms:eu-west-1:444455556666:key/1234abcd-12ab-34cd-56ef-1234567890ab"
    clause = "because no resource-based policy allows the kms:Decrypt action"

    (finding,) = findings(message("orders-task", "kms:Decrypt", key, clause), cwd=tmp_path)

    assert f"Fix: account 444455556666 must add to the kms policy of {key}" in finding[2]


def test_a_failure_with_another_cause_has_its_own_code(tmp_path: Path) -> None:
    text = (
        "ResourceInitializationError: unable to retrieve secret from asm: There is a connection issue between the task"
    )

    (finding,) = findings(f"{text} and AWS Secrets Manager.", cwd=tmp_path)

    assert finding[0] == "OBSERVE-FAILED"


def test_text_without_a_denied_call_is_an_input_error(tmp_path: Path) -> None:
    result = explain("all is well", cwd=tmp_path)

    assert (result.code, result.out) == (1, "")
    assert result.err.startswith("standard input: contains no denied call")


def test_many_denials_are_counted(tmp_path: Path) -> None:
    text = "\n".join(SCAN.replace("table/orders", f"table/orders-{number}") for number in range(30))

    result = explain(text, cwd=tmp_path)

    assert result.out.count("DENIED ") == 20
    assert "and 10 more denied calls; --format json has all" in result.out


def test_control_sequences_in_a_message_are_escaped(tmp_path: Path) -> None:
    hostile = message(
        "orders-task", "s3:GetObject", '"arn:aws:s3:::o/\x1b[31m\n::error ::x\u202e"', "with an explicit deny"
    )

    result = explain(hostile, cwd=tmp_path)

    assert "\x1b" not in result.out
    assert "\u202e" not in result.out
    assert not any(line.lstrip().startswith("::") for line in result.out.splitlines())
