"""Tests the sources of a role and their errors."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from taskrole.check.report import Assignment
from taskrole.check.tasks import check_tasks
from taskrole.errors import InputError
from taskrole.plan.configuration import Configuration
from taskrole.plan.reader import read_plan
from taskrole.plan.roles import planned_roles
from taskrole.policy.documents.statements import policy_document
from taskrole.policy.effective_role import EffectiveRole
from taskrole.sources.arguments import Parts, read_parts, role_of_parts, with_parts
from taskrole.sources.plan import planned_role
from taskrole.taskdef import Options
from tests.check.scenarios import CONTEXT, LOGIN, PULL, read

PLANS = Path(__file__).parent.parent / "plans"
FILES = sorted(str(path.relative_to(PLANS)) for path in PLANS.rglob("plan.json"))
POLICY = policy_document([LOGIN])
ARN = "arn:aws:iam::111122223333:policy/app"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name, data in (
        ("a.json", POLICY),
        ("b.json", policy_document([PULL])),
        ("two.json", {"x": POLICY, "y": POLICY}),
    ):
        (tmp_path / name).write_text(json.dumps(data))
    (tmp_path / "AdministratorAccess").write_text(json.dumps(POLICY))
    for name, text in (("list.json", "[]"), ("no.json", '{"Version": "1"}'), ("empty.json", " "), ("broken.json", "x")):
        (tmp_path / name).write_text(text)
    (tmp_path / "deep.json").write_text('{"Statement":' * 100 + "1" + "}" * 100)
    (tmp_path / "latin.json").write_bytes(b'{"Statement": "\xff"}')
    monkeypatch.chdir(tmp_path)
    return tmp_path


def parts(*texts: str) -> Parts:
    return read_parts(texts, "--role")


@pytest.mark.parametrize(
    ("texts", "names"),
    [
        (["a.json"], ["a.json"]),
        (["a.json", "b.json"], ["a.json", "b.json"]),
        (["two.json"], ["two.json#x", "two.json#y"]),
        (["SecretsManagerReadWrite"], ["SecretsManagerReadWrite"]),
        (["service-role/AmazonECSTaskExecutionRolePolicy"], ["AmazonECSTaskExecutionRolePolicy"]),
        (["arn:aws-cn:iam::aws:policy/SecretsManagerReadWrite"], ["SecretsManagerReadWrite"]),
        (["AdministratorAccess"], ["AdministratorAccess"]),
    ],
)
def test_policies_are_files_or_managed_by_aws(folder: Path, texts: list[str], names: list[str]) -> None:
    assert [policy.name for policy in parts(*texts).policies] == names


def test_a_file_takes_precedence_over_a_managed_policy_of_its_name(folder: Path) -> None:
    assert parts("AdministratorAccess").policies[0].document == POLICY


def test_other_parts_of_a_source_are_kept_apart_from_policies(folder: Path) -> None:
    given = parts("trust:a.json", "boundary:b.json", f"{ARN}=b.json", "stack:s/r")

    assert (given.trust, given.whole, list(given.documents)) == (POLICY, ("stack", "s/r"), [ARN])
    assert given.boundary == policy_document([PULL])


def test_a_boundary_can_be_managed_by_aws(folder: Path) -> None:
    boundary = parts("boundary:PowerUserAccess").boundary

    assert boundary is not None
    assert boundary["Statement"][0]["NotAction"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("none.json", "none.json: cannot be read: No such file or directory"),
        ("list.json", "list.json: must hold a policy, an object with Statement; got an array"),
        ("no.json", "no.json: must hold a policy, an object with Statement; got one with 'Version'"),
        ("empty.json", "empty.json: is empty; it must hold a policy, an object with Statement"),
        ("broken.json", "broken.json:1:1: is not valid JSON: expecting value"),
        ("deep.json", "deep.json: must be nested at most 64 levels deep; it is deeper"),
        ("latin.json", "latin.json: must be UTF-8; byte 15 is not; save it as UTF-8"),
        ("trust:two.json", "two.json: must hold one policy; got 2"),
        ("boundary:two.json", "--role: got 'boundary:two.json', which must be one policy, not 2"),
        ("SecretManagerReadWrite", "which is neither a file nor an AWS managed policy; did you mean Secrets"),
        (ARN, "which is not in the snapshot of AWS managed policies; give a customer managed policy as a file"),
        ("arn:aws:s3:::x=a.json", "which must be the ARN of a managed policy"),
        ("live:", "--role: got 'live:', which must name a role after live:"),
        ("trust:", ": cannot be read: Is a directory"),
        ("\0.json", "cannot be read: the path contains a null character"),
        ("x" * 5000, "which is neither a file nor an AWS managed policy"),
    ],
)
def test_a_bad_source_is_reported_in_a_line(folder: Path, text: str, message: str) -> None:
    with pytest.raises(InputError) as raised:
        parts(text)

    assert message in str(raised.value)
    assert len(raised.value.problems) == 1


@pytest.mark.parametrize(
    ("texts", "message"),
    [
        (["trust:a.json", "trust:a.json"], "is a second trust"),
        (["boundary:a.json", "boundary:a.json"], "is a second boundary"),
        (["stack:a", "live:b"], "names a second role beside stack:a"),
    ],
)
def test_a_part_may_be_given_only_once(folder: Path, texts: list[str], message: str) -> None:
    with pytest.raises(InputError, match=message):
        parts(*texts)


def test_all_bad_sources_are_reported_at_once(folder: Path) -> None:
    with pytest.raises(InputError) as raised:
        parts("none.json", "nonsense", "a.json", "list.json")

    assert len(raised.value.problems) == 3


def test_policies_alone_have_an_unknown_trust_policy_with_the_option_to_give_it(folder: Path) -> None:
    role = role_of_parts(parts("a.json", "b.json"))

    assert (role.name, role.trust_problem) == ("a.json, b.json", "no trust policy is given; add --role trust:FILE")


def test_parts_beside_a_whole_role_replace_its_own(folder: Path) -> None:
    role = EffectiveRole("r", (), (), None, "not known", None, "not known")

    completed = with_parts(role, parts("a.json", "trust:a.json", "boundary:b.json"))

    assert (completed.boundary_problem, completed.trust_problem) == ("", "")
    assert (completed.trust, completed.boundary, len(completed.policies)) == (POLICY, policy_document([PULL]), 1)


def addresses(file: str) -> list[str]:
    with (PLANS / file).open("rb") as stream:
        plan = read_plan(stream, file)
    return [role.address for role in planned_roles(plan, Configuration(plan))]


@pytest.mark.parametrize("file", FILES)
def test_a_role_of_every_plan_is_checked_or_unknown_with_the_reason(file: str) -> None:
    checked: list[Any] = []
    for address in addresses(file):
        try:
            role = planned_role(f"{PLANS / file}#{address}", CONTEXT, {})
        except InputError as error:
            assert "is destroyed by the plan" in str(error)  # noqa: PT017
            continue
        options = {"execution": Options(), "task": Options()}
        report = check_tasks(read("shop"), CONTEXT, options, [Assignment("shop.json", "execution", role)])
        checked += report.roles[0].items
    assert all(item.why for item in checked if item.status != "OK")


def test_a_policy_that_a_plan_only_names_is_known_if_given() -> None:
    plan = f"{PLANS / 'managed-to-exact/plan.json'}#aws_iam_role.web"

    role = planned_role(plan, CONTEXT, {"arn:aws:iam::aws:policy/SecretsManagerReadWrite": policy_document([])})

    assert role.unknown_policies == ()
    assert role.arn == "arn:aws:iam::111122223333:role/web"
    statements = {policy.name: policy.document["Statement"] for policy in role.policies}
    assert statements["SecretsManagerReadWrite"] == []


def test_a_plan_with_several_roles_needs_an_address() -> None:
    with pytest.raises(InputError, match=r"holds several roles; name one, plan:FILE#ADDRESS; there is module.service"):
        planned_role(str(PLANS / "modules/plan.json"), CONTEXT, {})


def test_an_unknown_address_is_an_error_with_the_nearest_address() -> None:
    with pytest.raises(InputError, match=r"holds no role 'aws_iam_role.wep'; there is aws_iam_role.web"):
        planned_role(f"{PLANS / 'managed-to-exact/plan.json'}#aws_iam_role.wep", CONTEXT, {})
