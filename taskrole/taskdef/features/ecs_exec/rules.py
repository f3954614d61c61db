"""The rules for ECS Exec."""

from __future__ import annotations

from taskrole.taskdef.failure import GITHUB, Failure
from taskrole.taskdef.rule import ECS, TASK, FieldRule

_EXEC_PAGE = f"{ECS}/ecs-exec.html"

_CHANNEL_DENIED = Failure(
    "execute-command",
    "An error occurred (TargetNotConnectedException) when calling the ExecuteCommand operation: The execute command"
    " failed due to an internal error. Try again later.",
    f"{GITHUB}/aws/amazon-ssm-agent/issues/536",
    stops=False,
)
_LOGS_DENIED = Failure(
    "session",
    "We couldn't start the session because encryption is not set up on the selected CloudWatch Logs log group. …",
    f"{GITHUB}/aws-containers/amazon-ecs-exec-checker/issues/79",
    stops=False,
)
_BUCKET_DENIED = Failure(
    "session",
    "Couldn't start the session because we are unable to validate encryption on Amazon S3 bucket. Error: AccessDenied:"
    " Access Denied status code: 403 …",
    f"{GITHUB}/awslabs/landing-zone-accelerator-on-aws/issues/19",
    stops=False,
)
_KEY_DENIED = Failure(
    "session",
    "Encountered error while initiating handshake. Fetching data key failed: Unable to retrieve data key, Error"
    " when decrypting data key AccessDeniedException …",
    f"{GITHUB}/department-of-veterans-affairs/va.gov-team/issues/54885",
    stops=False,
)

RULES = (
    FieldRule(
        "EXE-1",
        "option",
        "ECS Exec: the channels of its sessions; the actions have no resource types",
        "option ecs_exec",
        f"{ECS}/task-iam-roles.html#ecs-exec-required-iam-permissions",
        TASK,
        (
            "ssmmessages:CreateControlChannel",
            "ssmmessages:CreateDataChannel",
            "ssmmessages:OpenControlChannel",
            "ssmmessages:OpenDataChannel",
        ),
        "*",
        failure=_CHANNEL_DENIED,
    ),
    FieldRule(
        "EXE-2",
        "option",
        "ECS Exec: sessions logged to CloudWatch Logs",
        "option ecs_exec.log_group",
        _EXEC_PAGE,
        TASK,
        ("logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"),
        "arn:P:logs:R:A:log-group:GROUP:*; logs:DescribeLogGroups on *",
        failure=_LOGS_DENIED,
    ),
    FieldRule(
        "EXE-3",
        "option",
        "ECS Exec: sessions logged to S3",
        "option ecs_exec.s3_bucket",
        _EXEC_PAGE,
        TASK,
        ("s3:PutObject",),
        "arn:P:s3:::BUCKET/PREFIX*; s3:GetEncryptionConfiguration on the bucket; s3:GetBucketLocation on *",
        failure=_BUCKET_DENIED,
    ),
    FieldRule(
        "EXE-4",
        "option",
        "ECS Exec: sessions encrypted with a key; the user who opens one needs kms:GenerateDataKey on it",
        "option ecs_exec.kms_key",
        _EXEC_PAGE,
        TASK,
        ("kms:Decrypt",),
        "arn:P:kms:R:A:key/ID",
        failure=_KEY_DENIED,
    ),
    FieldRule(
        "EXE-5",
        "option",
        "ECS Exec: sessions logged to each container's awslogs group",
        "option ecs_exec.logging: default",
        _EXEC_PAGE,
        TASK,
        ("logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"),
        "arn:P:logs:R:A:log-group:GROUP:*; logs:DescribeLogGroups on *",
        verified=False,
        note="That the task role writes these logs follows from one sentence of the page.",
        failure=_LOGS_DENIED,
    ),
    FieldRule(
        "EXE-ROOT",
        "note",
        "ECS Exec does not work on a read-only root file system",
        "containerDefinitions[].readonlyRootFilesystem",
        _EXEC_PAGE,
    ),
    FieldRule(
        "EXE-HINT",
        "note",
        "An init process is often set for ECS Exec, which no option turns on",
        "containerDefinitions[].linuxParameters.initProcessEnabled",
        _EXEC_PAGE,
    ),
)
