"""Tests the configuration that roles.yaml gives: defaults, names, ARNs, trust, backends."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

from taskrole.arns import Context
from taskrole.config import Config, load_config
from taskrole.config.backends.cloud import CloudBackendSettings
from taskrole.config.backends.local import LocalBackendSettings
from taskrole.config.backends.s3 import S3BackendSettings
from taskrole.config.load import parse_config
from taskrole.errors import InputError
from taskrole.partitions import host_suffixes, partitions
from taskrole.policy.conditions.operators import OPERATORS
from taskrole.policy.documents.policy import Policy
from taskrole.role import Role
from tests.policy_documents import policy_document as trust

ROOT = Path(__file__).parent.parent.parent
ECS = {"Effect": "Allow", "Principal": {"Service": "ecs-tasks.amazonaws.com"}, "Action": "sts:AssumeRole"}


def config(text: str) -> Config:
    return parse_config(textwrap.dedent(text).encode(), "roles.yaml")


def only_role(settings: str, stack: str = "region: eu-west-1\n    account: '111122223333'") -> Role:
    body = textwrap.indent(textwrap.dedent(settings), " " * 8)
    text = f"version: 1\nstacks:\n  s:\n    {stack}\n    roles:\n      web:\n{body}"
    (role,) = parse_config(text.encode(), "roles.yaml").stacks[0].roles
    return role


def test_the_file_in_the_repository_is_the_role_of_the_workshop() -> None:
    (stack,) = load_config(ROOT / "roles.yaml").stacks

    assert stack.roles == (
        Role(
            key="fcjEcsTaskExecutionRole",
            kind="execution",
            name="fcjEcsTaskExecutionRole",
            description="Allows ECS tasks to call AWS services on your behalf.",
            trust=trust(ECS),
            attachments=(
                "arn:aws:iam::aws:policy/AmazonEC2ContainerRegistryReadOnly",
                "arn:aws:iam::aws:policy/CloudWatchLogsFullAccess",
                "arn:aws:iam::aws:policy/SecretsManagerReadWrite",
                "arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy",
            ),
        ),
    )


def test_a_task_role_trusts_ecs_of_its_account_and_region() -> None:
    role = only_role("kind: task")

    condition = {
        "ArnLike": {"aws:SourceArn": "arn:aws:ecs:eu-west-1:111122223333:*"},
        "StringEquals": {"aws:SourceAccount": "111122223333"},
    }
    assert role.trust == trust({**ECS, "Condition": condition})


def test_an_execution_role_trusts_ecs_of_its_account() -> None:
    role = only_role("kind: execution")

    assert role.trust == trust({**ECS, "Condition": {"StringEquals": {"aws:SourceAccount": "111122223333"}}})


def test_the_setting_trust_off_is_text_and_needs_no_account() -> None:
    role = only_role("kind: task\ntrust: off", stack="region: eu-west-1")

    assert role.trust == trust(ECS)


def test_other_trusted_principals_get_their_own_statement() -> None:
    role = only_role(
        """\
        kind: execution
        trust:
          conditions: off
          principals: {aws: ['444455556666', 'arn:aws:iam::444455556666:role/ci'], service: [events.amazonaws.com]}
        """
    )

    assert role.trust == trust(
        {"Sid": "EcsTasks", **ECS},
        {
            "Sid": "Others",
            "Effect": "Allow",
            "Principal": {
                "AWS": ["arn:aws:iam::444455556666:role/ci", "arn:aws:iam::444455556666:root"],
                "Service": "events.amazonaws.com",
            },
            "Action": "sts:AssumeRole",
        },
    )


@pytest.mark.parametrize("partition", partitions().values(), ids=lambda partition: partition.id)
def test_arns_have_the_partition_and_ecs_has_the_same_principal(partition) -> None:
    region = partition.regions[0]

    role = only_role(
        "kind: task\nmanaged_policies: [CloudWatchLogsFullAccess]",
        stack=f"region: {region}\n    account: '111122223333'",
    )

    assert role.attachments == (f"arn:{partition.id}:iam::aws:policy/CloudWatchLogsFullAccess",)
    (statement,) = role.trust["Statement"]
    assert statement["Principal"] == {"Service": "ecs-tasks.amazonaws.com"}
    assert statement["Condition"]["ArnLike"]["aws:SourceArn"] == f"arn:{partition.id}:ecs:{region}:111122223333:*"
    context = Context(partition.id, region, "111122223333")
    assert role.arn(context) == f"arn:{partition.id}:iam::111122223333:role/web"


def test_a_region_newer_than_the_table_is_accepted_with_its_partition() -> None:
    (stack,) = config(
        "{version: 1, stacks: {s: {region: eu-west-9, partition: aws, roles: {a: {kind: task, trust: off}}}}}"
    ).stacks

    assert stack.context == Context("aws", "eu-west-9")


def test_defaults_apply_to_unset_keys_and_tags_are_merged() -> None:
    (stack,) = config(
        """\
        version: 1
        defaults:
          region: eu-west-1
          account: "111122223333"
          path: /ecs/
          trust: account
          exclusive: true
          tags: {team: core, stage: none}
        stacks:
          s:
            tags: {stage: prod}
            roles:
              own: {kind: task, path: /own/, trust: full, exclusive: false, tags: {team: own}}
              shared: {kind: task}
        """
    ).stacks

    own, shared = stack.roles
    assert (own.path, own.exclusive, own.tags) == ("/own/", False, {"stage": "prod", "team": "own"})
    assert "ArnLike" in own.trust["Statement"][0]["Condition"]
    assert (shared.path, shared.exclusive, shared.tags) == ("/ecs/", True, {"stage": "prod", "team": "core"})
    assert "ArnLike" not in shared.trust["Statement"][0]["Condition"]


STATEMENTS = """\
kind: task
name_prefix: {prefix}
policy_delivery: {delivery}
statements:
  - {{Sid: Write, Effect: Allow, Action: s3:PutObject, Resource: 'arn:aws:s3:::b/*'}}
  - Sid: Read
    Effect: Allow
    Action: [s3:GetObject, s3:GetObject, s3:GetBucketLocation]
    Resource: ['arn:aws:s3:::b/*', 'arn:aws:s3:::b']
    Condition: {{Bool: {{'aws:SecureTransport': true}}}}
