"""The rules about FireLens."""

from __future__ import annotations

from taskrole.taskdef.failure import AGENT_REPOSITORY, GITHUB, IN_ROUTER, Failure
from taskrole.taskdef.rule import ECS, EXECUTION, TASK, Rule

_LOGS = "containerDefinitions[].logConfiguration.options"
_WRITE_LOGS = ("logs:CreateLogStream", "logs:PutLogEvents")
_ROUTER = "containerDefinitions[].firelensConfiguration.options"
_FIRELENS = f"{ECS}/using_firelens.html"
_EXAMPLES = "https://github.com/aws-samples/amazon-ecs-firelens-examples"
_READ_OBJECT = ("s3:GetObject",)
_BUCKET = "arn:P:s3:::BUCKET"
_OBJECT = "arn:P:s3:::BUCKET/KEY"

_CONFIGURATION_DENIED = Failure(
    "stopped reason",
    "unable to download firelens s3 config file: unable to download s3 config … from bucket …: …",
    f"{AGENT_REPOSITORY}/blob/master/agent/taskresource/firelens/firelens_unix.go",
)
_FIREHOSE_DENIED = Failure(
    "router's log",
    "[firehose …] PutRecordBatch failed with AccessDeniedException: … is not authorized to perform:"
    " firehose:PutRecordBatch …",
    f"{GITHUB}/terraform-aws-modules/terraform-aws-ecs/issues/381",
    stops=False,
)
_CLOUDWATCH_DENIED = Failure(
    "router's log",
    "[error] [output:cloudwatch_logs:…] … API responded with error='AccessDeniedException'",
    f"{GITHUB}/aws/aws-for-fluent-bit/issues/177",
    stops=False,
)

RULES = (
    Rule(
        "FL-1",
        "grant",
        "The router's configuration from S3 (not on Fargate)",
        _ROUTER,
        f"{ECS}/firelens-taskdef.html",
        EXECUTION,
        _READ_OBJECT,
        f"{_OBJECT}; s3:GetBucketLocation on {_BUCKET}",
        failure=_CONFIGURATION_DENIED,
    ),
    Rule(
        "FL-2",
        "grant",
        "Configuration that the router's own init process reads from S3",
        "containerDefinitions[].environment[] aws_fluent_bit_init_s3_N",
        "https://github.com/aws/aws-for-fluent-bit/tree/mainline/use_cases/init-process-for-fluent-bit",
        TASK,
        _READ_OBJECT,
        f"{_OBJECT}; s3:GetBucketLocation on {_BUCKET}",
        failure=IN_ROUTER,
    ),
    Rule("FL-3", "fact", "The router's own logs follow LOG-1 to LOG-3", _LOGS, _FIRELENS),
    Rule(
        "FL-4",
        "grant",
        "Output to Firehose",
        _LOGS,
        _FIRELENS,
        TASK,
        ("firehose:PutRecordBatch",),
        "arn:P:firehose:R:A:deliverystream/NAME",
        verified=False,
        note="AWS's example allows it on *; the narrower ARN follows the service's general form.",
        failure=_FIREHOSE_DENIED,
    ),
    Rule(
        "FL-5",
        "grant",
        "Output to Kinesis",
        _LOGS,
        _EXAMPLES,
        TASK,
        ("kinesis:PutRecords",),
        "arn:P:kinesis:R:A:stream/NAME",
        failure=IN_ROUTER,
    ),
    Rule(
        "FL-6",
        "grant",
        "Output to S3",
        _LOGS,
        _EXAMPLES,
        TASK,
        ("s3:PutObject",),
        f"{_BUCKET}/*",
        failure=IN_ROUTER,
    ),
    Rule(
        "FL-7",
        "grant",
        "Output to CloudWatch Logs; creating the group and setting retention only where the output does",
        _LOGS,
        _EXAMPLES,
        TASK,
        _WRITE_LOGS,
        "arn:P:logs:R:A:log-group:GROUP:log-stream:*; logs:DescribeLogStreams on the group",
        verified=False,
        note="logs:PutRetentionPolicy for log_retention_days follows from the option's meaning.",
        failure=_CLOUDWATCH_DENIED,
    ),
    Rule(
        "FL-8",
        "grant",
        "Output to OpenSearch with AWS authentication, on the domain that an option names",
        _LOGS,
        _EXAMPLES,
        TASK,
        ("es:ESHttp*",),
        "arn:P:es:R:A:domain/NAME/*",
        verified=False,
        note="AWS's example allows es:*; which calls the output makes is not documented.",
        failure=IN_ROUTER,
    ),
    Rule(
        "FL-9",
        "grant",
        "Output by way of another role, which holds the permissions for the destination",
        _LOGS,
        _EXAMPLES,
        TASK,
        ("sts:AssumeRole",),
        "the role's ARN",
        failure=IN_ROUTER,
    ),
    Rule("FL-10", "fact", "Outputs to others need their keys (secretOptions) and nothing of IAM", _LOGS, _EXAMPLES),
    Rule(
        "FL-TEMPLATE",
        "refused",
        "A templated name (`$(ecs_task_id)`) is `*` in its last segment, only with consent",
        _LOGS,
        _EXAMPLES,
    ),
    Rule(
        "FL-VISIBLE",
        "note",
        "Outputs in a configuration file of the router's cannot be seen",
        _ROUTER,
        _FIRELENS,
        unseen=True,
    ),
    Rule(
        "FL-FLUENTD",
        "note",
        "Outputs of Fluentd are not read",
        _LOGS,
        _FIRELENS,
        unseen=True,
    ),
    Rule("FL-OPTION", "refused", "An output's option twice, in capitals and not", _LOGS, _FIRELENS),
    Rule(
        "FL-ROUTER", "refused", "awsfirelens needs a container with firelensConfiguration beside it", _LOGS, _FIRELENS
    ),
)
