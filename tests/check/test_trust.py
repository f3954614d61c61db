"""Tests trust policies: who can assume a role, and whether ECS can."""

from __future__ import annotations

from typing import Any

import pytest

from taskrole.arns import ECS_TASKS_PRINCIPAL
from taskrole.check.trust import judge_trust
from taskrole.policy.effective_role import EffectiveRole
from taskrole.role import trust_policy
from tests.check.scenarios import CONTEXT

ECS = {"Effect": "Allow", "Principal": {"Service": ECS_TASKS_PRINCIPAL}, "Action": "sts:AssumeRole"}


def status(*statements: Any) -> str:
    trust = {"Version": "2012-10-17", "Statement": list(statements)}
    return judge_trust(EffectiveRole("r", trust=trust), CONTEXT).answer


def if_(**conditions: Any) -> dict[str, Any]:
    return {**ECS, "Condition": conditions}


def arn_like(*arns: str) -> dict[str, Any]:
    return if_(ArnLike={"aws:SourceArn": list(arns)})


@pytest.mark.parametrize("conditions", ["full", "account", "off"])
def test_a_generated_trust_policy_passes(conditions: Any) -> None:
    trust = trust_policy(conditions, CONTEXT, {"AWS": ["arn:aws:iam::444455556666:root"]})

    assert judge_trust(EffectiveRole("r", trust=trust), CONTEXT).answer == "allowed"


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        (ECS, "allowed"),
        ({**ECS, "Action": "sts:*"}, "allowed"),
        ({**ECS, "Principal": {"Service": ["ec2.amazonaws.com", ECS_TASKS_PRINCIPAL]}}, "allowed"),
        ({**ECS, "Principal": {"Service": "ecs.amazonaws.com"}}, "denied"),
        ({**ECS, "Principal": {"AWS": "arn:aws:iam::111122223333:root"}}, "denied"),
        ({**ECS, "Action": "sts:TagSession"}, "denied"),
        ({**ECS, "Principal": "*"}, "unknown"),
        ({**ECS, "Effect": "Deny"}, "denied"),
        (if_(StringEquals={"aws:SourceAccount": "111122223333"}), "allowed"),
        (if_(StringEquals={"aws:SourceAccount": "444455556666"}), "denied"),
        (if_(StringEquals={"sts:ExternalId": "x"}), "denied"),
        (if_(StringEquals={"aws:SourceOrgID": "o-1"}), "unknown"),
        (arn_like("arn:aws:ecs:eu-west-1:111122223333:*"), "allowed"),
        (arn_like("arn:aws:ecs:*:111122223333:*"), "allowed"),
        (arn_like("arn:aws:ecs:us-east-1:111122223333:*"), "denied"),
        (arn_like("arn:aws:ecs:us-east-1:111122223333:*", "arn:aws:ecs:eu-west-1:111122223333:*"), "allowed"),
        (arn_like("arn:aws:ecs:eu-west-1:111122223333:cluster/live"), "denied"),
        (arn_like("arn:aws:ecs:*:*:cluster/live-*"), "denied"),
        (arn_like("arn:aws:ecs:eu-west-1:111122223333:cluster/live", "arn:aws:ecs:*:111122223333:*"), "allowed"),
        (if_(StringEquals={"AWS:SourceArn": "arn:aws:ecs:eu-west-1:111122223333:cluster/live"}), "denied"),
        (if_(ArnNotLike={"aws:SourceArn": "arn:aws:ecs:eu-west-1:111122223333:cluster/live"}), "unknown"),
        (arn_like("arn:aws:ecs:eu-west-1:111122223333:cluster/*"), "unknown"),
        (arn_like("arn:aws:ecs:*:111122223333:task/*"), "unknown"),
    ],
)
def test_a_statement_trusts_ecs_or_not(statement: dict[str, Any], expected: str) -> None:
    assert status(statement) == expected


def test_a_deny_counts_only_for_the_region_of_the_task() -> None:
    elsewhere = {**arn_like("arn:aws:ecs:us-east-1:*"), "Effect": "Deny"}
    here = {**arn_like("arn:aws:ecs:eu-west-1:111122223333:*"), "Effect": "Deny"}

    assert (status(ECS, elsewhere), status(ECS, here)) == ("allowed", "denied")


def test_a_cluster_in_a_trust_policy_is_named_with_the_fix() -> None:
    trust = {"Version": "2012-10-17", "Statement": arn_like("arn:aws:ecs:eu-west-1:111122223333:cluster/live")}

    reason = judge_trust(EffectiveRole("r", trust=trust), CONTEXT).reason

    assert "is a cluster, which ECS does not support; write arn:aws:ecs:eu-west-1:111122223333:*" in reason


def test_a_deny_of_a_cluster_denies_nothing() -> None:
    denied = {**arn_like("arn:aws:ecs:eu-west-1:111122223333:cluster/live"), "Effect": "Deny"}

    assert status(ECS, denied) == "allowed"


@pytest.mark.parametrize("trust", [{}, {"Statement": "x"}, {"Statement": [1]}, {"Statement": [{"Effect": "Allow"}]}])
def test_a_malformed_trust_policy_gives_no_error_and_never_passes(trust: Any) -> None:
    assert judge_trust(EffectiveRole("r", trust=trust), CONTEXT).answer in ("unknown", "denied")


def test_the_reason_names_the_trusted_principals() -> None:
    trust = {"Version": "2012-10-17", "Statement": [{**ECS, "Principal": {"Service": "ec2.amazonaws.com"}}]}

    assert judge_trust(EffectiveRole("r", trust=trust), CONTEXT).reason == (
        "ecs-tasks.amazonaws.com cannot assume it; it trusts ec2.amazonaws.com"
    )


def test_a_long_list_of_trusted_services_is_shortened() -> None:
    services = [f"{'[' * 2_000}{number}" for number in range(3)]
    statement = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": services}}
    role = EffectiveRole("web", trust={"Version": "2012-10-17", "Statement": [statement]})

    reason = judge_trust(role, CONTEXT).reason

    assert "it trusts [[" in reason
    assert len(reason) < 500
