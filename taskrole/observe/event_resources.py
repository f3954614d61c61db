"""The resources of a call: the ARNs that its event lists, else an ARN made from members of the request.

Each ARN is one that the action can be allowed on; names are written as a policy's Resource holds them (`arns.literal`).
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from typing import Any

from taskrole.arns import literal
from taskrole.observe.event_actions import EventActions
from taskrole.observe.request_members import KNOWN, PLACEHOLDER, ConditionRule, resource_rules
from taskrole.policy.catalogue.resource_types import literal_arns, resource_types

_QUEUE_URL = re.compile(r"https?://[^/]+/([0-9]{12})/([A-Za-z0-9_-]+(?:\.fifo)?)/?")
_QUEUE_REGION = re.compile(r"https?://(?:sqs\.([a-z0-9-]+)|([a-z0-9-]+)\.queue)\.")
_SECRET_SUFFIX = re.compile(r"-[A-Za-z0-9]{6}$")
_VERSION_OF_PARAMETER = re.compile(r":[A-Za-z0-9_.-]+$")
MOST_RESOURCES = 100  # of one event


@dataclass(frozen=True, slots=True)
class Where:
    """Partition, region and account of an event."""

    partition: str
    region: str
    account: str


@dataclass(frozen=True, slots=True)
class Resources:
    """The resources of a call as patterns for a policy; none, and why, where they are not known."""

    arns: tuple[str, ...]
    because: str = ""


def resources_of(
    event: EventActions, action: str, listed: tuple[str, ...], request: Mapping[str, Any], where: Where
) -> Resources:
    """Return the resources of one action of an event, which lists some itself, and whose request names them."""
    if not resource_types(action):
        return Resources(("*",))
    rules = [
        rule for rule in resource_rules(event.service) if event.name in rule.events and rule.action in ("", action)
    ]
    exact = [arn for rule in rules if rule.over_resources for arn in _made(rule.arns, action, request, where)]
    other = [arn for rule in rules if not rule.over_resources for arn in _made(rule.arns, action, request, where)]
    for arns in (exact, _fitting(action, listed), other):
        if arns:
            return Resources(tuple(sorted(set(arns))[:MOST_RESOURCES]))
    if rules:
        return Resources((), "its request names no resource of the action")
    return Resources((), "it lists no resource of the action, and no rule says what in its request names one")


def condition_value(rule: ConditionRule, request: Mapping[str, Any], where: Where, service: str) -> str | None:
    """Return the value of a condition key that is text, or None where the request does not have it."""
    value = request.get(rule.member)
    if not isinstance(value, str) or not value:
        return None
    if not rule.arn:
        return value
    return (
        value if value.startswith("arn:") else _prefix(service, where) + rule.arn.replace(f"{{{rule.member}}}", value)
    )


def _fitting(action: str, arns: tuple[str, ...]) -> list[str]:
    return [literal_arn(arn) for arn in arns if fits(action, arn)]


@lru_cache(maxsize=65_536)
def fits(action: str, arn: str) -> bool:
    """Return whether an ARN, its names as they are, is one that an action can be allowed on."""
    return arn.startswith("arn:") and literal_arns(action).fullmatch(arn) is not None and _is_writable(arn)


def literal_arn(arn: str) -> str:
    """Return an ARN as a policy's Resource matches it and nothing else."""
    *head, rest = arn.split(":", 5)
    return ":".join((*head, literal(rest)))


def _is_writable(arn: str) -> bool:
    try:
        literal(arn)
    except ValueError:
        return False
    return True


def _made(templates: tuple[str, ...], action: str, request: Mapping[str, Any], where: Where) -> list[str]:
    """Return the ARNs of the first template that the request has all members for and that fits the action."""
    for template in templates:
        arns = [arn for arn in _fill(template, action, request, where) if fits(action, arn.replace("??????", "000000"))]
        if arns:
            return [_pattern(arn) for arn in arns]
    return []


def _pattern(arn: str) -> str:
    # The six characters at the end of a secret's name are not known from its name.
    base = arn.removesuffix("-??????")
    return literal_arn(base) + arn[len(base) :]


