"""Tests options: closed by default, validated together, and reported if unused."""

from __future__ import annotations

import dataclasses

import pytest

from taskrole.arns import Context
from taskrole.errors import InputError
from taskrole.taskdef import EcsExec, FireLens, Options, derive, parse_document
from taskrole.taskdef.option import given_options

HERE = Context("aws", "eu-west-1", "111122223333")
KEY = "arn:aws:kms:eu-west-1:111122223333:key/11111111-2222-3333-4444-555555555555"
EMPTY = parse_document({"containerDefinitions": [{"name": "web", "image": "nginx"}]}, "x.json")

GIVEN = Options(
    pull_through_prefixes={"111122223333.eu-west-1": ("hub", "ROOT")},
    pull_through_create_repository=True,
    guardduty_account="444455556666",
    vpc_endpoint="vpce-0123456789abcdef0",
    compat=("managed-policy", "gmsa"),
    kms_keys={"a/b": KEY},
    ambiguous_secret_suffix="both",
    credential_spec_secrets={
        "arn:aws:s3:::b/spec.json": "arn:aws:secretsmanager:eu-west-1:111122223333:secret:gmsa-Ab12Cd"
    },
    bucket_owners={"b": "444455556666"},
    bucket_owner_is_task_account=True,
    s3_files_buckets={"fs-0123456789": "bucket"},
    efs_root_access=("fs-0123456789",),
    efs_secure_transport=True,
    efs_describe_mount_targets=True,
    sidecars=("xray",),
    sidecar_log_groups=("/metrics",),
    sidecar_parameters=("/config",),
    firelens=FireLens(
        {"search.example.com": "arn:aws:es:eu-west-1:111122223333:domain/search"},
        templated_values=True,
        endpoints={"ingest.example.com": "arn:aws:osis:eu-west-1:111122223333:pipeline/search"},
    ),
)


def test_every_option_that_no_task_uses_is_named() -> None:
    findings = derive([EMPTY], HERE, GIVEN).findings

    assert [finding.source for finding in findings if finding.code == "OPTION-UNUSED"] == [
        "options:/ambiguous_secret_suffix",
        "options:/bucket_owner_is_task_account",
        "options:/bucket_owners/b",
        "options:/compat/gmsa",
        "options:/compat/managed-policy",
        "options:/credential_spec_secrets/arn:aws:s3:::b~1spec.json",
        "options:/efs_describe_mount_targets",
        "options:/efs_root_access/fs-0123456789",
        "options:/efs_secure_transport",
        "options:/firelens/endpoints/ingest.example.com",
        "options:/firelens/opensearch_domains/search.example.com",
        "options:/firelens/templated_values",
        "options:/guardduty_account",
        "options:/kms_keys/a~1b",
        "options:/pull_through_create_repository",
        "options:/pull_through_prefixes/111122223333.eu-west-1/ROOT",
        "options:/pull_through_prefixes/111122223333.eu-west-1/hub",
        "options:/s3_files_buckets/fs-0123456789",
        "options:/sidecar_log_groups/~1metrics",
        "options:/sidecar_parameters/~1config",
        "options:/sidecars/xray",
        "options:/vpc_endpoint",
    ]


def test_every_option_but_kms_encryption_context_is_checked_for_use() -> None:
    given = dataclasses.replace(GIVEN, guardduty_agent=True, deny_service_connect_secrets=True, ecs_exec=EcsExec())

    watched = {path.split("/")[1] for path in given_options(given)}

    assert {field.name for field in dataclasses.fields(Options)} - watched == {"kms_encryption_context"}


def test_options_are_empty_by_default() -> None:
    assert list(given_options(Options())) == []


