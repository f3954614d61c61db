"""Secrets: `secrets[].valueFrom` and `logConfiguration.secretOptions[].valueFrom`, which have the same syntax.

The agent reads them with the execution role before it starts a container.
Source: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/secrets-envvar-secrets-manager.html
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from taskrole.arns import secret_arn
from taskrole.errors import LONGEST_QUOTE, quote
from taskrole.grant import Grant
from taskrole.taskdef.document import Field, Node
from taskrole.taskdef.feature import SECRETS, Feature, container_fields
from taskrole.taskdef.feature_results import Item, Setting, finding, name_of, option_used, unusable, usable
from taskrole.taskdef.features.compatibility import compatibilities
from taskrole.taskdef.features.secrets.options import SecretOptions
from taskrole.taskdef.features.secrets.rules import RULES
from taskrole.taskdef.features.secrets.values import parameter_items, reference_of, secret_value_items
from taskrole.taskdef.references import SERVICE_CONNECT, Secret
from taskrole.taskdef.shape import ListOf, Record, Scalar


def secret_items(task: Node, setting: Setting) -> Iterator[Item]:
    """Yield the permissions for reading the secrets of a task (SM-…, SSM-…, KMS-1 and KMS-2)."""
    items = [
        item
        for container in task.nodes("containerDefinitions")
        for item in usable(_container_items(container, setting))
    ]
    yield from items
    if compatibilities(task) == {"EC2"} and any(_reads_parameters(item) for item in items):
        message = (
            "parameters as secrets need ECS_ENABLE_AWSLOGS_EXECUTIONROLE_OVERRIDE=true in the agent of EC2 instances"
        )
        yield finding("EC2-SSM", "note", task.place, message)


def _reads_parameters(item: Item) -> bool:
    return isinstance(item, Grant) and "ssm:GetParameters" in item.actions


def _container_items(container: Node, setting: Setting) -> Iterator[Item]:
    who = name_of(container)
    yield from usable(_list_items(container, "secrets", f"{who} gets it as", setting))
    log = container.node("logConfiguration")
    if log:
        yield from usable(_list_items(log, "secretOptions", f"the log driver of {who} gets it as", setting))


def _list_items(node: Node, key: str, because: str, setting: Setting) -> Iterator[Item]:
    for secret in node.nodes(key):
        yield from usable(_secret_items(secret, because, setting))


def _secret_items(node: Node, because: str, setting: Setting) -> Iterator[Item]:
    field, text = node.field("valueFrom"), node.text("valueFrom")
    if text is None:
        raise unusable("SECRET", field, "must be the ARN of a secret, or the ARN or name of a parameter; got none")
    reference = reference_of(field, text)
    name = node.data.get("name")
    is_plain = isinstance(name, str) and name.isidentifier() and len(name) <= LONGEST_QUOTE
    because = f"{because} {name if is_plain else quote(name)}"
    if isinstance(reference, Secret):
        yield from secret_value_items(field, reference, setting, because)
    else:
        yield from parameter_items(field, reference, setting, because)


def _denied_service_connect_items(setting: Setting, grants: Sequence[Grant]) -> Iterator[Item]:
    """Yield the Deny that an option requests (SM-DENY)."""
    if not grants or not setting.options_of(SecretOptions).deny_service_connect_secrets:
        return
    yield option_used("deny_service_connect_secrets")
    because = "only Service Connect itself may read its TLS keys"
    resource = secret_arn(setting.context.partition, "*", "*", f"{SERVICE_CONNECT}*")
    denied = setting.grant("SM-DENY", Field("options:/deny_service_connect_secrets"), because, [resource])
    yield replace(denied, effect="Deny")


_SECRET = Record({"name": Scalar.TEXT, "valueFrom": Scalar.RESOLVED})
_SHAPE = container_fields(
    {
        "name": Scalar.RESOLVED,
        "secrets": ListOf(_SECRET),
        "logConfiguration": Record({"secretOptions": ListOf(_SECRET)}),
    }
)

FEATURE = Feature(SECRETS, RULES, _SHAPE, SecretOptions, secret_items, _denied_service_connect_items)
