"""Tests region and account of the task definitions of a plan: inferred, or unknown if the plan disagrees."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest

from taskrole.arns import Context
from taskrole.plan.configuration import Configuration
from taskrole.plan.infer_context import Places
from taskrole.plan.reader import read_plan
from taskrole.review.review import ReviewOptions
from tests.review.cases import NOTHING, TODAY, allow, change, inline_change, policy, reviewed, role_change

A, B = "123456789012", "210987654321"
HERE = Context("aws", "eu-central-1", A)
TASK = "aws_ecs_task_definition.web"
LITERAL = {"region": {"constant_value": "eu-central-1"}}


def task(**values: Any) -> dict[str, Any]:
    return change(TASK, ["create"], None, {"family": "web", "container_definitions": "[]", **values})


def kept(address: str, **values: Any) -> dict[str, Any]:
    return change(address, ["no-op"], values, values)


def data(address: str, **values: Any) -> dict[str, Any]:
    return {**kept(address.removeprefix("data."), **values), "address": address, "mode": "data"}


def plan(*changes: dict[str, Any], providers: Any = None, variables: Any = None, keys: Any = None) -> dict[str, Any]:
    """Return a plan; `providers` are the expressions by key, `keys` the provider configurations by address."""
    configurations = {"aws": LITERAL} if providers is None else providers
    resources = [
        {
            "address": item["address"],
            "mode": item["mode"],
            "type": item["type"],
            "name": item["name"],
            "provider_config_key": (keys or {}).get(item["address"], "aws"),
        }
        for item in changes
    ]
    return {
        "format_version": "1.2",
        "terraform_version": "1.11.4",
        "resource_changes": list(changes),
        "variables": {name: {"value": value} for name, value in (variables or {}).items()},
        "configuration": {
            "provider_config": {
                key: {"name": "aws", "full_name": "registry.terraform.io/hashicorp/aws", "expressions": expressions}
                for key, expressions in configurations.items()
            },
            "root_module": {"resources": resources},
        },
    }


def place(data: dict[str, Any], **given: str) -> Context | str:
    from io import BytesIO

    read = read_plan(BytesIO(json.dumps(data).encode()), "plan")
    configuration = Configuration(read)
    change = configuration.at(TASK)
    assert change is not None
    return Places(configuration, **given).of(change)


QUEUE = kept("aws_sqs_queue.jobs", arn=f"arn:aws:sqs:eu-central-1:{A}:jobs")
ROLE = role_change()


@pytest.mark.parametrize(
    "shows_account",
    [
        pytest.param([ROLE], id="a role"),
        pytest.param([QUEUE], id="another resource"),
        pytest.param([data("data.aws_caller_identity.me", account_id=A)], id="aws_caller_identity"),
    ],
)
def test_the_account_is_taken_from_any_resource_with_an_arn(shows_account) -> None:
    assert place(plan(task(), *shows_account)) == HERE


def test_the_account_is_taken_from_the_role_of_the_definition() -> None:
    assert place(plan(task(execution_role_arn=f"arn:aws:iam::{A}:role/outside"))) == HERE


def test_the_account_is_taken_from_the_prior_state() -> None:
    given = plan(task())
    resource = {"address": "aws_sqs_queue.jobs", "mode": "managed", "type": "aws_sqs_queue", "name": "jobs"}
    values = {"arn": f"arn:aws:sqs:eu-central-1:{A}:jobs"}
    given["prior_state"] = {"values": {"root_module": {"resources": [{**resource, "values": values}]}}}

    assert place(given) == HERE


@pytest.mark.parametrize(
    ("expressions", "variables"),
    [
        pytest.param({"allowed_account_ids": {"constant_value": [A]}}, {}, id="allowed account"),
        pytest.param({"allowed_account_ids": {"references": ["var.account"]}}, {"account": A}, id="in a variable"),
        pytest.param({"allowed_account_ids": {"constant_value": ["${var.account}"]}}, {"account": A}, id="in JSON"),
        pytest.param({"assume_role": [{"role_arn": {"constant_value": f"arn:aws:iam::{A}:role/ci"}}]}, {}, id="role"),
        pytest.param(
            {"assume_role": [{"role_arn": {"constant_value": "arn:aws:iam::${var.account}:role/ci"}}]},
            {"account": A},
            id="role in JSON",
        ),
        pytest.param(
            {"assume_role": [{"role_arn": {"references": ["var.account"]}}]}, {"account": A}, id="account of a role"
        ),
    ],
)
def test_the_account_is_taken_from_the_provider(expressions, variables) -> None:
    assert place(plan(task(), providers={"aws": {**LITERAL, **expressions}}, variables=variables)) == HERE


@pytest.mark.parametrize(
    ("expression", "variables"),
    [
        ({"constant_value": "eu-central-1"}, {}),
        ({"constant_value": "${var.region}"}, {"region": "eu-central-1"}),
        ({"references": ["var.region"]}, {"region": "eu-central-1"}),
        ({"references": ["var.aws.region", "var.aws"]}, {"aws": {"region": "eu-central-1"}}),
    ],
)
def test_the_region_is_taken_from_the_provider(expression, variables) -> None:
    assert place(plan(task(), ROLE, providers={"aws": {"region": expression}}, variables=variables)) == HERE


@pytest.mark.parametrize(
    "shows_region",
    [
        pytest.param([QUEUE], id="ARN"),
        pytest.param([data("data.aws_region.here", name="eu-central-1", id="eu-central-1")], id="aws_region.name"),
        pytest.param([data("data.aws_region.here", region="eu-central-1")], id="aws_region.region"),
        pytest.param([kept("aws_s3_bucket.a", arn="arn:aws:s3:::a", region="eu-central-1")], id="region attribute"),
        pytest.param([kept("aws_subnet.a", id="subnet-1", availability_zone="eu-central-1b")], id="zone"),
        pytest.param(
            [QUEUE, kept("aws_wafv2_web_acl.a", arn=f"arn:aws:wafv2:us-east-1:{A}:global/webacl/a/1")], id="global"
        ),
        pytest.param([QUEUE, kept("aws_subnet.a", availability_zone="us-east-1b")], id="a zone beside an ARN"),
    ],
)
def test_the_region_is_taken_from_any_resource_if_the_provider_has_none(shows_region) -> None:
    assert place(plan(task(), ROLE, *shows_region, providers={"aws": {}})) == HERE


def test_a_variable_with_another_value_gives_no_region() -> None:
    expression = {"region": {"references": ["var.env"]}}

    assert place(plan(task(), ROLE, QUEUE, providers={"aws": expression}, variables={"env": "prod"})) == HERE


def test_the_region_of_the_definition_overrides_that_of_its_provider() -> None:
    inferred = place(plan(task(region="eu-west-1"), ROLE))

    assert isinstance(inferred, Context)
    assert inferred.region == "eu-west-1"


TWO = {
    "aws": LITERAL,
    "aws.other": {"region": {"constant_value": "us-east-1"}},
}


@pytest.mark.parametrize(("key", "expected"), [("aws", HERE), ("aws.other", Context("aws", "us-east-1", B))])
def test_with_two_accounts_the_provider_decides(key, expected) -> None:
    other = kept("aws_sqs_queue.other", arn=f"arn:aws:sqs:us-east-1:{B}:jobs")
    keys = {TASK: key, "aws_sqs_queue.other": "aws.other"}

    assert place(plan(task(), QUEUE, other, providers=TWO, keys=keys)) == expected


def test_a_removed_resource_with_two_accounts_gives_no_account() -> None:
    given = plan(task(), QUEUE, kept("aws_sqs_queue.gone", arn=f"arn:aws:sqs:us-east-1:{B}:gone"), providers=TWO)
    given["configuration"]["root_module"]["resources"].pop()

    assert place(given) == HERE


@pytest.mark.parametrize(
    ("changes", "providers", "problem"),
    [
        ([], None, "the plan shows no account; give --account"),
        ([], {"aws": {}}, "the plan shows no region; give --region; the plan shows no account; give --account"),
        (
            [QUEUE, kept("aws_sqs_queue.b", arn=f"arn:aws:sqs:eu-central-1:{B}:b")],
            None,
            f"the plan shows several accounts: {A}, {B}; give --account",
        ),
        (
            [QUEUE, kept("aws_sqs_queue.b", arn=f"arn:aws:sqs:eu-west-1:{A}:b")],
            {"aws": {}},
            "the plan shows several regions: eu-central-1, eu-west-1; give --region",
        ),
    ],
)
def test_a_missing_or_ambiguous_value_is_unknown_with_its_candidates(changes, providers, problem) -> None:
    assert place(plan(task(), *changes, providers=providers)) == problem


def test_given_region_and_account_override_the_plan() -> None:
    assert place(plan(task(), QUEUE), region="eu-west-1", account=B) == Context("aws", "eu-west-1", B)


def test_a_subscription_to_a_topic_of_another_account_gives_no_account() -> None:
    subscription = kept("aws_sns_topic_subscription.a", arn=f"arn:aws:sns:eu-central-1:{B}:topic:1")

    assert place(plan(task(), QUEUE, subscription)) == HERE


def test_roles_and_definitions_are_matched_within_their_account() -> None:
    """Both accounts have a role `web`; each definition's secret is granted to the role of its own account."""
    changes: list[dict[str, Any]] = []
    keys: dict[str, str] = {}
    for suffix, account, region, key in (("", A, "eu-central-1", "aws"), ("2", B, "us-east-1", "aws.other")):
        secret = f"arn:aws:secretsmanager:{region}:{account}:secret:db-a1b2c3"
        container = {"name": "web", "image": "nginx", "secrets": [{"name": "DB", "valueFrom": secret}]}
        role = copy.deepcopy(ROLE)
        definition = task(
            execution_role_arn=f"arn:aws:iam::{account}:role/web", container_definitions=json.dumps([container])
        )
        own = inline_change(NOTHING, policy(allow("secretsmanager:GetSecretValue", secret)))
        for values in (role, definition, own):
            values["address"] += suffix
            values["name"] += suffix
            keys[values["address"]] = key
        for side in ("before", "after"):
            role["change"][side]["arn"] = f"arn:aws:iam::{account}:role/web"
        changes += [role, definition, own]

    report = reviewed(
        plan(*changes, providers=TWO, keys=keys), options=ReviewOptions(today=TODAY, kms_keys={"*": "aws-owned"})
    )

    assert not report.unresolved
    assert {role.address: [row.because for row in role.added] for role in report.roles} == {
        f"aws_iam_role.web{suffix}": [
            f"container 'web' gets it as DB ({TASK}{suffix}/containerDefinitions/0/secrets/0/valueFrom)"
        ]
        for suffix in ("", "2")
    }
