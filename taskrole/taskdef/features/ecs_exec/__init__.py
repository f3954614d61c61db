"""ECS Exec: enabled by the service or RunTask, not by a field of the task definition (option `ecs_exec`).

The SSM agent in each container uses the task role: it opens channels (EXE-1), logs sessions as configured in the
cluster (EXE-2, EXE-3, EXE-5) and uses the cluster's key (EXE-4). Source:
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-exec.html
"""

from __future__ import annotations

from collections.abc import Iterator

from taskrole.arns import bucket_arn, literal, log_group_arn
from taskrole.taskdef.document import Field, Node, UnusableError
from taskrole.taskdef.feature import TASK_ENVIRONMENT, Feature, container_fields
from taskrole.taskdef.feature_results import Item, Setting, finding, option_used, usable
from taskrole.taskdef.features.ecs_exec.options import EcsExec, EcsExecOptions
from taskrole.taskdef.features.ecs_exec.rules import RULES
from taskrole.taskdef.features.logs import awslogs_group
from taskrole.taskdef.features.s3_objects.buckets import owner_conditions, written_items
from taskrole.taskdef.shape import Record, Scalar

_BECAUSE = "the agent of ECS Exec logs sessions"


def ecs_exec_items(task: Node, setting: Setting) -> Iterator[Item]:
    """Yield the permissions that ECS Exec requires if it is on, or a hint that it may be on."""
    options = setting.options_of(EcsExecOptions).ecs_exec
    if options is None:
        for container in task.nodes("containerDefinitions"):
            yield from usable(_hint_items(container))
        return
    yield option_used("ecs_exec")
    yield setting.grant("EXE-1", _option("", task), "the agent of ECS Exec opens channels for sessions", ("*",))
    for container in task.nodes("containerDefinitions"):
        yield from usable(_read_only_items(container))
    if options.logging == "default":
        yield from _default_logging(task, setting)
    if options.logging == "override":
        yield from _override_logging(task, options, setting)
    if options.kms_key:
        yield setting.grant(
            "EXE-4", _option("/kms_key", task), "the agent of ECS Exec decrypts sessions", [options.kms_key]
        )
        message = "also encrypts the session of the user who opens it, who needs kms:GenerateDataKey on it"
        yield finding("EXE-4", "note", _option("/kms_key", task), message)


def _option(path: str, task: Node) -> Field:
    return Field(f"options:/ecs_exec{path}", task.file)


def _hint_items(container: Node) -> Iterator[Item]:
    linux = container.node("linuxParameters")
    if linux and linux.flag("initProcessEnabled"):
        message = "is often set for ECS Exec; if ECS Exec is on, set the option ecs_exec"
        yield finding("EXE-HINT", "note", linux.field("initProcessEnabled"), message)


def _read_only_items(container: Node) -> Iterator[Item]:
    if container.flag("readonlyRootFilesystem"):
        message = "is true, so the agent of ECS Exec cannot write its files; sessions will fail"
        yield finding("EXE-ROOT", "warning", container.field("readonlyRootFilesystem"), message)


def _default_logging(task: Node, setting: Setting) -> Iterator[Item]:
    has_awslogs = False
    for container in task.nodes("containerDefinitions"):
        try:
            log = container.node("logConfiguration")
            options = log.node("options") if log and log.text("logDriver") == "awslogs" else None
            if options is None:
                continue
            group = awslogs_group(options, setting)
        except UnusableError:  # reported by the logs feature
            continue
        has_awslogs = True
        yield from _log_grants("EXE-5", options.field("awslogs-group"), group.region, group.name, setting)
    if has_awslogs:
        because = f"{_BECAUSE}, and looks for their groups"
        yield setting.grant("EXE-5", _option("/logging", task), because, ("*",), actions=("logs:DescribeLogGroups",))


def _override_logging(task: Node, options: EcsExec, setting: Setting) -> Iterator[Item]:
    if options.log_group:
        field = _option("/log_group", task)
        because = f"{_BECAUSE}, and looks for their group"
        yield setting.grant("EXE-2", field, because, ("*",), actions=("logs:DescribeLogGroups",))
        yield from _log_grants("EXE-2", field, setting.context.region, options.log_group, setting)
    if options.s3_bucket:
        yield from _bucket_logging(_option("/s3_bucket", task), options.s3_bucket, options.s3_prefix, setting)


def _bucket_logging(field: Field, name: str, prefix: str, setting: Setting) -> Iterator[Item]:
    bucket = bucket_arn(setting.context.partition, name)
    objects = f"{bucket}/{literal(prefix)}*"
    conditions, used = owner_conditions(name, setting)
    yield from used
    yield setting.grant("EXE-3", field, _BECAUSE, [objects], conditions=conditions)
    encryption = f"{_BECAUSE}, and asks whether their bucket is encrypted"
    encrypted = ("s3:GetEncryptionConfiguration",)
    yield setting.grant("EXE-3", field, encryption, [bucket], actions=encrypted, conditions=conditions)
    region = f"{_BECAUSE}, and asks for the region of their bucket"
    # On `*`, as AWS documents it; the condition limits it to the owner's buckets.
    located = ("s3:GetBucketLocation",)
    yield setting.grant("EXE-3", field, region, ("*",), actions=located, conditions=conditions)
    yield from written_items(field, name, setting, [(("s3:PutObject",), objects), ((*located, *encrypted), bucket)])


def _log_grants(rule: str, field: Field, region: str, group: str, setting: Setting) -> Iterator[Item]:
    yield setting.grant(rule, field, _BECAUSE, [f"{log_group_arn(setting.context, region, group)}:*"])


_SHAPE = container_fields(
    {
        "readonlyRootFilesystem": Scalar.FLAG,
        "linuxParameters": Record({"initProcessEnabled": Scalar.FLAG}),
    }
)

FEATURE = Feature(TASK_ENVIRONMENT, RULES, _SHAPE, EcsExecOptions, ecs_exec_items)
