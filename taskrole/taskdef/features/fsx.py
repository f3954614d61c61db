"""FSx for Windows File Server: `volumes[].fsxWindowsFileServerVolumeConfiguration`, on EC2 only.

The agent asks for the file system's address (FSX-3) and reads the credentials, a secret (FSX-1) or a parameter
(FSX-2, of the task's region and account regardless of its ARN, and not decrypted).
Source: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/wfsx-volumes.html
"""

from __future__ import annotations

from collections.abc import Iterator

from taskrole.errors import quote
from taskrole.taskdef.document import Field, Node
from taskrole.taskdef.failure import STOPS
from taskrole.taskdef.feature import VOLUMES, Feature, volume_fields
from taskrole.taskdef.feature_results import Item, Setting, unusable, usable
from taskrole.taskdef.features.compatibility import compatibilities
from taskrole.taskdef.features.secrets.values import parameter_items_here, secret_value_items
from taskrole.taskdef.references import BadReferenceError, Parameter, Secret, parse_reference, parse_whole_secret
from taskrole.taskdef.rule import AGENT, API, ECS, EXECUTION, FieldRule
from taskrole.taskdef.shape import Record, Scalar

_FSX = "volumes[].fsxWindowsFileServerVolumeConfiguration"

_RULES = (
    FieldRule(
        "FSX-1",
        "grant",
        "Credentials for FSx in a secret",
        f"{_FSX}.authorizationConfig.credentialsParameter",
        f"{AGENT}/agent/taskresource/fsxwindowsfileserver/fsxwindowsfileserver_windows.go",
        EXECUTION,
        ("secretsmanager:GetSecretValue",),
        "the ARN; without its suffix ARN-??????",
        failure=STOPS,
    ),
    FieldRule(
        "FSX-2",
        "grant",
        "Credentials for FSx in a parameter, read in the task's own region and account",
        f"{_FSX}.authorizationConfig.credentialsParameter",
        f"{AGENT}/agent/taskresource/fsxwindowsfileserver/fsxwindowsfileserver_windows.go",
        EXECUTION,
        ("ssm:GetParameters",),
        "arn:P:ssm:R:A:parameter/NAME",
        failure=STOPS,
    ),
    FieldRule(
        "FSX-3",
        "grant",
        "Find the address of the FSx file system; the action has no resource types",
        _FSX,
        f"{ECS}/wfsx-volumes.html",
        EXECUTION,
        ("fsx:DescribeFileSystems",),
        "*",
        failure=STOPS,
    ),
    FieldRule("FSX-4", "refused", "FSx volumes work on EC2 only", _FSX, f"{ECS}/wfsx-volumes.html"),
    FieldRule(
        "FSX-FORM",
        "refused",
        "Credentials for FSx are the ARN of a secret or parameter",
        _FSX,
        f"{API}/API_FSxWindowsFileServerAuthorizationConfig.html",
    ),
)


def fsx_items(task: Node, setting: Setting) -> Iterator[Item]:
    """Yield the permissions that mounting FSx volumes requires (FSX-1 to FSX-4)."""
    for volume in task.nodes("volumes"):
        yield from usable(_volume_items(task, volume, setting))


def _volume_items(task: Node, volume: Node, setting: Setting) -> Iterator[Item]:
    fsx = volume.node("fsxWindowsFileServerVolumeConfiguration")
    if fsx is None:
        return
    elsewhere = sorted(compatibilities(task) & {"FARGATE", "MANAGED_INSTANCES"})
    if elsewhere:
        message = f"works on EC2 only; requiresCompatibilities has {' and '.join(elsewhere)}"
        raise unusable("FSX-4", fsx.place, message)
    yield setting.grant("FSX-3", fsx.place, "the agent looks for the address of the file system", ("*",))
    authorization = fsx.node("authorizationConfig")
    text = authorization.text("credentialsParameter") if authorization else None
    if authorization is None or text is None:
        message = "must be the ARN of a secret or parameter; got none"
        raise unusable("FSX-FORM", fsx.field("authorizationConfig/credentialsParameter"), message)
    field = authorization.field("credentialsParameter")
    reference = _reference(field, text)
    because = "the agent mounts the file system with these credentials"
    if isinstance(reference, Parameter):
        yield from parameter_items_here("FSX-2", field, reference, setting, because, is_decrypted=False)
    else:
        yield from secret_value_items(field, reference, setting, because, rule="FSX-1")


def _reference(field: Field, text: str) -> Secret | Parameter:
    if not text.startswith("arn:"):
        raise unusable("FSX-FORM", field, f"must be the ARN of a secret or parameter; got {quote(text)}")
    try:
        return parse_whole_secret(text) if ":secretsmanager:" in text else parse_reference(text)
    except BadReferenceError as error:
        raise unusable("FSX-FORM", field, str(error)) from None


_CONFIGURATION = Record(
    {"fileSystemId": Scalar.RESOLVED, "authorizationConfig": Record({"credentialsParameter": Scalar.RESOLVED})}
)

_SHAPE = volume_fields({"fsxWindowsFileServerVolumeConfiguration": _CONFIGURATION})

FEATURE = Feature(VOLUMES, _RULES, _SHAPE, items=fsx_items, needs=frozenset({"volumes"}))
