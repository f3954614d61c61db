"""Registry credentials: `repositoryCredentials.credentialsParameter`, always an entire secret in Secrets Manager.

    arn:P:secretsmanager:R:A:secret:NAME[-SUFFIX]    RC-1, RC-2; of another account or region RC-4
    NAME                                             RC-3: a secret here, although in `secrets` a name is a parameter

Source: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/private-auth.html
"""

from __future__ import annotations

from collections.abc import Iterator

from taskrole.errors import quote
from taskrole.taskdef.document import Node
from taskrole.taskdef.failure import AGENT_REPOSITORY, EXECUTION_RESOURCES, Failure
from taskrole.taskdef.feature import IMAGES, Feature, container_fields
from taskrole.taskdef.feature_results import Item, Setting, name_of, unusable, usable
from taskrole.taskdef.features.secrets.values import secret_value_items
from taskrole.taskdef.references import BadReferenceError, Secret, named_secret, parse_whole_secret
from taskrole.taskdef.rule import AGENT, ECS, EXECUTION, FieldRule
from taskrole.taskdef.shape import Record, Scalar

_CREDENTIALS = "containerDefinitions[].repositoryCredentials.credentialsParameter"
_PRIVATE = f"{ECS}/private-auth.html"
_GET_SECRET = ("secretsmanager:GetSecretValue",)
_DENIED = Failure(
    "stopped reason",
    f"{EXECUTION_RESOURCES}unable to get registry auth from asm: service call has been retried … time(s): asm fetching"
    " secret from the service for …",
    f"{AGENT_REPOSITORY}/blob/master/agent/asm/asm.go",
)

_RULES = (
    FieldRule(
        "RC-1",
        "grant",
        "Registry credentials by the ARN of a secret",
        _CREDENTIALS,
        _PRIVATE,
        EXECUTION,
        _GET_SECRET,
        "the ARN",
        failure=_DENIED,
    ),
    FieldRule(
        "RC-2",
        "grant",
        "Registry credentials by an ARN without its random suffix",
        _CREDENTIALS,
        _PRIVATE,
        EXECUTION,
        _GET_SECRET,
        "ARN-??????",
        failure=_DENIED,
    ),
    FieldRule(
        "RC-3",
        "grant",
        "Registry credentials by the name of a secret (here a bare name is a secret's, not a parameter's)",
        _CREDENTIALS,
        f"{AGENT}/agent/taskresource/asmauth/asmauth.go",
        EXECUTION,
        _GET_SECRET,
        "arn:P:secretsmanager:R:A:secret:NAME-??????",
        failure=_DENIED,
    ),
    FieldRule(
        "RC-4",
        "grant",
        "Registry credentials in another account, which must allow it and be named in full, or in another region",
        _CREDENTIALS,
        _PRIVATE,
        EXECUTION,
        _GET_SECRET,
        "the ARN",
        failure=_DENIED,
    ),
    FieldRule(
        "RC-FORM", "refused", "Registry credentials are a secret, whole, in Secrets Manager", _CREDENTIALS, _PRIVATE
    ),
)

_FIELD = "credentialsParameter"


def registry_credential_items(task: Node, setting: Setting) -> Iterator[Item]:
    """Yield the permissions for logging in to private registries other than ECR."""
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
        message = f"must be the whole ARN, with its suffix, of a secret in another account; got {quote(text)}"
        raise unusable("RC-4", node.field(_FIELD), message)
    because = f"{name_of(container)} is pulled from a private registry with it"
    yield from secret_value_items(node.field(_FIELD), secret, setting, because, rule=rule)


def _rule(secret: Secret, setting: Setting, *, is_name: bool) -> str:
    if is_name:
        return "RC-3"
    if (secret.account, secret.region) != (setting.context.account, setting.context.region):
        return "RC-4"
    return "RC-2" if secret.form == "partial" else "RC-1"


_SHAPE = container_fields(
    {"name": Scalar.RESOLVED, "repositoryCredentials": Record({"credentialsParameter": Scalar.RESOLVED})}
)

FEATURE = Feature(IMAGES, _RULES, _SHAPE, items=registry_credential_items, needs=frozenset({"repositoryCredentials"}))
