"""What people see when a call is denied: where it is read, in which words, and the page that has these words.

`…` stands for what differs from case to case: request ids, ARNs, numbers of retries. The words on EC2 stand apart where
the agent there has others than Fargate.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

Where = Literal["stopped reason", "service event", "execute-command", "session", "router's log", "container's log"]

_HELP = "https://repost.aws/knowledge-center/ecs-unable-to-pull-secrets"
_GITHUB = "https://github.com"
_AGENT = f"{_GITHUB}/aws/amazon-ecs-agent"
_ACCESS_DENIED = "https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html"

_AUTH = "ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: "
_STREAM = "ResourceInitializationError: failed to validate logger args: create stream has been retried … times: "
_DAEMON = "CannotStartContainerError: Error response from daemon: failed to initialize logging driver: "
_MOUNT = (
    "ResourceInitializationError: failed to invoke EFS utils commands to set up EFS volumes: stderr: … access denied by"
    " server while mounting …"
)
_UNLESS_THERE = "unless the log group is there already"
_FILES = "ResourceInitializationError: failed to download env files: … AccessDenied: Access Denied"


@dataclass(frozen=True)
class Failure:
    """What comes of a denied call: the words, where they are read, and the page that shows them.

    `stops` says that the task does not start, or not go on, without the call; else a part of what it does fails.
    `on_ec2` is what comes of it there where the agent has other words. `note` says when it fails, if not always.
    """

    where: Where
    words: str
    page: str
    stops: bool = True
    on_ec2: Failure | None = None
    note: str = ""


TRUST = Failure(
    "service event",
    "ECS was unable to assume the role '…' that was provided for this task. Please verify that the role being passed"
    " has the proper trust relationship and permissions and that your IAM user has permissions to pass this role.",
    f"{_GITHUB}/aws-samples/aws-modern-application-workshop/issues/149",
)

_LOGIN = Failure(
    "stopped reason",
    f"{_AUTH}unable to retrieve ecr registry auth: …",
    _HELP,
    on_ec2=Failure(
        "stopped reason",
        "CannotPullECRContainerError: AccessDeniedException: … is not authorized to perform:"
        " ecr:GetAuthorizationToken …",
        f"{_GITHUB}/OvertureMaps/overture-tiles/pull/20",
    ),
)
_PULL = Failure(
    "stopped reason",
    "CannotPullContainerError: pull image manifest has been retried … time(s): failed to resolve ref …: pulling from"
    " host … failed with status code [manifests …]: 403 Forbidden",
    f"{_GITHUB}/aws/aws-cdk/issues/29876",
    on_ec2=Failure(
        "stopped reason",
        "CannotPullContainerError: The task can\u2019t pull the image. Check that the role has the permissions to pull"
        " images from the registry. …",
        f"{_AGENT}/pull/4181",
    ),
)
_SECRET = Failure(
    "stopped reason",
    f"{_AUTH}unable to retrieve secret from asm: service call has been retried … time(s): failed to fetch secret … from"
    " secrets manager: AccessDeniedException: …",
    f"{_GITHUB}/GiamPy5/terraform-aws-directus/issues/10",
)
_REGISTRY = Failure(
    "stopped reason",
    f"{_AUTH}unable to get registry auth from asm: service call has been retried … time(s): asm fetching secret from"
    " the service for …",
    f"{_AGENT}/blob/master/agent/asm/asm.go",
)
_PARAMETER = Failure(
    "stopped reason",
    f"{_AUTH}unable to retrieve secrets from ssm: service call has been retried … time(s): AccessDeniedException: … is"
    " not authorized to perform: ssm:GetParameters …",
    f"{_GITHUB}/aws/copilot-cli/issues/4504",
)
_ENVIRONMENT_FILE = Failure(
    "stopped reason",
    _FILES,
    f"{_GITHUB}/aws/aws-cdk/issues/12720",
    on_ec2=Failure(
        "stopped reason",
        "unable to download env file with key … from bucket …, error: …",
        f"{_AGENT}/blob/master/agent/taskresource/envFiles/envfile.go",
    ),
)
_LOGS_LOST = Failure(
    "container's log",
    "nothing: the container runs, and its log stream stays empty",
    "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/using_awslogs.html",
    stops=False,
)
_LOG_STREAM = Failure(
    "stopped reason",
    f"{_STREAM}failed to create Cloudwatch log stream: AccessDeniedException: …",
    f"{_GITHUB}/doctorray117/minecraft-ondemand/issues/12",
    on_ec2=Failure(
        "stopped reason",
        f"{_DAEMON}failed to create Cloudwatch log stream: AccessDeniedException: …",
        f"{_GITHUB}/prakhar1989/docker-curriculum/issues/260",
    ),
)
_SESSION_LOGS = Failure(
    "session",
    "We couldn't start the session because encryption is not set up on the selected CloudWatch Logs log group. …",
    f"{_GITHUB}/aws-containers/amazon-ecs-exec-checker/issues/79",
    stops=False,
)
_SESSION_BUCKET = Failure(
    "session",
    "Couldn't start the session because we are unable to validate encryption on Amazon S3 bucket. Error: AccessDenied:"
    " Access Denied status code: 403 …",
    f"{_GITHUB}/awslabs/landing-zone-accelerator-on-aws/issues/19",
    stops=False,
)
_ROUTER_LOGS = Failure(
    "router's log",
    "[error] [output:cloudwatch_logs:…] … API responded with error='AccessDeniedException'",
    f"{_GITHUB}/aws/aws-for-fluent-bit/issues/177",
    stops=False,
)

# By rule; a rule that has several actions, which fail in different ways, by rule and action.
FAILURES: dict[str, Failure] = {
    **dict.fromkeys(("IMG-1", "GD-1 ecr:GetAuthorizationToken"), _LOGIN),
    **dict.fromkeys(("IMG-2", "IMG-4", "IMG-5", "IMG-6", "IMG-7", "IMG-12", "GD-1"), _PULL),
    **dict.fromkeys(("SM-1", "SM-2", "SM-3", "SM-4", "SM-5", "SSM-6 secretsmanager:GetSecretValue"), _SECRET),
    **dict.fromkeys(("RC-1", "RC-2", "RC-3", "RC-4"), _REGISTRY),
    **dict.fromkeys(("SSM-1", "SSM-2", "SSM-3", "SSM-6"), _PARAMETER),
    "KMS-1": Failure(
        "stopped reason",
        f"{_AUTH}unable to retrieve secret from asm: service call has been retried … time(s): failed to fetch secret …"
        " from secrets manager: AccessDeniedException: Access to KMS is not allowed",
        _SECRET.page,
    ),
    "KMS-2": Failure(
        "stopped reason",
        f"{_AUTH}unable to retrieve secrets from ssm: service call has been retried … time(s): AccessDeniedException:"
        " … is not authorized to perform: kms:Decrypt …",
        _HELP,
    ),
    **dict.fromkeys(("S3-1", "S3-4"), _ENVIRONMENT_FILE),
    "S3-2": replace(_ENVIRONMENT_FILE, on_ec2=None, note="AWS's page asks for it; the agent on EC2 does not call it"),
    "LOG-1": _LOG_STREAM,
    "LOG-2": _LOG_STREAM,
    "LOG-1 logs:PutLogEvents": _LOGS_LOST,
    "LOG-2 logs:PutLogEvents": _LOGS_LOST,
    "LOG-3": Failure(
        "stopped reason",
        f"{_STREAM}failed to create Cloudwatch log group: AccessDeniedException: … is not authorized to perform:"
        " logs:CreateLogGroup on resource: …:log-stream: …",
        f"{_GITHUB}/terraform-aws-modules/terraform-aws-ecs/pull/313",
        on_ec2=Failure(
            "stopped reason",
            f"{_DAEMON}failed to create Cloudwatch log group: AccessDeniedException: …",
            f"{_GITHUB}/prakhar1989/docker-curriculum/issues/260",
            note=_UNLESS_THERE,
        ),
        note=_UNLESS_THERE,
    ),
    "FL-1": Failure(
        "stopped reason",
        "unable to download firelens s3 config file: unable to download s3 config … from bucket …: …",
        f"{_AGENT}/blob/master/agent/taskresource/firelens/firelens_unix.go",
    ),
    "FL-4": Failure(
        "router's log",
        "[firehose …] PutRecordBatch failed with AccessDeniedException: … is not authorized to perform:"
        " firehose:PutRecordBatch …",
        f"{_GITHUB}/terraform-aws-modules/terraform-aws-ecs/issues/381",
        stops=False,
    ),
    "FL-7": _ROUTER_LOGS,
    "EFS-1": Failure("stopped reason", _MOUNT, f"{_GITHUB}/aws/copilot-cli/issues/3350"),
    "EFS-1 elasticfilesystem:ClientWrite": Failure(
        "container's log",
        "Read-only file system, at the first write",
        "https://docs.aws.amazon.com/efs/latest/ug/iam-access-control-nfs-efs.html",
        stops=False,
    ),
    "EFS-1 elasticfilesystem:ClientRootAccess": Failure(
        "container's log",
        "Permission denied, where only root may read or write",
        "https://docs.aws.amazon.com/efs/latest/ug/iam-access-control-nfs-efs.html",
        stops=False,
    ),
    "EXE-1": Failure(
        "execute-command",
        "An error occurred (TargetNotConnectedException) when calling the ExecuteCommand operation: The execute command"
        " failed due to an internal error. Try again later.",
        f"{_GITHUB}/aws/amazon-ssm-agent/issues/536",
        stops=False,
    ),
    "EXE-2": _SESSION_LOGS,
    "EXE-3": _SESSION_BUCKET,
    "EXE-4": Failure(
        "session",
        "Encountered error while initiating handshake. Fetching data key failed: Unable to retrieve data key, Error"
        " when decrypting data key AccessDeniedException …",
        f"{_GITHUB}/department-of-veterans-affairs/va.gov-team/issues/54885",
        stops=False,
    ),
    "EXE-5": _SESSION_LOGS,
}

# Rules of calls for which no page with the words was found: IAM's own words stand in, and where they will be read.
_WHERE: dict[str, tuple[Where, bool]] = {
    **dict.fromkeys(("GM-1", "GM-2", "GM-4", "GM-5", "FSX-1", "FSX-2", "FSX-3"), ("stopped reason", True)),
    **dict.fromkeys(("S3F-1",), ("stopped reason", True)),
    **dict.fromkeys(("FL-2", "FL-5", "FL-6", "FL-8", "FL-9"), ("router's log", False)),
    **dict.fromkeys(("S3F-2", "EFS-4"), ("container's log", False)),
}


def failure_of(rule: str, action: str, *, is_ec2: bool = False) -> Failure:
    """Return what comes of it when a call that a rule is about is denied, on Fargate or on EC2."""
    found = FAILURES.get(f"{rule} {action}") or FAILURES.get(rule)
    if found:
        return found.on_ec2 if is_ec2 and found.on_ec2 else found
    where, stops = _WHERE.get(rule, ("container's log", False))
    return Failure(where, f"AccessDenied: … is not authorized to perform: {action} …", _ACCESS_DENIED, stops)
