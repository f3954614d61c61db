"""Tests what is known of the requests of tasks, with roles that have conditions on it."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from taskrole.check import Assignment, CheckedItem, check_tasks
from taskrole.grant import RoleKind
from taskrole.taskdef import EcsExec, Options
from taskrole.taskdef.read import parse_document
from tests.check.scenarios import CASES, CONTEXT, KEY, allow, subject

# In all, too long for make test-fast.
pytestmark = pytest.mark.slow

DEPOT = json.loads((CASES / "depot.json").read_text("utf-8"))
SHOP = json.loads((CASES / "shop.json").read_text("utf-8"))


def items(
    data: Any, kind: RoleKind, condition: dict[str, Any], options: Options | None = None, arn: str | None = None
) -> dict[str, CheckedItem]:
    """Return the items of a role that allows everything under a condition, by their first action."""
    document = parse_document(data, "task.json")
    role = replace(subject("r", allow("*", "*", Condition=condition)), arn=arn)
    given = options or Options()
    report = check_tasks(
        [document], CONTEXT, {"execution": given, "task": given}, [Assignment("task.json", kind, role)]
    )
    (role_report,) = [role for role in report.roles if role.subject]
    return {item.actions[0]: item for item in role_report.items if item.actions}


@pytest.mark.parametrize(
    ("condition", "status"),
    [
        ({"Bool": {"aws:SecureTransport": "true"}}, "OK"),
        ({"StringEquals": {"aws:PrincipalAccount": "111122223333"}}, "OK"),
        ({"StringEquals": {"aws:PrincipalAccount": "444455556666"}}, "MISSING"),
        ({"StringEquals": {"aws:RequestedRegion": "eu-west-1"}}, "OK"),
        ({"StringEquals": {"aws:RequestedRegion": "us-east-1"}}, "MISSING"),
        ({"StringEquals": {"aws:ResourceAccount": "111122223333"}}, "OK"),
        ({"Bool": {"aws:MultiFactorAuthPresent": "true"}}, "MISSING"),
        ({"ArnLike": {"aws:SourceArn": "*"}}, "MISSING"),
        ({"StringEquals": {"aws:SourceVpce": "vpce-1"}}, "unknown"),
        ({"StringEquals": {"secretsmanager:VersionStage": "AWSCURRENT"}}, "unknown"),
        ({"DateLessThan": {"aws:CurrentTime": "2030-01-01T00:00:00Z"}}, "unknown"),
    ],
)
def test_a_secret_is_read_in_its_region_by_a_role_without_mfa(condition: dict[str, Any], status: str) -> None:
    assert items(SHOP, "execution", condition)["secretsmanager:GetSecretValue"].status == status


def test_the_login_to_ecr_happens_in_the_region_of_the_image() -> None:
    far = json.loads(json.dumps(SHOP).replace("ecr.eu-west-1", "ecr.us-east-1"))

    def login(data: Any, region: str) -> str:
        ecr_items = items(data, "execution", {"StringEquals": {"aws:RequestedRegion": region}})
        return ecr_items["ecr:GetAuthorizationToken"].status

    assert (login(far, "us-east-1"), login(far, "eu-west-1")) == ("OK", "MISSING")
    assert (login(SHOP, "us-east-1"), login(SHOP, "eu-west-1")) == ("MISSING", "OK")


def test_the_arn_of_a_role_is_known_if_it_has_one() -> None:
    arn = "arn:aws:iam::111122223333:role/shop"
    condition = {"ArnEquals": {"aws:PrincipalArn": arn}}

    assert items(SHOP, "execution", condition)["ecr:GetAuthorizationToken"].status == "unknown"
    assert items(SHOP, "execution", condition, arn=arn)["ecr:GetAuthorizationToken"].status == "OK"


def test_the_agent_of_ecs_exec_decrypts_without_a_calling_service() -> None:
    options = Options(ecs_exec=EcsExec(kms_key=KEY))
    via = {"StringEquals": {"kms:ViaService": "ssm.eu-west-1.amazonaws.com"}}

    assert items(DEPOT, "task", via, options)["kms:Decrypt"].status == "MISSING"
    assert items(DEPOT, "task", {"Null": {"kms:ViaService": "true"}}, options)["kms:Decrypt"].status == "OK"


def test_secrets_manager_sends_the_secret_as_encryption_context() -> None:
    secret = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:shop/db-Ab12Cd"
    options = Options(kms_keys={"shop/db": KEY})

    def status(value: str) -> str:
        condition = {"StringEquals": {"kms:EncryptionContext:SecretARN": value}}
        return items(SHOP, "execution", condition, options)["kms:Decrypt"].status

    assert (status(secret), status(secret.replace("db", "mail"))) == ("OK", "MISSING")


def test_a_mount_without_an_access_point_has_no_access_point_key() -> None:
    point = "arn:aws:elasticfilesystem:eu-west-1:111122223333:access-point/fsap-0123456789abcdef0"
    condition = {"StringEquals": {"elasticfilesystem:AccessPointArn": point}}
    with_point = json.loads(json.dumps(DEPOT))
    with_point["volumes"][0]["efsVolumeConfiguration"]["authorizationConfig"]["accessPointId"] = point.rpartition("/")[
        2
    ]

    assert items(DEPOT, "task", condition)["elasticfilesystem:ClientMount"].status == "MISSING"
    assert items(with_point, "task", condition)["elasticfilesystem:ClientMount"].status == "OK"


def test_the_owner_of_a_bucket_is_unknown_without_an_option() -> None:
    data = json.loads((CASES / "shop-more.json").read_text("utf-8"))
    condition = {"StringEquals": {"aws:ResourceAccount": "111122223333"}}

    assert items(data, "execution", condition)["s3:GetObject"].status == "unknown"
    owned = items(data, "execution", condition, Options(bucket_owners={"shop-config": "111122223333"}))
    assert owned["s3:GetObject"].status == "OK"
