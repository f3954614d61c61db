"""Creates the resources of applications, like an administrator."""

from __future__ import annotations

import io
import json
import zipfile

from tests.e2e.enforcing import ACCOUNT, REGION
from tests.e2e.recorded.application import Step, Use


def all_of(*makers: Step) -> Step:
    """Return a function that creates several resources."""

    def prepare(use: Use) -> None:
        for make in makers:
            make(use)

    return prepare


def table(use: Use) -> None:
    """Make a table with an index."""
    attributes = [{"AttributeName": name, "AttributeType": "S"} for name in ("id", "customer")]
    use.client("dynamodb").create_table(
        TableName=use.name,
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=attributes,
        BillingMode="PAY_PER_REQUEST",
        GlobalSecondaryIndexes=[
            {
                "IndexName": "by-customer",
                "KeySchema": [{"AttributeName": "customer", "KeyType": "HASH"}],
                "Projection": {"ProjectionType": "ALL"},
            }
        ],
    )


def queue(use: Use) -> None:
    """Make a queue with messages in it."""
    url = use.client("sqs").create_queue(QueueName=use.name)["QueueUrl"]
    for _ in range(4):
        use.client("sqs").send_message(QueueUrl=url, MessageBody="x")


def secret(use: Use) -> None:
    """Make a secret, and keep its ARN."""
    made = use.client("secretsmanager").create_secret(Name=f"{use.name}/password", SecretString="x")
    use.kept["secret"] = made["ARN"]


def bucket(use: Use) -> None:
    """Make a bucket with objects in it."""
    use.client("s3").create_bucket(Bucket=use.name, CreateBucketConfiguration={"LocationConstraint": REGION})
    for key in ("uploads/1.jpg", "uploads/1.jpg2", "uploads/2.jpg", "sealed/1", "moved/2.jpg"):
        use.client("s3").put_object(Bucket=use.name, Key=key, Body=b"x")


def topic(use: Use) -> None:
    """Make a topic."""
    use.client("sns").create_topic(Name=use.name)


def parameter(use: Use) -> None:
    """Make parameters."""
    for name in ("settings", "other"):
        use.client("ssm").put_parameter(Name=f"/{use.name}/{name}", Value="x", Type="String")


def key(use: Use) -> None:
    """Make a key, and keep its ARN and data encrypted with it."""
    use.kept["key"] = use.client("kms").create_key()["KeyMetadata"]["Arn"]
    use.kept["sealed"] = use.client("kms").encrypt(KeyId=use.kept["key"], Plaintext=b"x")["CiphertextBlob"]


def stream(use: Use) -> None:
    """Make a Kinesis stream."""
    use.client("kinesis").create_stream(StreamName=use.name, ShardCount=1)


def delivery_stream(use: Use) -> None:
    """Make a Firehose stream."""
    settings = {"RoleARN": f"arn:aws:iam::{ACCOUNT}:role/firehose", "BucketARN": "arn:aws:s3:::archive"}
    use.client("firehose").create_delivery_stream(DeliveryStreamName=use.name, S3DestinationConfiguration=settings)


def state_machine(use: Use) -> None:
    """Make a state machine that ends at once."""
    definition = {"StartAt": "End", "States": {"End": {"Type": "Pass", "End": True}}}
    use.client("stepfunctions").create_state_machine(
        name=use.name,
        definition=json.dumps(definition),
        roleArn=_role(use, "machine", {"Service": "states.amazonaws.com"}),
    )


def event_bus(use: Use) -> None:
    """Make an event bus."""
    use.client("events").create_event_bus(Name=use.name)


def function(use: Use) -> None:
    """Make a Lambda function."""
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as archive:
        archive.writestr("index.py", "def handler(event, context):\n    return event\n")
    use.client("lambda").create_function(
        FunctionName=use.name,
        Runtime="python3.12",
        Role=_role(use, "function", {"Service": "lambda.amazonaws.com"}),
        Handler="index.handler",
        Code={"ZipFile": code.getvalue()},
    )


def repository(use: Use) -> None:
    """Make a repository for images."""
    use.client("ecr").create_repository(repositoryName=f"team/{use.name}")


def log_group(use: Use) -> None:
    """Make a log group."""
    use.client("logs").create_log_group(logGroupName=f"/{use.name}")


def role(use: Use) -> None:
    """Make a role that permitted principals of the account can assume."""
    use.kept["partner"] = _role(use, "partner", {"AWS": f"arn:aws:iam::{ACCOUNT}:root"})


def _role(use: Use, suffix: str, principal: dict[str, str]) -> str:
    statement = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}
    made = use.client("iam").create_role(
        RoleName=f"{use.name}-{suffix}",
        Path="/made/",
        AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [statement]}),
    )
    arn: str = made["Role"]["Arn"]
    return arn
