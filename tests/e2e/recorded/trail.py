"""CloudTrail events of calls.

Sources: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
https://docs.aws.amazon.com/AmazonS3/latest/userguide/cloudtrail-logging-s3-info.html
https://docs.aws.amazon.com/lambda/latest/dg/logging-using-cloudtrail.html
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any

from botocore.model import Shape

from tests.e2e.enforcing import ACCOUNT, REGION
from tests.e2e.recorded.wire import Answer, Call

HIDDEN = "HIDDEN_DUE_TO_SECURITY_REASONS"
# Members that CloudTrail hides although models do not mark them as sensitive.
_CONTENT = {"AttributeValue", "MessageBody", "Message", "message", "Detail", "EventPayload"}
# Events with another name than their operation.
_NAMES = {
    "s3:ListObjectsV2": "ListObjects",
    "lambda:GetFunction": "GetFunction20150331v2",
    "lambda:GetFunctionConfiguration": "GetFunctionConfiguration20150331v2",
    "lambda:ListVersionsByFunction": "ListVersionsByFunction20150331",
}
_S3_MEMBERS = {"Bucket": "bucketName", "Key": "key"}
_DATA_SERVICES = ("events", "s3", "dynamodb", "sqs", "sns", "kinesis", "monitoring", "firehose")
_NEVER_RECORDED = {"logs:PutLogEvents"}


@dataclass(frozen=True)
class Caller:
    """The session of a role, by the role's ARN and the session's name."""

    role: str
    session: str


def is_recorded(call: Call) -> bool:
    """Return whether CloudTrail records a call at all."""
    return f"{call.service}:{call.operation.name}" not in _NEVER_RECORDED


def event(call: Call, caller: Caller | None, answer: Answer) -> dict[str, Any]:
    """Return the event of a call by the session of a role, or without one by the root of the account."""
    name = call.operation.name
    resources = _resources(call, answer)
    is_data = call.service in _DATA_SERVICES
    made = {
        "eventVersion": "1.11",
        "userIdentity": _identity(caller),
        "eventTime": datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "eventSource": f"{call.service}.amazonaws.com",
        "eventName": _NAMES.get(f"{call.service}:{name}", name),
        "awsRegion": REGION,
        "sourceIPAddress": "192.0.2.10",
        "userAgent": "example",
        "errorCode": answer.code,
        "errorMessage": answer.message,
        "requestParameters": _members(call),
        "responseElements": None,
        "requestID": str(uuid.uuid4()),
        "eventID": str(uuid.uuid4()),
        "resources": [{"accountId": ACCOUNT, "type": "AWS::Example::Type", "ARN": arn} for arn in resources],
        "eventType": "AwsApiCall",
        "managementEvent": not is_data,
        "recipientAccountId": ACCOUNT,
        "eventCategory": "Data" if is_data else "Management",
    }
    return {member: value for member, value in made.items() if value not in ("", [])}


def _identity(caller: Caller | None) -> dict[str, Any]:
    if caller is None:
        return {"type": "Root", "principalId": ACCOUNT, "arn": f"arn:aws:iam::{ACCOUNT}:root", "accountId": ACCOUNT}
    name = caller.role.rpartition("/")[2]
    issuer = {"type": "Role", "principalId": "AROAEXAMPLE", "arn": caller.role, "accountId": ACCOUNT, "userName": name}
    return {
        "type": "AssumedRole",
        "principalId": f"AROAEXAMPLE:{caller.session}",
        "arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/{name}/{caller.session}",
        "accountId": ACCOUNT,
        "sessionContext": {"sessionIssuer": issuer, "attributes": {"mfaAuthenticated": "false"}},
    }


def _members(call: Call) -> dict[str, Any] | None:
    shape = call.operation.input_shape
    if shape is None:
        return None
    if call.service == "s3":
        wire_names = {name: member.serialization.get("name", name) for name, member in shape.members.items()}
        named = {_S3_MEMBERS.get(name, wire_names[name]): value for name, value in call.parameters.items()}
        return {name: value for name, value in named.items() if isinstance(value, (str, int))}
    members: dict[str, Any] = _plain(shape, call.parameters)
    return members


def _plain(shape: Shape, value: Any) -> Any:
    """Return a parameter as events have it: members in lower case first, no content."""
    if shape.type_name == "blob" or shape.name in _CONTENT or shape.metadata.get("sensitive"):
        return HIDDEN
    if shape.type_name == "structure":
        return {
            _lower(name): HIDDEN if name in _CONTENT else _plain(shape.members[name], item)
            for name, item in value.items()
            if item is not None and name in shape.members
        }
    if shape.type_name == "list":
        return [_plain(shape.member, item) for item in value]
    if shape.type_name == "map":
        return {name: _plain(shape.value, item) for name, item in value.items()}
    return str(value) if shape.type_name == "timestamp" else value


def _lower(name: str) -> str:
    return name[:1].lower() + name[1:]


def _resources(call: Call, answer: Answer) -> list[str]:
    """Return the ARNs that an event lists: those of data events, of keys and of assumed roles."""
    given = call.parameters
    prefix = f"arn:aws:{call.service}:{REGION}:{ACCOUNT}"
    if call.service == "s3":
        bucket = f"arn:aws:s3:::{given['Bucket']}"
        return [f"{bucket}/{given['Key']}", bucket] if "Key" in given else [bucket]
    listed = {
        "dynamodb": [
            f"{prefix}:table/{name}" for name in (given.get("TableName"), *given.get("RequestItems", ())) if name
        ],
        "sqs": [f"{prefix}:{given['QueueUrl'].rpartition('/')[2]}"] if "QueueUrl" in given else [],
        "kinesis": [f"{prefix}:stream/{given['StreamName']}"] if "StreamName" in given else [],
        "events": [f"{prefix}:event-bus/{entry['EventBusName']}" for entry in given.get("Entries", ())],
        "kms": [answer.members["KeyId"]] if "KeyId" in answer.members else [],
        "sts": [given["RoleArn"]] if "RoleArn" in given else [],
    }
    return listed.get(call.service, [])
