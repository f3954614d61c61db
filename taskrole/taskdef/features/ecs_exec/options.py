"""The options for ECS Exec."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, get_args

from taskrole.arns import Context, literal
from taskrole.dataclass import dataclass
from taskrole.errors import Problem, quote
from taskrole.taskdef.features.keys import key_arn
from taskrole.taskdef.features.logs import group_name
from taskrole.taskdef.features.s3_objects.buckets import bucket_name
from taskrole.taskdef.option import Flag, option, options
from taskrole.taskdef.option_checks import placeholder_problems, problem, words

ExecLogging = Literal["none", "default", "override"]


def _prefix_problems(path: str, prefix: str, context: Context) -> Iterator[Problem]:  # noqa: ARG001
    try:
        literal(prefix)
    except ValueError as error:
        yield problem(path, str(error))
    if any(character > "\xff" for character in prefix):
        # A policy would need `?` in its place, which matches other keys too.
        yield problem(path, f"can have characters up to U+00FF; got {quote(prefix)}")
    yield from placeholder_problems(path, prefix)


@dataclass(frozen=True)
class EcsExec:
    """ECS Exec is on for these tasks, and how their cluster logs its sessions."""

    logging: ExecLogging = option(
        "none",
        "The cluster's setting; default: each container's awslogs group. Default: none",
        check=words(get_args(ExecLogging)),
    )
    log_group: str | None = option(None, "With override: the log group of sessions. Default: none", check=group_name)
    s3_bucket: str | None = option(None, "With override: the bucket of session logs. Default: none", check=bucket_name)
    s3_prefix: str = option(
        "", "With override: the prefix of keys in the bucket. Default: empty, any key", check=_prefix_problems
    )
    kms_key: str | None = option(None, "ARN of the cluster's key for sessions. Default: none", check=key_arn)


def _destination_problems(path: str, value: EcsExec, context: Context) -> Iterator[Problem]:  # noqa: ARG001
    if (value.logging == "override") != bool(value.log_group or value.s3_bucket):
        message = "must be override with a log_group or an s3_bucket, and only then"
        yield problem(f"{path}/logging", f"{message}; got {quote(value.logging)}")
    if value.s3_prefix and not value.s3_bucket:
        yield problem(f"{path}/s3_prefix", "needs an s3_bucket")


@options
class EcsExecOptions:
    """Whether ECS Exec is on."""

    ecs_exec: EcsExec | None = option(
        None,
        "ECS Exec is on. Default: off",
        check=_destination_problems,
        flag=Flag(
            "--exec",
            "ECS Exec is enabled. Default logging: to the containers' log groups.",
            choices=("none", "default"),
            bare="none",
            combine=lambda _, given, __: EcsExec(logging=given),
        ),
    )
