"""Where a role comes from: what sources say, and what is wrong with them."""

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
from taskrole.sources.files import Parts, read_parts, role_of_parts, with_parts
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


def test_a_file_is_meant_before_a_managed_policy_of_its_name(folder: Path) -> None:
    assert parts("AdministratorAccess").policies[0].document == POLICY


def test_what_stands_beside_policies_is_kept_apart(folder: Path) -> None:
    found = parts("trust:a.json", "boundary:b.json", f"{ARN}=b.json", "stack:s/r")

    assert (found.trust, found.whole, list(found.documents)) == (POLICY, ("stack", "s/r"), [ARN])
    assert found.boundary == policy_document([PULL])


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
        ("broken.json", "broken.json:1:1: is no JSON: expecting value"),
        ("deep.json", "deep.json: must be nested at most 64 levels deep; it is deeper"),
        ("latin.json", "latin.json: must be UTF-8; byte 15 is not; save it as UTF-8"),
        ("trust:two.json", "two.json: must hold one policy; got 2"),
        ("boundary:two.json", "--role: got 'boundary:two.json', which must be one policy, not 2"),
        ("SecretManagerReadWrite", "which is neither a file nor a managed policy of AWS; did you mean Secrets"),
        (ARN, "which is no managed policy of AWS that the snapshot knows; give a customer's as a file"),
        ("arn:aws:s3:::x=a.json", "which must be the ARN of a managed policy"),
        ("live:", "--role: got 'live:', which must name a role behind live:"),
        ("trust:", ": cannot be read: Is a directory"),
        ("\0.json", "cannot be read: the path contains a null character"),
        ("x" * 5000, "which is neither a file nor a managed policy of AWS"),
    ],
)
def test_a_bad_source_is_told_in_a_line(folder: Path, text: str, message: str) -> None:
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
def test_what_there_is_once_is_given_once(folder: Path, texts: list[str], message: str) -> None:
    with pytest.raises(InputError, match=message):
        parts(*texts)


def test_all_bad_sources_are_told_at_once(folder: Path) -> None:
    with pytest.raises(InputError) as raised:
        parts("none.json", "nonsense", "a.json", "list.json")

    assert len(raised.value.problems) == 3


def test_policies_alone_have_no_trust_and_say_how_to_give_it(folder: Path) -> None:
    found = role_of_parts(parts("a.json", "b.json"))

    assert (found.name, found.trust_problem) == ("a.json, b.json", "no trust policy is given; add --role trust:FILE")


def test_what_is_given_beside_a_whole_role_stands_in_the_place_of_its_own(folder: Path) -> None:
    role = EffectiveRole("r", (), (), None, "not known", None, "not known")

    found = with_parts(role, parts("a.json", "trust:a.json", "boundary:b.json"))

    assert (found.boundary_problem, found.trust_problem) == ("", "")
    assert (found.trust, found.boundary, len(found.policies)) == (POLICY, policy_document([PULL]), 1)


def addresses(file: str) -> list[str]:
    with (PLANS / file).open("rb") as stream:
        plan = read_plan(stream, file)
    return [role.address for role in planned_roles(plan, Configuration(plan))]


@pytest.mark.parametrize("file", FILES)
def test_a_role_of_every_plan_is_checked_or_it_is_said_why_not(file: str) -> None:
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


def test_a_policy_that_a_plan_only_names_is_known_when_it_is_given() -> None:
    plan = f"{PLANS / 'managed-to-exact/plan.json'}#aws_iam_role.web"

    role = planned_role(plan, CONTEXT, {"arn:aws:iam::aws:policy/SecretsManagerReadWrite": policy_document([])})

    assert role.unknown_policies == ()
    assert role.arn == "arn:aws:iam::111122223333:role/web"
    statements = {policy.name: policy.document["Statement"] for policy in role.policies}
    assert statements["SecretsManagerReadWrite"] == []


def test_a_plan_of_several_roles_asks_for_one() -> None:
    with pytest.raises(InputError, match=r"holds several roles; name one, plan:FILE#ADDRESS; there is module.service"):
        planned_role(str(PLANS / "modules/plan.json"), CONTEXT, {})


def test_an_address_that_is_not_there_gets_its_neighbour_named() -> None:
    with pytest.raises(InputError, match=r"holds no role 'aws_iam_role.wep'; there is aws_iam_role.web"):
        planned_role(f"{PLANS / 'managed-to-exact/plan.json'}#aws_iam_role.wep", CONTEXT, {})
