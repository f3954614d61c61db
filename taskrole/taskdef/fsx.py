"""FSx for Windows File Server: `volumes[].fsxWindowsFileServerVolumeConfiguration`, on EC2 only.

The agent asks for the file system's address (FSX-3) and reads the credentials, a secret (FSX-1) or a parameter
(FSX-2, of the task's region and account whatever its ARN says, and not decrypted).
Source: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/wfsx-volumes.html
"""

from __future__ import annotations

from collections.abc import Iterator

from taskrole.errors import shown
from taskrole.taskdef.document import Field, Node
from taskrole.taskdef.items import Item, Setting, grant, unusable, usable
from taskrole.taskdef.launch import compatibilities
from taskrole.taskdef.references import BadReferenceError, Parameter, Secret, parse_reference, parse_whole_secret
from taskrole.taskdef.secret_values import parameter_items_here, secret_value_items


def fsx_items(task: Node, setting: Setting) -> Iterator[Item]:
    """Yield what mounting FSx volumes needs (FSX-1 to FSX-4)."""
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
    yield grant("FSX-3", fsx.place, "the agent looks for the address of the file system", ("*",))
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
        raise unusable("FSX-FORM", field, f"must be the ARN of a secret or parameter; got {shown(text)}")
    try:
        return parse_whole_secret(text) if ":secretsmanager:" in text else parse_reference(text)
    except BadReferenceError as error:
        raise unusable("FSX-FORM", field, str(error)) from None
