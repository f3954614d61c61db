"""Converts request values to parts of ARNs: patterns, as in a policy's Resource.

Names are escaped here (`arns.literal`); parts that a request leaves open become wildcards.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from urllib.parse import unquote

from taskrole.arns import literal
from taskrole.dataclass import dataclass

_QUEUE_URL = re.compile(r"https?://[^/]+/([0-9]{12})/([A-Za-z0-9_-]+(?:\.fifo)?)/?")
_QUEUE_HOST = re.compile(r"https?://(?:sqs\.([a-z0-9-]+)|([a-z0-9-]+)\.queue)\.")
_SECRET_SUFFIX = re.compile(r"-[A-Za-z0-9]{6}$")
_VERSION = re.compile(r":[A-Za-z0-9_.-]+$")
_PROFILE = re.compile(r"(us|us-gov|eu|apac|global|jp|au|ca)\.")


@dataclass(frozen=True, slots=True)
class Where:
    """The partition, region and account of an event."""

    partition: str
    region: str
    account: str


def literal_arn(arn: str) -> str:
    """Return an ARN as the policy pattern that matches exactly this ARN."""
    *head, rest = arn.split(":", 5)
    return ":".join((*head, literal(rest)))


def arn_prefix(service: str, where: Where) -> str:
    """Return the first five parts of a service's ARNs."""
    return f"arn:{where.partition}:{service}:{where.region}:{where.account}:"


def as_is(value: str, _: Where) -> str:
    """Return a name or an ARN, escaped."""
    return literal_arn(value) if value.startswith("arn:") else literal(value)


def _queue(value: str, where: Where) -> str:
    """Return the ARN of a queue from its URL."""
    url = _QUEUE_URL.fullmatch(value)
    if not url:
        return ""
    host = _QUEUE_HOST.match(value)
    region = (host[1] or host[2]) if host else where.region
    return f"arn:{where.partition}:sqs:{region}:{url[1]}:{url[2]}"


def _topic_of(value: str, where: Where) -> str:
    """Return the ARN of the topic of a subscription."""
    return as_is(value.rpartition(":")[0], where)


def _kms_key(value: str, where: Where) -> str:
    """Return a key id or ARN. An alias is not a resource in policies."""
    return "" if value.startswith("alias/") or ":alias/" in value else as_is(value, where)


def _secret(value: str, where: Where) -> str:
    """Return the ARN of a secret from its name or ARN. A name lacks the six random characters at the end of the ARN."""
    if value.startswith("arn:"):
        arn = literal_arn(value)
        return arn if _SECRET_SUFFIX.search(value) else f"{arn}-??????"
    return f"{arn_prefix('secretsmanager', where)}secret:{literal(value)}-??????"


def _parameter(value: str, _: Where) -> str:
    """Return the name of a parameter without version and leading slash."""
    return literal_arn(value) if value.startswith("arn:") else literal(_VERSION.sub("", value).removeprefix("/"))


def _last_part(value: str, _: Where) -> str:
    """Return the name at the end of an ARN, or the name."""
    return literal(value.rpartition("/")[2])


def _revision(value: str, where: Where) -> str:
    """Return a task definition with its revision, or any revision if the request leaves it to ECS."""
    return as_is(value, where) if ":" in value.rpartition("/")[2] else f"{as_is(value, where)}:*"


def _event_bus(value: str, where: Where) -> str:
    """Return the name of an event bus; ARNs of rules on the default bus do not contain one."""
    return "" if value == "default" else _last_part(value, where)


def _copy_source(value: str, _: Where) -> str:
    """Return the bucket and key of the source of a copied object."""
    return literal(unquote(value.partition("?versionId=")[0]).removeprefix("/"))


def _model(value: str, where: Where) -> str:
    """Return the ARN of a model from its id, or of an inference profile, whose id begins with a geography."""
    if value.startswith("arn:"):
        return literal_arn(value)
    is_profile = _PROFILE.match(value) is not None
    kind, account = ("inference-profile", where.account) if is_profile else ("foundation-model", "")
    return f"arn:{where.partition}:bedrock:{where.region}:{account}:{kind}/{literal(value)}"


def _lower(value: str, where: Where) -> str:
    return as_is(value, where).lower()


# By their names in data/resources.json.
FORMS: Mapping[str, Callable[[str, Where], str]] = {
    "queue": _queue,
    "topic_of": _topic_of,
    "kms_key": _kms_key,
    "secret": _secret,
    "parameter": _parameter,
    "name": _last_part,
    "revision": _revision,
    "bus": _event_bus,
    "copy_source": _copy_source,
    "model": _model,
    "lower": _lower,
}
