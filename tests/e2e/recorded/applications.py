"""Ten small applications, each with several services."""

from __future__ import annotations

import json
from typing import Any

from tests.e2e.recorded import resources as make
from tests.e2e.recorded.application import Application, Use

CONTENT = b"confidential"
ITEM = {"id": {"S": "confidential"}}


def _object(use: Use, key: str) -> Any:
    return use.client("s3").get_object(Bucket=use.name, Key=key)["Body"].read()


def _receive(use: Use) -> None:
    received = use.client("sqs").receive_message(QueueUrl=use.queue)["Messages"]
    use.kept["receipt"] = received[0]["ReceiptHandle"]


def _seal(use: Use) -> None:
    use.kept["sealed"] = use.client("kms").encrypt(KeyId=use.kept["key"], Plaintext=CONTENT)["CiphertextBlob"]


def _iterator(use: Use) -> None:
    stream = use.arn("kinesis", f"stream/{use.name}")
    (shard,) = use.client("kinesis").list_shards(StreamName=use.name)["Shards"]
    start = {"ShardId": shard["ShardId"], "ShardIteratorType": "TRIM_HORIZON"}
    use.kept["iterator"] = use.client("kinesis").get_shard_iterator(StreamARN=stream, **start)["ShardIterator"]


def _start(use: Use) -> None:
    machine = use.arn("states", f"stateMachine:{use.name}")
    use.kept["execution"] = use.client("stepfunctions").start_execution(stateMachineArn=machine)["executionArn"]


