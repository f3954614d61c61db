"""The rules for environment files, objects in S3 and their buckets."""

from __future__ import annotations

from dataclasses import replace

from taskrole.taskdef.failure import AGENT_REPOSITORY, GITHUB, Failure
from taskrole.taskdef.rule import AGENT, BOTH, DOCS, ECS, EXECUTION, FieldRule

_FILES = "containerDefinitions[].environmentFiles[].value"
_S3_REQUIRED = f"{ECS}/task_execution_IAM_role.html#task-execution-s3-required"
_READ_OBJECT = ("s3:GetObject",)
_BUCKET = "arn:P:s3:::BUCKET"
_OBJECT = "arn:P:s3:::BUCKET/KEY"

_FILE_DENIED = Failure(
    "stopped reason",
    "ResourceInitializationError: failed to download env files: … AccessDenied: Access Denied",
    f"{GITHUB}/aws/aws-cdk/issues/12720",
    on_ec2=Failure(
        "stopped reason",
        "unable to download env file with key … from bucket …, error: …",
        f"{AGENT_REPOSITORY}/blob/master/agent/taskresource/envFiles/envfile.go",
    ),
)
_REGION_DENIED = replace(_FILE_DENIED, on_ec2=None, note="AWS's page requires it; the agent on EC2 does not call it")

RULES = (
    FieldRule(
        "S3-1",
        "grant",
        "Read an environment file",
        _FILES,
        _S3_REQUIRED,
        EXECUTION,
        _READ_OBJECT,
        _OBJECT,
        failure=_FILE_DENIED,
    ),
    FieldRule(
        "S3-2",
        "grant",
        "Find the region of its bucket",
        _FILES,
        _S3_REQUIRED,
        EXECUTION,
        ("s3:GetBucketLocation",),
        _BUCKET,
        note="The agent on EC2 uses a call that needs no permission; whether Fargate makes this call is not known.",
        failure=_REGION_DENIED,
    ),
    FieldRule(
        "S3-3",
        "note",
        "Bucket names can be taken over; aws:ResourceAccount guards against it",
        "option bucket_owners",
        _S3_REQUIRED,
        note="Applies to every bucket of a task: files, logs, sessions and S3 file systems.",
        once=True,
    ),
    FieldRule(
        "S3-4",
        "option",
        "Decrypt an object under a customer managed key, only through S3",
        "option kms_keys",
        f"{DOCS}/AmazonS3/latest/userguide/UsingKMSEncryption.html",
        BOTH,
        ("kms:Decrypt",),
        "arn:P:kms:R:A:key/ID if kms:ViaService is s3.R.amazonaws.com",
        verified=False,
        note="ECS's pages do not mention encrypted environment files, nor buckets behind S3 file systems.",
        failure=_FILE_DENIED,
    ),
    FieldRule(
        "S3-KMS",
        "note",
        "Writing to a bucket under a customer managed key needs kms:GenerateDataKey, and kms:Decrypt for multipart"
        " uploads; grant them yourself",
        "option kms_keys",
        f"{DOCS}/AmazonS3/latest/userguide/UsingKMSEncryption.html",
        note="ECS's pages do not mention it for what FireLens and ECS Exec write, so nothing is derived.",
        once=True,
    ),
    FieldRule(
        "S3-FORM",
        "refused",
        "An object is arn:P:s3:::BUCKET/KEY; access points do not work",
        _FILES,
        f"{AGENT}/agent/s3/s3.go",
    ),
    FieldRule(
        "S3-ENV",
        "refused",
        "At most ten environment files, of type s3, named *.env, not on Windows",
        _FILES,
        f"{ECS}/use-environment-file.html",
    ),
)