def test_every_option_documents_its_default() -> None:
    undocumented = [
        field.name
        for kind in (Options, EcsExec, FireLens)
        for field in dataclasses.fields(kind)
        if "Default: " not in field.metadata["description"]
    ]

    assert undocumented == []


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"pull_through_prefixes": {"docker.io": ("hub",)}}, "/pull_through_prefixes/docker.io: must be a host of ECR"),
        ({"pull_through_prefixes": {"111122223333.eu-west-1": ("H",)}}, "must be a prefix of 2 to 30 characters"),
        ({"pull_through_prefixes": {"111122223333.eu-west-1": ("*",)}}, "must be a prefix of 2 to 30 characters"),
        ({"vpc_endpoint": "vpce-x"}, "/vpc_endpoint: must be the id of an endpoint (vpce-…) or a VPC (vpc-…)"),
        ({"compat": ("everything",)}, "/compat: must be one of managed-policy, gmsa; got 'everything'"),
        ({"sidecars": ("datadog",)}, "/sidecars: must be one of xray, otel, "),
        ({"ambiguous_secret_suffix": "maybe"}, "/ambiguous_secret_suffix: must be one of full, both"),
        ({"guardduty_account": "*"}, "/guardduty_account: must be an account of 12 digits; got '*'"),
        ({"bucket_owners": {"b": "12"}}, "/bucket_owners/b: must be an account of 12 digits; got '12'"),
        ({"kms_keys": {"a": "*"}}, "/kms_keys/a: must be an ARN"),
        ({"kms_keys": {"a": KEY.replace("key/1", "alias/1")}}, "must be a key's ARN"),
        ({"kms_keys": {"a": KEY[: KEY.index("key/")] + "key/*"}}, "must be a key's ARN"),
        ({"kms_keys": {"a": KEY.replace("aws:kms:eu-west-1", "aws-cn:kms:cn-north-1")}}, "must be in partition aws"),
        ({"kms_keys": {"a": KEY.replace("111122223333", "")}}, "must be a key's ARN"),
        ({"credential_spec_secrets": {"a": "secret"}}, "/credential_spec_secrets/a: must be the ARN of a whole secret"),
        (
            {"credential_spec_secrets": {"a": "arn:aws-cn:secretsmanager:cn-north-1:111122223333:secret:x"}},
            "/credential_spec_secrets/a: must be a secret of partition aws",
        ),
        ({"efs_root_access": ("*",)}, "/efs_root_access: must be the id of a file system"),
        ({"s3_files_buckets": {"fs-1": "*"}}, "/s3_files_buckets/fs-1: must be the name of a bucket"),
        ({"sidecar_log_groups": ("*",)}, "/sidecar_log_groups: must be a log group's name"),
        ({"sidecar_parameters": ("*",)}, "/sidecar_parameters: must be a parameter's name"),
        (
            {"sidecar_parameters": ("arn:aws:ssm:eu-west-1:444455556666:parameter/x",)},
            "/sidecar_parameters: must be a parameter of the task's account",
        ),
        ({"firelens": FireLens({"h": "arn:aws:es:eu-west-1:111122223333:domain/*"})}, "must be a domain's ARN"),
        (
            {"firelens": FireLens(endpoints={"h": "arn:aws:s3:::bucket"})},
            "/firelens/endpoints/h: must be the ARN of a pipeline (osis), a workspace (aps) or a collection (aoss)",
        ),
        ({"ecs_exec": EcsExec(logging="everywhere")}, "/ecs_exec/logging: must be one of none, default, override"),  # type: ignore[arg-type]
        ({"ecs_exec": EcsExec(logging="override")}, "must be override with a log_group or an s3_bucket, and only then"),
        ({"ecs_exec": EcsExec(log_group="g")}, "must be override with a log_group or an s3_bucket, and only then"),
        ({"ecs_exec": EcsExec(s3_prefix="p")}, "/ecs_exec/s3_prefix: needs an s3_bucket"),
        ({"ecs_exec": EcsExec("override", log_group="g*")}, "/ecs_exec/log_group: must be a log group's name"),
        ({"ecs_exec": EcsExec("override", s3_bucket="b*d")}, "/ecs_exec/s3_bucket: must be the name of a bucket"),
        ({"ecs_exec": EcsExec("override", s3_bucket="bucket", s3_prefix="${x}")}, "contains the placeholder '${x}'"),
        (
            {"ecs_exec": EcsExec("override", s3_bucket="bucket", s3_prefix="\u30ed/")},
            "can have characters up to U+00FF",
        ),
        (
            {"ecs_exec": EcsExec("override", s3_bucket="bucket", s3_prefix="\0")},
            "/ecs_exec/s3_prefix: must not contain",
        ),
        ({"ecs_exec": EcsExec(kms_key="alias/x")}, "/ecs_exec/kms_key: must be an ARN"),
    ],
)
def test_an_invalid_option_is_refused_before_the_derivation(given, message: str) -> None:
    with pytest.raises(InputError) as caught:
        derive([EMPTY], HERE, Options(**given))
    assert message in str(caught.value)


def override(**fields: str) -> dict[str, EcsExec]:
    return {"ecs_exec": EcsExec("override", **{"s3_bucket": "bucket", **fields})}


