"""The cases: task definitions of invented services, their options, and their account and region.

Each is written for partition aws and rewritten for the others, so they differ only in the partition.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from taskrole.arns import Context
from taskrole.taskdef import Derivation, EcsExec, FireLens, Options, derive
from taskrole.taskdef.read import parse_documents

CASES = Path(__file__).parent / "cases"

KEY = "arn:aws:kms:eu-west-1:111122223333:key/11111111-2222-3333-4444-555555555555"
FAR_KEY = "arn:aws:kms:us-east-1:111122223333:key/11111111-2222-3333-4444-666666666666"
FOREIGN_KEY = "arn:aws:kms:eu-west-1:444455556666:key/11111111-2222-3333-4444-777777777777"
_SECRET = "arn:aws:secretsmanager:eu-west-1:{}:secret:{}"

# Partition: its names for eu-west-1, us-east-1 and the suffix of ECR's hosts.
PARTITIONS = {
    "aws": ("eu-west-1", "us-east-1", "amazonaws.com"),
    "aws-cn": ("cn-north-1", "cn-northwest-1", "amazonaws.com.cn"),
    "aws-us-gov": ("us-gov-west-1", "us-gov-east-1", "amazonaws.com"),
}


@dataclass(frozen=True)
class Case:
    """Task definitions by the names of their files, and options as plain data, so that they can be rewritten."""

    files: tuple[str, ...]
    options: dict[str, Any] = field(default_factory=dict)


TABLE: dict[str, Case] = {
    "web": Case(("web",)),
    "web_with_options": Case(
        ("web",),
        {
            "bucket_owner_is_task_account": True,
            "deny_service_connect_secrets": True,
            "compat": ("managed-policy",),
            "vpc_endpoint": "vpce-0123456789abcdef0",
            "kms_keys": {"kiosk/db": KEY, "/kiosk/api-key": "alias/aws/ssm", "kiosk/typo": KEY},
        },
    ),
    "registries": Case(
        ("registries",),
        {
            "pull_through_prefixes": {
                "111122223333.eu-west-1": ("hub",),
                "444455556666.dkr.ecr.eu-west-1.amazonaws.com": ("ROOT",),
            },
            "pull_through_create_repository": True,
            "kms_keys": {_SECRET.format("111122223333", "registry-Ab12Cd"): KEY},
        },
    ),
    "secrets": Case(
        ("secrets",),
        {
            "kms_keys": {
                "ledger/partial": KEY,
                "ledger/far": FAR_KEY,
                _SECRET.format("444455556666", "shared/tls-Ef34Gh"): FOREIGN_KEY,
                "/ledger/live/flag": KEY,
            },
            "kms_encryption_context": True,
        },
    ),
    "secrets_both_ways": Case(("secrets",), {"ambiguous_secret_suffix": "both"}),
    "logs": Case(("logs",)),
    "firelens": Case(
        ("firelens",),
        {
            "firelens": {
                "opensearch_domains": {
                    "search.harbour.example.com": "arn:aws:es:eu-west-1:111122223333:domain/harbour"
                },
                "templated_values": True,
            },
            "bucket_owners": {"harbour-archive": "444455556666"},
            "kms_keys": {"harbour-archive": KEY},
        },
    ),
    "firelens_outputs": Case(
        ("firelens_outputs",),
        {
            "firelens": {
                "endpoints": {"ingest.quay.example.com": "arn:aws:osis:eu-west-1:111122223333:pipeline/quay"},
                "templated_values": True,
            },
            "bucket_owners": {"quay-archive": "444455556666"},
        },
    ),
    "files": Case(
        ("files",),
        {
            "bucket_owners": {"quarry-own": "111122223333", "quarry-foreign": "444455556666"},
            "kms_keys": {"quarry-encrypted": KEY, "/quarry/spec": KEY},
            "compat": ("gmsa",),
            "credential_spec_secrets": {
                "arn:aws:s3:::quarry-own/domainless.json": _SECRET.format("111122223333", "quarry/gmsa-Ab12Cd")
            },
        },
    ),
    "windows": Case(
        ("windows",),
        {
            "kms_keys": {"/foundry/share": KEY},
            "credential_spec_secrets": {
                "arn:aws:s3:::foundry/spec.json": _SECRET.format("111122223333", "foundry/gmsa-Ab12Cd")
            },
        },
    ),
    "volumes": Case(
        ("volumes",),
        {
            "efs_root_access": ("fs-0a1b2c3d", "fs-0aaaabbbbccccdddd"),
            "efs_secure_transport": True,
            "efs_describe_mount_targets": True,
            "s3_files_buckets": {"fs-0aaaabbbbccccdddd": "granary-objects"},
            "bucket_owner_is_task_account": True,
        },
    ),
    "surroundings": Case(
        ("surroundings",),
        {
            "guardduty_agent": True,
            "compat": ("managed-policy",),
            "sidecars": ("xray", "otel", "cloudwatch-agent", "appmesh", "fault-injection"),
            "sidecar_log_groups": ("/observatory/metrics",),
            "sidecar_parameters": ("/observatory/collector",),
            "ecs_exec": {"logging": "default"},
        },
    ),
    "surroundings_overridden": Case(
        ("surroundings",),
        {
            "guardduty_agent": True,
            "guardduty_account": "444455556666",
            "vpc_endpoint": "vpc-0123456789abcdef0",
            "bucket_owners": {"observatory-exec": "444455556666"},
            "ecs_exec": {
                "logging": "override",
                "log_group": "/observatory/exec",
                "s3_bucket": "observatory-exec",
                "s3_prefix": "sessions/",
                "kms_key": KEY,
            },
        },
    ),
    "elsewhere": Case(("elsewhere",)),
    "refused": Case(
        ("refused",),
        {"kms_keys": {"reject/key": FAR_KEY}, "pull_through_prefixes": {"111122223333.eu-west-1": ("hub",)}},
    ),
    "forms": Case(("forms",)),
    "refused_on_ec2": Case(("refused_on_ec2",)),
    "several": Case(("empty", "logs", "web"), {"guardduty_agent": True}),
}


def rewritten(data: Any, partition: str) -> Any:
    """Return data of partition aws as it is in another partition."""
    region, other_region, suffix = PARTITIONS[partition]
    text = json.dumps(data, ensure_ascii=False)
    for old, new in (
        ("arn:aws:", f"arn:{partition}:"),
        (".osis.amazonaws.com", f".osis.{suffix}"),
        (".aoss.amazonaws.com", f".aoss.{suffix}"),
        ("eu-west-1.amazonaws.com", f"{region}.{suffix}"),
        ("us-east-1.amazonaws.com", f"{other_region}.{suffix}"),
        ("eu-west-1", region),
        ("us-east-1", other_region),
    ):
        text = text.replace(old, new)
    return json.loads(text)


def options_of(case: Case, partition: str) -> Options:
    """Return a case's options for a partition."""
    plain = rewritten(case.options, partition)
    made: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in plain.items()}
    if "pull_through_prefixes" in made:
        made["pull_through_prefixes"] = {key: tuple(value) for key, value in made["pull_through_prefixes"].items()}
    if "firelens" in made:
        made["firelens"] = FireLens(**made["firelens"])
    if "ecs_exec" in made:
        made["ecs_exec"] = EcsExec(**made["ecs_exec"])
    return Options(**made)


def derived(name: str, partition: str) -> Derivation:
    """Return the derivation of a case in a partition, in its first region and account 111122223333."""
    case = TABLE[name]
    documents = [
        document
        for file in case.files
        for document in parse_documents(
            rewritten(json.loads((CASES / f"{file}.json").read_text("utf-8")), partition), f"{file}.json"
        )
    ]
    context = Context(partition, PARTITIONS[partition][0], "111122223333")
    return derive(documents, context, options_of(case, partition))
