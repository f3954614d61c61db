"""Symbolic values: well-formed ARNs and names for resources whose values are known only after apply.

Grants are derived from them like from real ones; afterwards, references replace them again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from uuid import UUID

from taskrole.arns import Context
from taskrole.partitions import partitions

# The hash of a resource in its symbolic values, except in names set by the user.
MARK_LENGTH = 6
_NAME_LENGTH = 17  # The length of EFS ids.

# By type and attribute. P, R, A, D: partition, region, account, host suffix; N: the resource's name, or generated
# letters; X: six of them; U: an id like those of keys. Source: the Attribute Reference of each resource,
# https://registry.terraform.io/providers/hashicorp/aws/latest/docs
_FORMS = {
    ("aws_secretsmanager_secret", "arn"): "arn:{P}:secretsmanager:{R}:{A}:secret:{N}-{X}",
    ("aws_secretsmanager_secret", "id"): "arn:{P}:secretsmanager:{R}:{A}:secret:{N}-{X}",
    ("aws_secretsmanager_secret_version", "arn"): "arn:{P}:secretsmanager:{R}:{A}:secret:{N}-{X}",
    ("aws_ssm_parameter", "arn"): "arn:{P}:ssm:{R}:{A}:parameter/{N}",
    ("aws_ssm_parameter", "name"): "/{N}",
    ("aws_ssm_parameter", "id"): "/{N}",
    ("aws_cloudwatch_log_group", "arn"): "arn:{P}:logs:{R}:{A}:log-group:{N}",
    ("aws_cloudwatch_log_group", "name"): "{N}",
    ("aws_cloudwatch_log_group", "id"): "{N}",
    ("aws_ecr_repository", "arn"): "arn:{P}:ecr:{R}:{A}:repository/{N}",
    ("aws_ecr_repository", "name"): "{N}",
    ("aws_ecr_repository", "id"): "{N}",
    ("aws_ecr_repository", "repository_url"): "{A}.dkr.ecr.{R}.{D}/{N}",
    ("aws_s3_bucket", "arn"): "arn:{P}:s3:::{N}",
    ("aws_s3_bucket", "bucket"): "{N}",
    ("aws_s3_bucket", "id"): "{N}",
    ("aws_kms_key", "arn"): "arn:{P}:kms:{R}:{A}:key/{U}",
    ("aws_kms_key", "id"): "{U}",
    ("aws_kms_key", "key_id"): "{U}",
    ("aws_efs_file_system", "arn"): "arn:{P}:elasticfilesystem:{R}:{A}:file-system/fs-{N}",
    ("aws_efs_file_system", "id"): "fs-{N}",
    ("aws_efs_access_point", "arn"): "arn:{P}:elasticfilesystem:{R}:{A}:access-point/fsap-{N}",
    ("aws_efs_access_point", "id"): "fsap-{N}",
    ("aws_kinesis_firehose_delivery_stream", "arn"): "arn:{P}:firehose:{R}:{A}:deliverystream/{N}",
    ("aws_kinesis_firehose_delivery_stream", "name"): "{N}",
    ("aws_kinesis_stream", "arn"): "arn:{P}:kinesis:{R}:{A}:stream/{N}",
    ("aws_kinesis_stream", "name"): "{N}",
    ("aws_dynamodb_table", "arn"): "arn:{P}:dynamodb:{R}:{A}:table/{N}",
    ("aws_sqs_queue", "arn"): "arn:{P}:sqs:{R}:{A}:{N}",
    ("aws_sns_topic", "arn"): "arn:{P}:sns:{R}:{A}:{N}",
    ("aws_cloudwatch_event_bus", "arn"): "arn:{P}:events:{R}:{A}:event-bus/{N}",
    ("aws_lambda_function", "arn"): "arn:{P}:lambda:{R}:{A}:function:{N}",
    ("aws_sfn_state_machine", "arn"): "arn:{P}:states:{R}:{A}:stateMachine:{N}",
}


def has_form(type_: str, attribute: str) -> bool:
    """Return whether the form of an attribute of a Terraform type is known."""
    return (type_, attribute) in _FORMS


def attributes_of(type_: str) -> Iterator[str]:
    """Yield the attributes of a Terraform type whose form is known."""
    return (attribute for known, attribute in _FORMS if known == type_)


def symbolic_value(type_: str, attribute: str, context: Context, address: str, name: str | None = None) -> str:
    """Return the symbolic value of an attribute of a resource, with its name or one generated from the address.

    The context must have an account. Raises KeyError for an unknown form.
    """
    own = _letters(address)
    return _FORMS[type_, attribute].format(
        P=context.partition,
        R=context.region,
        A=context.account,
        D=partitions()[context.partition].dns_suffix,
        N=name or own[:_NAME_LENGTH],
        X=own[:MARK_LENGTH],
        U=UUID(own[:32]),
    )


def mark_of_address(address: str) -> str:
    """Return the mark of a resource's symbolic values: six digits of a hexadecimal number.

    Letters and digits alternate, so that the mark is always a secret's random suffix, and not part of its name.
    """
    return _letters(address)[:MARK_LENGTH]


def _letters(address: str) -> str:
    """Return a hexadecimal number for a resource, beginning with its mark."""
    digest = hashlib.sha256(address.encode())
    pairs = (f"{'abcdef'[byte % 6]}{byte % 10}" for byte in digest.digest()[: MARK_LENGTH // 2])
    return "".join(pairs) + digest.hexdigest()[MARK_LENGTH:]