"""


@pytest.mark.parametrize(
    ("delivery", "prefix", "name"),
    [
        ("inline", "null", "permissions"),
        ("managed", "null", "web-permissions"),
        ("managed", "svc-", "svc-permissions"),
    ],
)
def test_statements_become_a_single_canonical_policy(delivery: str, prefix: str, name: str) -> None:
    role = only_role(STATEMENTS.format(delivery=delivery, prefix=prefix))

    read = {
        "Sid": "Read",
        "Effect": "Allow",
        "Action": ["s3:GetBucketLocation", "s3:GetObject"],
        "Resource": ["arn:aws:s3:::b", "arn:aws:s3:::b/*"],
        "Condition": {"Bool": {"aws:SecureTransport": True}},
    }
    write = {"Sid": "Write", "Effect": "Allow", "Action": "s3:PutObject", "Resource": "arn:aws:s3:::b/*"}
    document = {"Version": "2012-10-17", "Statement": [read, write]}
    assert role.policies == (Policy(name, delivery, document),)


def test_a_prefix_replaces_the_name() -> None:
    role = only_role("kind: task\nname_prefix: web-")

    assert (role.key, role.name, role.name_prefix, role.title) == ("web", None, "web-", "web-…")
    assert role.arn(Context("aws", "eu-west-1", "111122223333")) is None


@pytest.mark.parametrize(
    ("backend", "expected"),
    [
        ("", LocalBackendSettings(type="local", path="terraform.s.tfstate")),
        ("backend: {type: local, path: state/s.json}", LocalBackendSettings(type="local", path="state/s.json")),
        (
            "backend: {type: s3, bucket: abc}",
            S3BackendSettings(type="s3", bucket="abc", key="taskrole/s.tfstate", region="eu-west-1"),
        ),
        (
            "backend: {type: s3, bucket: abc, key: k, region: us-east-1}",
            S3BackendSettings(type="s3", bucket="abc", key="k", region="us-east-1"),
        ),
        (
            "backend: {type: cloud, organization: acme}",
            CloudBackendSettings(type="cloud", organization="acme", workspace="s"),
        ),
    ],
)
def test_a_backend_derives_a_state_for_each_stack(backend: str, expected) -> None:
    text = f"version: 1\n{backend}\nstacks: {{s: {{region: eu-west-1, roles: {{a: {{kind: task, trust: off}}}}}}}}"

    (stack,) = config(text).stacks

    assert stack.backend == expected


def test_a_stack_can_have_its_own_backend() -> None:
    stacks = config(
        """\
        version: 1
        backend: {type: s3, bucket: shared}
        stacks:
          a: {region: eu-west-1, roles: {x: {kind: task, trust: off}}}
          b: {region: eu-west-1, backend: {type: local}, roles: {y: {kind: task, trust: off}}}
        """
    ).stacks

    assert [stack.backend.type for stack in stacks] == ["s3", "local"]


def test_an_alias_is_expanded() -> None:
    (stack,) = config(
        """\
        version: 1
        stacks:
          s:
            region: eu-west-1
            roles:
              a: {kind: task, trust: off, tags: &tags {team: core}}
              b: {kind: task, trust: off, tags: *tags}
        """
    ).stacks

    assert [role.tags for role in stack.roles] == [{"team": "core"}, {"team": "core"}]


def test_an_operator_of_the_evaluator_is_valid_in_conditions(monkeypatch: pytest.MonkeyPatch) -> None:
    # The table is the only place to add an operator.
    monkeypatch.setitem(OPERATORS, "StringBegins", OPERATORS["StringLike"])
    condition = {"StringBegins": {"aws:SourceAccount": "1111*"}}
    statement = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*", "Condition": condition}

    role = only_role(f"kind: task\nstatements: [{statement}]")

    assert role.policies[0].document["Statement"][0]["Condition"] == condition


@pytest.mark.parametrize("suffix", host_suffixes())
def test_a_service_of_each_partition_can_be_trusted(suffix: str) -> None:
    role = only_role(f"kind: execution\ntrust: {{principals: {{service: [events.{suffix}]}}}}")

    assert f"events.{suffix}" in str(role.trust)


@pytest.mark.parametrize("name", ["events.amazonaws.org", "events.amazonaws.com.example", "amazonaws.com"])
def test_other_hosts_are_no_services(name: str) -> None:
    with pytest.raises(InputError, match="must be a service principal"):
        only_role(f"kind: execution\ntrust: {{principals: {{service: [{name}]}}}}")
