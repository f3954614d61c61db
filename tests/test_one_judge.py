"""Tests that every verb gives the same result on missing and excess permissions of a role."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from taskrole.arns import Context
from taskrole.check import CheckReport, check_tasks
from taskrole.check.assign import assign
from taskrole.cli.parts.live_role import read_live_role
from taskrole.config.backends.local import LocalBackendSettings
from taskrole.config.model import ProviderSettings
from taskrole.config.resolve import StackSpec
from taskrole.grant import ROLE_KINDS
from taskrole.live.account import Account, EcsService
from taskrole.live.audit import audit
from taskrole.lock import lock_text, make_lock, parse_lock
from taskrole.policy.documents.policy import Policy
from taskrole.policy.documents.statements import policy_document
from taskrole.policy.evaluation.coverage import Answer, Judge
from taskrole.policy.evaluation.grant_calls import regions_of
from taskrole.policy.evaluation.grant_coverage import cover_grant
from taskrole.review.review import ReviewOptions
from taskrole.role import Role
from taskrole.sources.arguments import read_parts
from taskrole.sources.lock import locked_role
from taskrole.sources.named_role import Wanted
from taskrole.taskdef import Options, TaskDocument, derive
from taskrole.taskdef.read import parse_document
from tests.cli.running import taskrole
from tests.policy_documents import when
from tests.review.cases import ECS_TRUST, NOTHING, TODAY, allow, change, inline_change, plan_of, reviewed, task_change

ACCOUNT = "123456789012"
CONTEXT = Context("aws", "eu-central-1", ACCOUNT)
SECRET = f"arn:aws:secretsmanager:eu-central-1:{ACCOUNT}:secret:prod/db-a1b2c3"
NO_SUFFIX = SECRET.removesuffix("-a1b2c3")
READ = "secretsmanager:GetSecretValue"
LIMIT, APP = (f"arn:aws:iam::{ACCOUNT}:policy/{name}" for name in ("limit", "app"))
AWS_KEYS = ("--kms-key", "aws-owned")
STATUSES: dict[str, Answer] = {"OK": "allowed", "MISSING": "denied", "unknown": "unknown"}


def deny(*more: Any, **others: Any) -> dict[str, Any]:
    return {**allow(*more, **others), "Effect": "Deny"}


@dataclass(frozen=True)
class Case:
    """A role with an inline policy, the secret that a task reads, and whether the role allows it."""

    answer: Answer
    statements: tuple[dict[str, Any], ...]
    boundary: str = ""
    attached: str = ""
    secret: str = SECRET


REGION = "aws:RequestedRegion"
CASES = {
    "exact": Case("allowed", (allow(READ, SECRET),)),
    "prefix": Case("allowed", (allow("secretsmanager:Get*", f"{NO_SUFFIX}*"),)),
    "another resource": Case("denied", (allow(READ, SECRET.replace("prod", "test")),)),
    "another region in the ARN": Case("denied", (allow(READ, SECRET.replace("eu-central-1", "us-east-1")),)),
    "nothing": Case("denied", (allow("s3:GetObject", "*"),)),
    "condition met": Case("allowed", (allow(READ, SECRET, **when("StringEquals", REGION, "eu-central-1")),)),
    "condition not met": Case("denied", (allow(READ, SECRET, **when("StringEquals", REGION, "us-east-1")),)),
    "condition unknown": Case("unknown", (allow(READ, SECRET, **when("StringEquals", "aws:SourceVpce", "vpce-1")),)),
    "Deny": Case("denied", (allow(READ, "*"), deny("secretsmanager:*", "*"))),
    "Deny of another region": Case(
        "allowed", (allow(READ, "*"), deny(READ, "*", **when("StringNotEquals", REGION, "eu-central-1")))
    ),
    "Deny unknown": Case("unknown", (allow(READ, "*"), deny(READ, "*", **when("Null", "aws:SourceVpce", "true")))),
    "NotAction": Case("allowed", ({"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"},)),
    "NotAction of it": Case("denied", ({"Effect": "Allow", "NotAction": "secretsmanager:*", "Resource": "*"},)),
    "NotResource of it": Case("denied", ({"Effect": "Allow", "Action": READ, "NotResource": f"{NO_SUFFIX}*"},)),
    "boundary allows": Case("allowed", (allow(READ, SECRET),), "arn:aws:iam::aws:policy/PowerUserAccess"),
    "boundary forbids": Case("denied", (allow(READ, SECRET),), "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"),
    "boundary unknown": Case("unknown", (allow(READ, SECRET),), LIMIT),
    "boundary unknown, nothing allowed": Case("denied", (allow("s3:GetObject", "*"),), LIMIT),
    "attached unknown": Case("unknown", (allow("s3:GetObject", "*"),), attached=APP),
    "attached unknown, Deny": Case("denied", (deny(READ, "*"),), attached=APP),
    "attached unknown, boundary forbids": Case(
        "denied", (allow("s3:*", "*"),), "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess", APP
    ),
    "pattern allowed": Case("allowed", (allow(READ, f"{NO_SUFFIX}-??????"),), secret=NO_SUFFIX),
    "part of the pattern": Case("unknown", (allow(READ, SECRET),), secret=NO_SUFFIX),
    "part of the pattern denied": Case("unknown", (allow(READ, "*"), deny(READ, SECRET)), secret=NO_SUFFIX),
}


def task_data(case: Case) -> dict[str, Any]:
    container = {"name": "web", "image": "nginx", "secrets": [{"name": "DB", "valueFrom": case.secret}]}
    arn = f"arn:aws:iam::{ACCOUNT}:role/web"
    return {"family": "web", "executionRoleArn": arn, "containerDefinitions": [container]}


def document(case: Case) -> TaskDocument:
    return parse_document(task_data(case), "web.json")


def role(case: Case) -> Role:
    own = Policy("own", "inline", policy_document(case.statements))
    attachments = (case.attached,) if case.attached else ()
    boundary = case.boundary or None
    return Role(
        "web", "execution", ECS_TRUST, "web", permissions_boundary=boundary, policies=(own,), attachments=attachments
    )


def plan(case: Case) -> dict[str, Any]:
    values = {
        "name": "web",
        "arn": f"arn:aws:iam::{ACCOUNT}:role/web",
        "assume_role_policy": json.dumps(ECS_TRUST),
        **({"permissions_boundary": case.boundary} if case.boundary else {}),
    }
    attachment = {"role": "web", "policy_arn": case.attached}
    return plan_of(
        change("aws_iam_role.web", ["update"], {**values, "description": "a"}, values),
        inline_change(NOTHING, policy_document(case.statements)),
        task_change({"secrets": [{"name": "DB", "valueFrom": case.secret}]}),
        *([change("aws_iam_role_policy_attachment.app", ["create"], None, attachment)] if case.attached else []),
    )


def checked(case: Case, *sources: str, stacks: dict[str, StackSpec] | None = None) -> CheckReport:
    wanted = Wanted({"execution": read_parts(sources, "--role")}, Path("roles.yaml"), stacks or {}, read_live_role)
    documents = [document(case)]
    return check_tasks(documents, CONTEXT, dict.fromkeys(ROLE_KINDS, Options()), assign(documents, CONTEXT, wanted))


def answers(report: CheckReport) -> Iterator[Answer]:
    for of_task in report.roles:
        yield from (STATUSES[item.status] for item in of_task.items if READ in item.actions)


def by_check_of_files(case: Case, folder: Path) -> Iterator[Answer]:
    """Policy files have no unknown parts."""
    if LIMIT in case.boundary or case.attached:
        return
    (folder / "own.json").write_text(json.dumps(policy_document(case.statements)))
    yield from answers(
        checked(case, str(folder / "own.json"), *([f"boundary:{case.boundary}"] if case.boundary else []))
    )


def by_check_of_a_plan(case: Case, folder: Path) -> Iterator[Answer]:
    (folder / "plan.json").write_text(json.dumps(plan(case)))
    yield from answers(checked(case, f"plan:{folder / 'plan.json'}"))


def stack(case: Case) -> StackSpec:
    return StackSpec("s", CONTEXT, LocalBackendSettings(type="local", path="x"), ProviderSettings(), (role(case),))


def by_check_of_a_stack(case: Case, folder: Path) -> Iterator[Answer]:
    yield from answers(checked(case, "stack:s/web", stacks={"s": stack(case)}))


def by_review(case: Case, folder: Path) -> Iterator[Answer]:
    report = reviewed(plan(case), options=ReviewOptions(today=TODAY, kms_keys={"*": "aws-owned"}))
    if any(finding.code == "TR-TASK-MISSING" for finding in report.findings):
        yield "denied"
    else:
        yield "unknown" if report.unresolved else "allowed"


def by_lock(case: Case, folder: Path) -> Iterator[Answer]:
    lock = parse_lock(lock_text(make_lock([stack(case)])).encode(), "grants.lock.json")
    judge = Judge(replace(locked_role("web", lock.stacks["s"].roles["web"]), arn=role(case).arn(CONTEXT)))
    grants = derive([document(case)], CONTEXT, Options()).grants
    for grant in grants:
        yield from (coverage.answer for _, coverage in cover_grant(judge, grant, CONTEXT, regions_of(grants)))


def by_audit(case: Case, folder: Path) -> Iterator[Answer]:
    arn = f"arn:aws:ecs:eu-central-1:{ACCOUNT}:task-definition/web:1"
    roles = {role(case).arn(CONTEXT) or "": role(case)}
    account = Account(CONTEXT, ("c",), (EcsService("c/web", (arn,)),), {arn: task_data(case)}, roles, {})
    yield from answers(audit(account, Options()).report)


VERBS = (by_check_of_files, by_check_of_a_plan, by_check_of_a_stack, by_review, by_lock, by_audit)


@pytest.mark.parametrize("name", CASES)
def test_every_verb_gives_the_same_answer(name: str, tmp_path: Path) -> None:
    case = CASES[name]

    given = {verb.__name__: set(verb(case, tmp_path)) for verb in VERBS}

    assert {
        verb: answers_of_verb
        for verb, answers_of_verb in given.items()
        if answers_of_verb not in (set(), {case.answer})
    } == {}
    assert sum(bool(answers_of_verb) for answers_of_verb in given.values()) >= len(VERBS) - 1


@pytest.mark.parametrize(
    ("name", "code"),
    [("condition not met", 3), ("condition unknown", 4), ("condition met", 0), ("boundary forbids", 3)],
)
def test_check_and_review_have_the_same_exit_code(name: str, code: int, tmp_path: Path) -> None:
    case = CASES[name]
    (tmp_path / "plan.json").write_text(json.dumps(plan(case)))
    (tmp_path / "task.json").write_text(json.dumps(task_data(case)))

    place = ("--region", "eu-central-1")
    check = taskrole("check", "task.json", *place, *AWS_KEYS, "--role", "plan:plan.json", "--strict", cwd=tmp_path)
    review = taskrole("review", "plan.json", *AWS_KEYS, "--strict", cwd=tmp_path)

    assert (check.code, review.code) == (code, code), check.out + review.out


def test_only_attached_policies_of_a_role_outside_of_the_plan_are_known(tmp_path: Path) -> None:
    case = CASES["nothing"]
    data = plan(case)
    data["resource_changes"] = [change for change in data["resource_changes"] if change["type"] != "aws_iam_role"]
    (tmp_path / "plan.json").write_text(json.dumps(data))

    report = reviewed(data)

    assert set(answers(checked(case, f"plan:{tmp_path / 'plan.json'}"))) == {"unknown"}
    assert not [finding for finding in report.findings if finding.code == "TR-TASK-MISSING"]
    assert "what else role web has is not known" in " ".join(value.because for value in report.unresolved)


S3 = "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"


@pytest.mark.parametrize(
    ("boundary", "is_excess"),
    [("", True), ("arn:aws:iam::aws:policy/PowerUserAccess", True), (S3, False), (LIMIT, True)],
)
def test_permissions_that_a_boundary_forbids_are_not_excess_in_any_verb(
    boundary: str, is_excess: bool, tmp_path: Path
) -> None:
    case = Case("allowed", (allow("sqs:SendMessage", "*"),), boundary)
    (tmp_path / "plan.json").write_text(json.dumps(plan(case)))

    report = checked(case, f"plan:{tmp_path / 'plan.json'}")
    in_check = {row.action for excess in report.excesses for row in excess.report.excess}
    in_review = {
        action
        for finding in reviewed(plan(case)).findings
        if finding.code in ("TR-EXEC-EXCESS", "TR-EXEC-APPLICATION")
        for action in finding.actions
    }

    assert in_check == in_review == ({"sqs:SendMessage"} if is_excess else set())


def test_a_grant_that_does_not_apply_in_the_region_of_the_task_has_no_reason() -> None:
    def because(region: str) -> str:
        case = Case("denied", (allow(READ, SECRET, **when("StringEquals", REGION, region)),))
        (reviewed_role,) = reviewed(plan(case)).roles
        (row,) = reviewed_role.added
        return row.because

    assert "gets it as DB" in because("eu-central-1")
    assert because("us-east-1") == ""


@pytest.mark.parametrize(("region", "is_needed"), [("eu-central-1", True), ("us-east-1", False)])
def test_a_removed_policy_was_needed_only_if_it_applied(region: str, is_needed: bool) -> None:
    own = policy_document([allow(READ, SECRET, **when("StringEquals", REGION, region))])
    data = plan(CASES["nothing"])
    data["resource_changes"].append(inline_change(own, NOTHING, "aws_iam_role_policy.old"))

    codes = {finding.code for finding in reviewed(data).findings}

    assert ("TR-POLICY-REMOVED-IN-USE" in codes) is is_needed


def test_two_logins_in_two_regions_are_two_calls(tmp_path: Path) -> None:
    login = allow("ecr:GetAuthorizationToken", "*", **when("StringEquals", REGION, "eu-central-1"))
    (tmp_path / "own.json").write_text(json.dumps(policy_document([login])))
    documents = []
    for region in ("eu-central-1", "us-east-1"):
        image = f"{ACCOUNT}.dkr.ecr.{region}.amazonaws.com/web:1"
        documents.append(
            parse_document({"family": region, "containerDefinitions": [{"name": "web", "image": image}]}, region)
        )
    wanted = Wanted(
        {"execution": read_parts([str(tmp_path / "own.json")], "--role")}, Path("roles.yaml"), {}, read_live_role
    )

    report = check_tasks(documents, CONTEXT, dict.fromkeys(ROLE_KINDS, Options()), assign(documents, CONTEXT, wanted))

    logins = [
        item.status for role in report.roles for item in role.items if "ecr:GetAuthorizationToken" in item.actions
    ]
    assert logins == ["OK", "MISSING"]