# Each value that becomes part of an ARN or a condition, or selects one, with the placeholder HERE.
VALUES = {
    "/pull_through_prefixes/111122223333.eu-west-1": lambda value: {
        "pull_through_prefixes": {"111122223333.eu-west-1": (value("HERE"),)}
    },
    "/guardduty_account": lambda value: {"guardduty_account": value("HERE")},
    "/vpc_endpoint": lambda value: {"vpc_endpoint": value("vpce-HERE")},
    "/kms_keys/a": lambda value: {"kms_keys": {"a": value(KEY.replace("111122223333", "HERE"))}},
    "/kms_keys/of-aws": lambda value: {"kms_keys": {"of-aws": value("alias/aws/HERE")}},
    "/credential_spec_secrets/a": lambda value: {
        "credential_spec_secrets": {"a": value("arn:aws:secretsmanager:eu-west-1:HERE:secret:x")}
    },
    "/bucket_owners/b": lambda value: {"bucket_owners": {"b": value("HERE")}},
    "/s3_files_buckets/fs-1": lambda value: {"s3_files_buckets": {"fs-1": value("bucket-HERE")}},
    "/efs_root_access": lambda value: {"efs_root_access": (value("fs-HERE"),)},
    "/sidecar_log_groups": lambda value: {"sidecar_log_groups": (value("/ecs/HERE"),)},
    "/sidecar_parameters": lambda value: {"sidecar_parameters": (value("/HERE/config"),)},
    "/firelens/opensearch_domains/h": lambda value: {
        "firelens": FireLens({"h": value("arn:aws:es:eu-west-1:HERE:domain/search")})
    },
    "/firelens/endpoints/h": lambda value: {
        "firelens": FireLens(endpoints={"h": value("arn:aws:osis:eu-west-1:HERE:pipeline/logs")})
    },
    "/ecs_exec/log_group": lambda value: override(log_group=value("/ecs/HERE")),
    "/ecs_exec/s3_bucket": lambda value: override(s3_bucket=value("sessions-HERE")),
    "/ecs_exec/s3_prefix": lambda value: override(s3_prefix=value("HERE/")),
    "/ecs_exec/kms_key": lambda value: override(kms_key=value(KEY.replace("111122223333", "HERE"))),
}


@pytest.mark.parametrize("placeholder", ["${ENV}", "$ENV", "{{env}}", "<account>", "__NAME__", "XXXXXXXXXXXX"])
@pytest.mark.parametrize("path", VALUES)
def test_a_placeholder_in_an_option_is_named_once_and_never_granted(path: str, placeholder: str) -> None:
    given = VALUES[path](lambda text: text.replace("HERE", placeholder))

    with pytest.raises(InputError) as caught:
        derive([EMPTY], HERE, Options(**given))

    (line,) = str(caught.value).splitlines()
    assert line.startswith(f"options: {path}: contains the placeholder '{placeholder}'; fill it in before deriving")


def test_every_option_with_text_is_checked_for_placeholders() -> None:
    texts = {path.split("/")[1] for path in VALUES}
    # Keywords, switches, and values that only control how others are read.
    others = {field.name for field in dataclasses.fields(Options)} - texts

    assert others == {
        "ambiguous_secret_suffix",
        "bucket_owner_is_task_account",
        "compat",
        "deny_service_connect_secrets",
        "efs_describe_mount_targets",
        "efs_secure_transport",
        "guardduty_agent",
        "kms_encryption_context",
        "pull_through_create_repository",
        "sidecars",
    }


@pytest.mark.parametrize(
    "given",
    [
        {"kms_keys": {"a": KEY.replace("eu-west-1", "region-code")}},
        {"sidecar_parameters": ("arn:aws:ssm:eu-west-1:account-id:parameter/x",)},
        {"sidecar_log_groups": ("/ecs/CHANGE_ME",)},
    ],
)
def test_words_in_place_of_a_value_are_placeholders_too(given) -> None:
    with pytest.raises(InputError, match="contains the placeholder"):
        derive([EMPTY], HERE, Options(**given))


def test_all_invalid_options_are_reported_at_once() -> None:
    with pytest.raises(InputError) as caught:
        derive([EMPTY], HERE, Options(vpc_endpoint="x", kms_keys={"a": "x"}, guardduty_account="x"))
    assert len(str(caught.value).splitlines()) == 3


def test_a_context_without_an_account_is_refused() -> None:
    with pytest.raises(ValueError, match="must have an account"):
        derive([EMPTY], Context("aws", "eu-west-1"))