ORDERS = Application(
    "orders",
    make.all_of(make.table, make.queue, make.secret),
    {
        "read an order": lambda use: use.client("dynamodb").get_item(TableName=use.name, Key=ITEM),
        "write an order": lambda use: use.client("dynamodb").put_item(TableName=use.name, Item=ITEM),
        "orders of a customer": lambda use: use.client("dynamodb").query(
            TableName=use.name,
            IndexName="by-customer",
            KeyConditionExpression="customer = :c",
            ExpressionAttributeValues={":c": {"S": "1"}},
        ),
        "find the queue": lambda use: use.client("sqs").get_queue_url(QueueName=use.name),
        "queue an order": lambda use: use.client("sqs").send_message(QueueUrl=use.queue, MessageBody=CONTENT.decode()),
        "the password": lambda use: use.client("secretsmanager").get_secret_value(SecretId=f"{use.name}/password"),
    },
    {
        "delete an order": lambda use: use.client("dynamodb").delete_item(TableName=use.name, Key=ITEM),
        "all orders": lambda use: use.client("dynamodb").scan(TableName=use.name),
        "empty the queue": lambda use: use.client("sqs").purge_queue(QueueUrl=use.queue),
        "another password": lambda use: use.client("secretsmanager").put_secret_value(
            SecretId=f"{use.name}/password", SecretString="y"
        ),
    },
)
THUMBNAILS = Application(
    "thumbnails",
    make.all_of(make.bucket, make.queue),
    {
        "a message": _receive,
        "the image": lambda use: _object(use, "uploads/1.jpg"),
        "the thumbnail": lambda use: use.client("s3").put_object(Bucket=use.name, Key="small/1.jpg", Body=CONTENT),
        "done": lambda use: use.client("sqs").delete_message(
            QueueUrl=use.queue, ReceiptHandle=use.kept.get("receipt", "none")
        ),
        "count": lambda use: use.client("cloudwatch").put_metric_data(
            Namespace="thumbnails", MetricData=[{"MetricName": "made", "Value": 1}]
        ),
    },
    {
        "another image": lambda use: _object(use, "uploads/2.jpg"),
        "an image of a longer name": lambda use: _object(use, "uploads/1.jpg2"),
        "delete the image": lambda use: use.client("s3").delete_object(Bucket=use.name, Key="uploads/1.jpg"),
        "all images": lambda use: use.client("s3").list_objects_v2(Bucket=use.name),
        "send a message": lambda use: use.client("sqs").send_message(QueueUrl=use.queue, MessageBody=CONTENT.decode()),
        "delete alarms": lambda use: use.client("cloudwatch").delete_alarms(AlarmNames=["thumbnails"]),
    },
    frozenset({"count"}),
)
REPORTS = Application(
    "reports",
    make.all_of(make.bucket, make.topic, make.parameter),
    {
        "what there is": lambda use: use.client("s3").list_objects_v2(Bucket=use.name, Prefix="uploads/"),
        "the data": lambda use: _object(use, "uploads/1.jpg"),
        "the settings": lambda use: use.client("ssm").get_parameter(Name=f"/{use.name}/settings"),
        "publish": lambda use: use.client("sns").publish(TopicArn=use.arn("sns", use.name), Message=CONTENT.decode()),
    },
    {
        "write data": lambda use: use.client("s3").put_object(Bucket=use.name, Key="uploads/1.jpg", Body=CONTENT),
        "change the settings": lambda use: use.client("ssm").put_parameter(
            Name=f"/{use.name}/settings", Value="y", Type="String", Overwrite=True
        ),
        "other settings": lambda use: use.client("ssm").get_parameter(Name=f"/{use.name}/other"),
        "subscribe": lambda use: use.client("sns").subscribe(
            TopicArn=use.arn("sns", use.name), Protocol="email", Endpoint="a@example.com"
        ),
    },
)
VAULT = Application(
    "vault",
    make.all_of(make.bucket, make.key, make.secret),
    {
        "a data key": lambda use: use.client("kms").generate_data_key(
            KeyId=use.kept["key"], KeySpec="AES_256", EncryptionContext={"vault": "1"}
        ),
        "seal": _seal,
        "open": lambda use: use.client("kms").decrypt(CiphertextBlob=use.kept["sealed"]),
        "store": lambda use: use.client("s3").put_object(Bucket=use.name, Key="sealed/1", Body=CONTENT),
        "the secret's age": lambda use: use.client("secretsmanager").describe_secret(SecretId=f"{use.name}/password"),
    },
    {
        "the key's properties": lambda use: use.client("kms").describe_key(KeyId=use.kept["key"]),
        "delete the key": lambda use: use.client("kms").schedule_key_deletion(KeyId=use.kept["key"]),
        "the secret": lambda use: use.client("secretsmanager").get_secret_value(SecretId=f"{use.name}/password"),
        "read back": lambda use: _object(use, "sealed/1"),
    },
)
CLICKS = Application(
    "clicks",
    make.all_of(make.stream, make.delivery_stream, make.parameter),
    {
        "the stream": lambda use: use.client("kinesis").describe_stream_summary(StreamName=use.name),
        "a click": lambda use: use.client("kinesis").put_record(StreamName=use.name, Data=CONTENT, PartitionKey="1"),
        "clicks": lambda use: use.client("kinesis").put_records(
            StreamName=use.name, Records=[{"Data": CONTENT, "PartitionKey": "1"}]
        ),
        "archive": lambda use: use.client("firehose").put_record(DeliveryStreamName=use.name, Record={"Data": CONTENT}),
        "the settings": lambda use: use.client("ssm").get_parameter(Name=f"/{use.name}/settings"),
    },
    {
        "shards": lambda use: use.client("kinesis").list_shards(StreamName=use.name),
        "delete the stream": lambda use: use.client("kinesis").delete_stream(StreamName=use.name),
        "the archive's properties": lambda use: use.client("firehose").describe_delivery_stream(
            DeliveryStreamName=use.name
        ),
    },
)
CONSUMER = Application(
    "consumer",
    make.all_of(make.stream, make.table),
    {
        "where to begin": _iterator,
        "read": lambda use: use.client("kinesis").get_records(
            StreamARN=use.arn("kinesis", f"stream/{use.name}"), ShardIterator=use.kept.get("iterator", "none")
        ),
        "remember": lambda use: use.client("dynamodb").update_item(TableName=use.name, Key=ITEM),
        "count": lambda use: use.client("cloudwatch").put_metric_data(
            Namespace="consumer", MetricData=[{"MetricName": "read", "Value": 1}]
        ),
    },
    {
        "write": lambda use: use.client("kinesis").put_record(StreamName=use.name, Data=CONTENT, PartitionKey="1"),
        "recall": lambda use: use.client("dynamodb").get_item(TableName=use.name, Key=ITEM),
        "what is counted": lambda use: use.client("cloudwatch").list_metrics(),
    },
    frozenset({"count"}),
)
WORKFLOW = Application(
    "workflow",
    make.all_of(make.state_machine, make.event_bus, make.function),
    {
        "start": _start,
        "how it is going": lambda use: use.client("stepfunctions").describe_execution(
            executionArn=use.kept.get("execution") or use.arn("states", f"execution:{use.name}:1")
        ),
        "announce": lambda use: use.client("events").put_events(
            Entries=[
                {
                    "Source": "workflow",
                    "DetailType": "started",
                    "Detail": json.dumps({"what": CONTENT.decode()}),
                    "EventBusName": use.name,
                }
            ]
        ),
        "the function": lambda use: use.client("lambda").get_function(FunctionName=use.name),
        "its settings": lambda use: use.client("lambda").get_function_configuration(FunctionName=use.name),
    },
    {
        "the definition": lambda use: use.client("stepfunctions").describe_state_machine(
            stateMachineArn=use.arn("states", f"stateMachine:{use.name}")
        ),
        "the bus": lambda use: use.client("events").describe_event_bus(Name=use.name),
        "delete the function": lambda use: use.client("lambda").delete_function(FunctionName=use.name),
    },
)
BUILDER = Application(
    "builder",
    make.all_of(make.repository, make.log_group, make.function),
    {
        "log in": lambda use: use.client("ecr").get_authorization_token(),
        "images": lambda use: use.client("ecr").list_images(repositoryName=f"team/{use.name}"),
        "an image": lambda use: use.client("ecr").batch_get_image(
            repositoryName=f"team/{use.name}", imageIds=[{"imageTag": "1"}]
        ),
        "old logs": lambda use: use.client("logs").filter_log_events(logGroupName=f"/{use.name}"),
        "versions": lambda use: use.client("lambda").list_versions_by_function(FunctionName=use.name),
    },
    {
        "push": lambda use: use.client("ecr").initiate_layer_upload(repositoryName=f"team/{use.name}"),
        "delete logs": lambda use: use.client("logs").delete_log_group(logGroupName=f"/{use.name}"),
        "the function": lambda use: use.client("lambda").get_function(FunctionName=use.name),
    },
    frozenset({"log in"}),
)
BROKER = Application(
    "broker",
    make.all_of(make.role, make.secret, make.parameter),
    {
        "who am I": lambda use: use.client("sts").get_caller_identity(),
        "another role": lambda use: use.client("sts").assume_role(
            RoleArn=use.kept["partner"], RoleSessionName="broker"
        ),
        "the secret": lambda use: use.client("secretsmanager").get_secret_value(SecretId=use.kept["secret"]),
        "the settings": lambda use: use.client("ssm").get_parameter(Name=f"/{use.name}/settings"),
    },
    {
        "delete the secret": lambda use: use.client("secretsmanager").delete_secret(SecretId=use.kept["secret"]),
        "all secrets": lambda use: use.client("secretsmanager").list_secrets(),
        "the history of settings": lambda use: use.client("ssm").get_parameter_history(Name=f"/{use.name}/settings"),
    },
    frozenset({"who am I"}),
)
MIGRATION = Application(
    "migration",
    make.all_of(make.bucket, make.table, make.topic),
    {
        "is it there": lambda use: use.client("s3").head_object(Bucket=use.name, Key="uploads/2.jpg"),
        "copy": lambda use: use.client("s3").copy_object(
            Bucket=use.name, Key="moved/2.jpg", CopySource=f"{use.name}/uploads/2.jpg"
        ),
        "delete the copy": lambda use: use.client("s3").delete_object(Bucket=use.name, Key="moved/2.jpg"),
        "the table": lambda use: use.client("dynamodb").describe_table(TableName=use.name),
        "write rows": lambda use: use.client("dynamodb").batch_write_item(
            RequestItems={use.name: [{"PutRequest": {"Item": ITEM}}]}
        ),
        "publish": lambda use: use.client("sns").publish(TopicArn=use.arn("sns", use.name), Message=CONTENT.decode()),
    },
    {
        "delete the original": lambda use: use.client("s3").delete_object(Bucket=use.name, Key="uploads/2.jpg"),
        "where the bucket is": lambda use: use.client("s3").get_bucket_location(Bucket=use.name),
        "read a row": lambda use: use.client("dynamodb").get_item(TableName=use.name, Key=ITEM),
        "the topic": lambda use: use.client("sns").get_topic_attributes(TopicArn=use.arn("sns", use.name)),
    },
)
# `make test` runs the first.
FIRST = (ORDERS, VAULT)
OTHERS = (THUMBNAILS, REPORTS, CLICKS, CONSUMER, WORKFLOW, BUILDER, BROKER, MIGRATION)
