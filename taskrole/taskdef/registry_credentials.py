"""Registry credentials: `repositoryCredentials.credentialsParameter`, always a secret in Secrets Manager, whole.

    arn:P:secretsmanager:R:A:secret:NAME[-SUFFIX]    RC-1, RC-2; of another account or region RC-4
    NAME                                             RC-3: a secret here, where in `secrets` it would be a parameter

Source: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/private-auth.html
"""

from __future__ import annotations

from collections.abc import Iterator

from taskrole.errors import shown
from taskrole.taskdef.document import Node
from taskrole.taskdef.items import Item, Setting, name_of, unusable, usable
from taskrole.taskdef.references import BadReferenceError, Secret, named_secret, parse_whole_secret
from taskrole.taskdef.secret_values import secret_value_items

_FIELD = "credentialsParameter"


def registry_credential_items(task: Node, setting: Setting) -> Iterator[Item]:
    """Yield what logging in to private registries other than ECR needs."""
    for container in task.nodes("containerDefinitions"):
        yield from usable(_container_items(container, setting))


def _container_items(container: Node, setting: Setting) -> Iterator[Item]:
    node = container.node("repositoryCredentials")
    if node is None:
        return
    text = node.text(_FIELD)
    if text is None:
        raise unusable("RC-FORM", node.field(_FIELD), "must be the ARN or name of a secret in Secrets Manager")
    context = setting.context
    try:
        if text.startswith("arn:"):
            secret = parse_whole_secret(text)
        else:
            secret = named_secret(text, context.partition, context.region, context.account or "")
    except BadReferenceError as error:
        raise unusable("RC-FORM", node.field(_FIELD), str(error)) from None
    rule = _rule(secret, setting, is_name=not text.startswith("arn:"))
    if secret.account != context.account and secret.form == "partial":
        message = f"must be the whole ARN, with its suffix, of a secret in another account; got {shown(text)}"
        raise unusable("RC-4", node.field(_FIELD), message)
    because = f"{name_of(container)} is pulled from a private registry with it"
    yield from secret_value_items(node.field(_FIELD), secret, setting, because, rule=rule)


def _rule(secret: Secret, setting: Setting, *, is_name: bool) -> str:
    if is_name:
        return "RC-3"
    if (secret.account, secret.region) != (setting.context.account, setting.context.region):
        return "RC-4"
    return "RC-2" if secret.form == "partial" else "RC-1"
