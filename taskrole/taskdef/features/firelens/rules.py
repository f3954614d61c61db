"""The FireLens rules that apply to all plugins: for the router, roles and names."""

from __future__ import annotations

from taskrole.taskdef.failure import AGENT_REPOSITORY, GITHUB, IN_ROUTER, Failure
from taskrole.taskdef.features.firelens.plugins.common import EXAMPLES, OPTIONS_FIELD
from taskrole.taskdef.features.firelens.plugins.registry import RULES as PLUGIN_RULES
from taskrole.taskdef.rule import ECS, EXECUTION, TASK, FieldRule

_ROUTER = "containerDefinitions[].firelensConfiguration.options"
_FIRELENS = f"{ECS}/using_firelens.html"
_INIT = f"{GITHUB}/aws/aws-for-fluent-bit/tree/mainline/use_cases/init-process-for-fluent-bit"
_READ_OBJECT = ("s3:GetObject",)
_BUCKET = "arn:P:s3:::BUCKET"
_OBJECT = "arn:P:s3:::BUCKET/KEY"

_CONFIGURATION_DENIED = Failure(
    "stopped reason",
    "unable to download firelens s3 config file: unable to download s3 config … from bucket …: …",
    f"{AGENT_REPOSITORY}/blob/master/agent/taskresource/firelens/firelens_unix.go",
)
# The init process exits, and the router exits with it.
_INIT_PROCESS = f"{GITHUB}/aws/aws-for-fluent-bit/blob/mainline/init/fluent_bit_init_process.go"
_OBJECT_DENIED = Failure(
    "router's log",
    "[FluentBit Init Process] Cannot download … from s3",
    _INIT_PROCESS,
    ends_container=True,
)
_LOCATION_DENIED = Failure(
    "router's log",
    "[FluentBit Init Process] Cannot get bucket region of … + …",
    _INIT_PROCESS,
    ends_container=True,
)

_OF_ROUTER = (
    FieldRule(
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
    FieldRule(
        "FL-2",
        "grant",
        "Configuration that the router's own init process reads from S3",
        "containerDefinitions[].environment[] aws_fluent_bit_init_s3_N",
        _INIT,
        TASK,
        _READ_OBJECT,
        f"{_OBJECT}; s3:GetBucketLocation on {_BUCKET}",
        failure=_OBJECT_DENIED,
        action_failures={"s3:GetBucketLocation": _LOCATION_DENIED},
    ),
    FieldRule("FL-3", "fact", "The router's own logs follow LOG-1 to LOG-3", OPTIONS_FIELD, _FIRELENS),
)

_OF_OUTPUTS = (
    FieldRule(
        "FL-9",
        "grant",
        "Output through another role, which has the permissions for the destination",
        OPTIONS_FIELD,
        EXAMPLES,
        TASK,
        ("sts:AssumeRole",),
        "the role's ARN",
        failure=IN_ROUTER,
    ),
    FieldRule(
        "FL-10", "fact", "Other outputs need their keys (secretOptions) and no IAM permission", OPTIONS_FIELD, EXAMPLES
    ),
    FieldRule(
        "FL-TEMPLATE",
        "refused",
        "A name with a variable (`$(ecs_cluster)`) needs its value, or the option templated_values for `*` in it",
        OPTIONS_FIELD,
        EXAMPLES,
    ),
    FieldRule(
        "FL-VISIBLE",
        "note",
        "Outputs in the router's configuration file cannot be seen",
        _ROUTER,
        _FIRELENS,
        unseen=True,
    ),
    FieldRule(
        "FL-FLUENTD",
        "note",
        "Outputs of Fluentd are not read",
        OPTIONS_FIELD,
        _FIRELENS,
        unseen=True,
    ),
    FieldRule(
        "FL-IGNORED",
        "note",
        "Options that an output ignores, or reads with another value",
        OPTIONS_FIELD,
        _FIRELENS,
    ),
    FieldRule(
        "FL-OPTION",
        "refused",
        "An option set twice, in different case, or with an invalid value",
        OPTIONS_FIELD,
        _FIRELENS,
    ),
    FieldRule(
        "FL-ROUTER",
        "refused",
        "awsfirelens needs a container with firelensConfiguration",
        OPTIONS_FIELD,
        _FIRELENS,
    ),
)

RULES = (*_OF_ROUTER, *PLUGIN_RULES, *_OF_OUTPUTS)
