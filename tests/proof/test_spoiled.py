"""Tests spoiled answers of AWS: an error in one line that names the call, no traceback. `make prove`: 50,000."""

from __future__ import annotations

import json

import pytest

from taskrole.live.answer_cache import Answers
from taskrole.live.reader import Reader
from tests.amount import amount
from tests.proof import spoiled
from tests.proof.healthy_account import ACCOUNT, ANSWERS, REGION, TASK_DEFINITION
from tests.proof.spoiled import HEALTHY_CODES, VERBS, account_in, run, spoil_many

CASES = amount(150)


@pytest.fixture(scope="module")
def account(tmp_path_factory: pytest.TempPathFactory):
    with account_in(tmp_path_factory.mktemp("account")) as account:
        yield account


@pytest.mark.hypothesis
def test_verbs_end_with_a_single_message_on_any_answer() -> None:
    tally = spoil_many(range(CASES))

    assert tally.wrong == []
    # Most answers are refused, and some are valid.
    refused = sum(count for end, count in tally.ends.items() if end.endswith(": 1"))
    assert CASES // 2 < refused < CASES


@pytest.mark.parametrize("verb", VERBS)
def test_each_verb_reads_the_healthy_account(account, verb: str) -> None:
    code, _, err = run(account, VERBS[verb])

    assert code == HEALTHY_CODES[verb], err


def test_an_error_names_the_call_and_the_member(account) -> None:
    def spoil(number: int, operation: str) -> tuple[int, bytes] | None:
        return (200, spoiled.body(operation, _without_arn)) if operation == "iam:GetRole" else None

    code, out, err = run(account, VERBS["verify"], spoil)

    assert (code, out) == (1, "")
    assert err == "iam:GetRole returned an answer that is not as documented: Role.Arn is missing\n"


def test_an_undescribed_service_is_an_error_and_not_absent(account) -> None:
    def spoil(number: int, operation: str) -> tuple[int, bytes] | None:
        return (200, b'{"services": [], "failures": []}') if operation == "ecs:DescribeServices" else None

    code, _, err = run(account, VERBS["audit"], spoil)

    assert code == 1
    assert "ecs:DescribeServices returned an answer that is not as documented: services lacks" in err
    assert err.endswith("\ncached answers are removed; run the same command to read all again\n")


_SERVICE = f"arn:aws:ecs:{REGION}:{ACCOUNT}:service/main"
CONTRADICTIONS = {
    "a service that is listed and not described": ("ecs:DescribeServices", 200, {"services": []}),
    "a listed service that does not exist": ("ecs:ListServices", 200, {"serviceArns": [f"{_SERVICE}/other"]}),
    "another task definition": (
        "ecs:DescribeTaskDefinition",
        200,
        {"taskDefinition": {**TASK_DEFINITION, "taskDefinitionArn": TASK_DEFINITION["taskDefinitionArn"] + "1"}},
    ),
    "a listing in a circle": ("ecs:ListClusters", 200, {"clusterArns": [], "nextToken": "again"}),
    "a version that was removed": ("iam:GetPolicyVersion", 404, None),
    "a page that was removed": ("ecs:ListServices", 400, {"__type": "InvalidParameterException", "message": "token"}),
}


@pytest.mark.parametrize("case", CONTRADICTIONS)
def test_contradictory_answers_are_not_cached(account, case: str) -> None:
    # given
    spoiled_operation, status, data = CONTRADICTIONS[case]
    content = json.dumps(data).encode() if data else _NO_SUCH_ENTITY

    def spoil(number: int, operation: str) -> tuple[int, bytes] | None:
        return (status, content) if operation == spoiled_operation else None

    # when
    code, _, err = run(account, VERBS["audit"], spoil)

    # then
    assert code == 1
    assert err.endswith("\ncached answers are removed; run the same command to read all again\n")
    assert not list((account.folder / "cache").rglob("*.json"))
    assert run(account, VERBS["audit"])[0] == HEALTHY_CODES["audit"]


def test_answers_before_an_undocumented_answer_stay_cached(account) -> None:
    def spoil(number: int, operation: str) -> tuple[int, bytes] | None:
        return (200, b"{}") if operation == "ecs:DescribeServices" else None

    code, _, err = run(account, VERBS["audit"], spoil)

    assert code == 1
    assert err.endswith("\nanswers are cached; run the same command to continue\n")
    assert list((account.folder / "cache").rglob("*.json"))
    assert run(account, VERBS["audit"])[0] == HEALTHY_CODES["audit"]


def test_an_undocumented_cached_answer_is_requested_again(account, tmp_path) -> None:
    answers = Answers(tmp_path / "cache", ("me",))
    answers.keep(["ecs", "list_clusters", {}], {"clusterArns": "x"})
    account.spoil = lambda number, operation: None
    reader = Reader("eu-central-1", answers)

    assert reader.call("ecs", "list_clusters")["clusterArns"] == ANSWERS["ecs:ListClusters"]["clusterArns"]
    assert reader.calls == 1


_NO_SUCH_ENTITY = b"<ErrorResponse><Error><Code>NoSuchEntity</Code><Message>none</Message></Error></ErrorResponse>"


def _without_arn(answer):
    return {"Role": {key: value for key, value in answer["Role"].items() if key != "Arn"}}