def _fill(template: str, action: str, request: Mapping[str, Any], where: Where) -> Iterator[str]:
    service = action.partition(":")[0]
    members = [found for found in PLACEHOLDER.finditer(template) if found[1] not in KNOWN]
    choices = [list(_values(found, request, where)) for found in members]
    if not all(choices):
        return
    for values in list(product(*choices))[:MOST_RESOURCES]:
        yield _filled(template, [found.span() for found in members], values, _prefix(service, where), where)


def _filled(template: str, spans: list[tuple[int, int]], values: tuple[str, ...], prefix: str, where: Where) -> str:
    text, position = "", 0
    for (start, end), value in zip(spans, values, strict=True):
        # A name can be given as an ARN, which then stands for all that is before it.
        text = value if value.startswith("arn:") else text + _known(template[position:start], where) + value
        position = end
    text += _known(template[position:], where)
    return text if text.startswith("arn:") else prefix + text


def _known(text: str, where: Where) -> str:
    for name in KNOWN:
        text = text.replace(f"{{{name}}}", getattr(where, name))
    return text


def _prefix(service: str, where: Where) -> str:
    return f"arn:{where.partition}:{service}:{where.region}:{where.account}:"


def _values(found: re.Match[str], request: Mapping[str, Any], where: Where) -> Iterator[str]:
    value = request.get(found[1])
    if found[2]:
        value = _parsed(value)
    items = list(value) if found[2] and isinstance(value, (list, dict)) else [] if found[2] else [value]
    for member in filter(None, found[3].split(".")):
        items = [item.get(member) if isinstance(item, dict) else None for item in items]
    form = _FORMS[found[4]] if found[4] else _as_is
    for item in items:
        if isinstance(item, str) and item and (text := form(item, where)):
            yield text


def _parsed(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except (ValueError, RecursionError):
        return None


def _as_is(value: str, _: Where) -> str:
    return value


def _queue(value: str, where: Where) -> str:
    url = _QUEUE_URL.fullmatch(value)
    if not url:
        return ""
    region = _QUEUE_REGION.match(value)
    name = (region[1] or region[2]) if region else where.region
    return f"arn:{where.partition}:sqs:{name}:{url[1]}:{url[2]}"


def _topic_of(value: str, _: Where) -> str:
    return value.rpartition(":")[0]


def _kms_key(value: str, _: Where) -> str:
    # An alias is no resource that a call is allowed on.
    return "" if value.startswith("alias/") or ":alias/" in value else value


def _secret(value: str, where: Where) -> str:
    arn = value if value.startswith("arn:") else f"{_prefix('secretsmanager', where)}secret:{value}"
    return arn if value.startswith("arn:") and _SECRET_SUFFIX.search(value) else f"{arn}-??????"


def _parameter(value: str, _: Where) -> str:
    if value.startswith("arn:"):
        return value
    return _VERSION_OF_PARAMETER.sub("", value).removeprefix("/")


def _last_part(value: str, _: Where) -> str:
    return value.rpartition("/")[2]


def _event_bus(value: str, _: Where) -> str:
    # Rules of the default bus have no bus in their ARN.
    return "" if value == "default" else value.rpartition("/")[2]


def _copy_source(value: str, _: Where) -> str:
    from urllib.parse import unquote

    return unquote(value.partition("?versionId=")[0]).removeprefix("/")


def _model(value: str, where: Where) -> str:
    if value.startswith("arn:"):
        return value
    # AWS's models belong to no account; a profile's id begins with a geography.
    kind = "inference-profile" if re.match(r"(us|eu|apac|global|us-gov|jp|au|ca)\.", value) else "foundation-model"
    account = where.account if kind == "inference-profile" else ""
    return f"arn:{where.partition}:bedrock:{where.region}:{account}:{kind}/{value}"


def _lower(value: str, _: Where) -> str:
    return value.lower()


_FORMS: Mapping[str, Callable[[str, Where], str]] = {
    "queue": _queue,
    "topic_of": _topic_of,
    "kms_key": _kms_key,
    "secret": _secret,
    "parameter": _parameter,
    "name": _last_part,
    "bus": _event_bus,
    "copy_source": _copy_source,
    "model": _model,
    "lower": _lower,
}
