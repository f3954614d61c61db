"""What the values of a request's members become in an ARN: patterns, as a policy's Resource holds them.

Names are made literal here (`arns.literal`); what a request leaves open becomes a wildcard.
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
    """Partition, region and account of an event."""

    partition: str
    region: str
    account: str


def literal_arn(arn: str) -> str:
    """Return an ARN as a policy's Resource matches it and nothing else."""
    *head, rest = arn.split(":", 5)
    return ":".join((*head, literal(rest)))


def arn_prefix(service: str, where: Where) -> str:
    """Return the first five parts of the ARNs of a service."""
    return f"arn:{where.partition}:{service}:{where.region}:{where.account}:"


def as_is(value: str, _: Where) -> str:
    """Return a name, or an ARN, literally."""
    return literal_arn(value) if value.startswith("arn:") else literal(value)


def _queue(value: str, where: Where) -> str:
    """Return the ARN of a queue by its URL."""
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
    """Return a key's id or ARN. An alias is no resource that a call is allowed on."""
    return "" if value.startswith("alias/") or ":alias/" in value else as_is(value, where)


def _secret(value: str, where: Where) -> str:
    """Return the ARN of a secret by its name or ARN. A name does not say the six characters that end the ARN."""
    if value.startswith("arn:"):
        arn = literal_arn(value)
        return arn if _SECRET_SUFFIX.search(value) else f"{arn}-??????"
    return f"{arn_prefix('secretsmanager', where)}secret:{literal(value)}-??????"


def _parameter(value: str, _: Where) -> str:
    """Return the name of a parameter without its version and its leading slash."""
    return literal_arn(value) if value.startswith("arn:") else literal(_VERSION.sub("", value).removeprefix("/"))


def _last_part(value: str, _: Where) -> str:
    """Return the name at the end of an ARN, or the name."""
    return literal(value.rpartition("/")[2])


def _revision(value: str, where: Where) -> str:
    """Return a task definition with its revision, any where the request leaves it to ECS."""
    return as_is(value, where) if ":" in value.rpartition("/")[2] else f"{as_is(value, where)}:*"


def _event_bus(value: str, where: Where) -> str:
    """Return the name of an event bus; rules of the default bus have none in their ARN."""
    return "" if value == "default" else _last_part(value, where)


def _copy_source(value: str, _: Where) -> str:
    """Return bucket and key that an object is copied from."""
    return literal(unquote(value.partition("?versionId=")[0]).removeprefix("/"))


def _model(value: str, where: Where) -> str:
    """Return the ARN of a model by its id, or of an inference profile, whose id begins with a geography."""
    if value.startswith("arn:"):
        return literal_arn(value)
    is_profile = _PROFILE.match(value) is not None
    kind, account = ("inference-profile", where.account) if is_profile else ("foundation-model", "")
    return f"arn:{where.partition}:bedrock:{where.region}:{account}:{kind}/{literal(value)}"


def _lower(value: str, where: Where) -> str:
    return as_is(value, where).lower()


# By the names that data/resources.json has for them.
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
