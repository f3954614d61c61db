"""Determines the resources of a call: the ARNs that its event lists, or an ARN built from request members.

Each ARN is one that the action supports; names are escaped as in a policy's Resource (`arns.literal`).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from itertools import product
from typing import Any

from taskrole.arns import literal
from taskrole.dataclass import dataclass
from taskrole.observe.event_actions import EventActions
from taskrole.observe.request_members import KNOWN, PLACEHOLDER, ConditionRule, ResourceRule, resource_rules
from taskrole.observe.resource_forms import FORMS, Where, arn_prefix, as_is, literal_arn
from taskrole.policy.catalogue.resource_types import literal_arns, resource_types, supports_resource

# A function is also called by version or alias, which the policy must then name; the action database has no such ARN
# format.
_QUALIFIER = re.compile(r"(:function:[^:]+):[^:]+$")
MOST_RESOURCES = 100  # Per event.


@dataclass(frozen=True, slots=True)
class CallResources:
    """The resources of a call as policy patterns, or empty with the reason."""

    arns: tuple[str, ...]
    because: str = ""


def resources_of(
    event: EventActions, action: str, listed: tuple[str, ...], request: Mapping[str, Any], where: Where
) -> CallResources:
    """Return the resources of an action of an event, from its listed ARNs and its request."""
    if not resource_types(action):
        return CallResources(("*",))
    exact, other = _rules(event.service, event.name, action)
    arns = (
        _made_by(exact, action, request, where) or _fitting(action, listed) or _made_by(other, action, request, where)
    )
    if arns:
        return CallResources(tuple(sorted(set(arns))[:MOST_RESOURCES]))
    if exact or other:
        return CallResources((), "its request does not name a resource of the action")
    return CallResources((), "it does not list a resource of the action, and no rule exists for its request")


@lru_cache(maxsize=16_384)
def _rules(service: str, name: str, action: str) -> tuple[tuple[ResourceRule, ...], tuple[ResourceRule, ...]]:
    """Return the rules for an action: those that precede the event's own list of resources, and the others."""
    rules = [rule for rule in resource_rules(service) if name in rule.events and rule.action in ("", action)]
    return (
        tuple(rule for rule in rules if rule.over_resources),
        tuple(rule for rule in rules if not rule.over_resources),
    )


def condition_value(rule: ConditionRule, request: Mapping[str, Any], where: Where, service: str) -> str | None:
    """Return the value of a condition key that is a string, or None if the request lacks it."""
    value = request.get(rule.member)
    if not isinstance(value, str) or not value:
        return None
    if not rule.arn:
        return value
    return (
        value
        if value.startswith("arn:")
        else arn_prefix(service, where) + rule.arn.replace(f"{{{rule.member}}}", value)
    )


def _fitting(action: str, arns: tuple[str, ...]) -> list[str]:
    return [fitting for arn in arns if (fitting := fitting_arn(action, arn))]


def fitting_arn(action: str, arn: str) -> str:
    """Return an ARN with unescaped names in the form that policies use; empty if the action does not support it."""
    is_fitting = arn.startswith("arn:") and literal_arns(action).fullmatch(arn) is not None and _is_writable(arn)
    return literal_arn(arn) if is_fitting else ""


def _is_writable(arn: str) -> bool:
    try:
        literal(arn)
    except ValueError:
        return False
    return True


def _made_by(rules: tuple[ResourceRule, ...], action: str, request: Mapping[str, Any], where: Where) -> list[str]:
    return [arn for rule in rules for arn in _made(rule.arns, action, request, where)]


def _made(templates: tuple[str, ...], action: str, request: Mapping[str, Any], where: Where) -> list[str]:
    """Return the ARNs of the first template whose members the request contains and that the action supports."""
    for template in templates:
        arns = [arn for arn in _fill(template, action, request, where) if _fits_pattern(action, arn)]
        if arns:
            return arns
    return []


@lru_cache(maxsize=65_536)
def _fits_pattern(action: str, arn: str) -> bool:
    return supports_resource(action, arn) or supports_resource(action, _QUALIFIER.sub(r"\1", arn))


def _fill(template: str, action: str, request: Mapping[str, Any], where: Where) -> Iterator[str]:
    service = action.partition(":")[0]
    members = [match for match in PLACEHOLDER.finditer(template) if match[1] not in KNOWN]
    choices = [list(_values(match, request, where)) for match in members]
    if not all(choices):
        return
    for values in list(product(*choices))[:MOST_RESOURCES]:
        yield _filled(template, [match.span() for match in members], values, arn_prefix(service, where), where)


def _filled(template: str, spans: list[tuple[int, int]], values: tuple[str, ...], prefix: str, where: Where) -> str:
    text, position = "", 0
    for (start, end), value in zip(spans, values, strict=True):
        # A name can be given as an ARN, which then also replaces the text before it.
        text = value if value.startswith("arn:") else text + _known(template[position:start], where) + value
        position = end
    text += _known(template[position:], where)
    return text if text == "*" or text.startswith("arn:") else prefix + text


def _known(text: str, where: Where) -> str:
    for name in KNOWN:
        text = text.replace(f"{{{name}}}", getattr(where, name))
    return text


def _values(match: re.Match[str], request: Mapping[str, Any], where: Where) -> Iterator[str]:
    value = request.get(match[1])
    items = _parsed(value) if match[2] else [value]
    form = FORMS[match[3]] if match[3] else as_is
    for item in items if isinstance(items, list) else ():
        if isinstance(item, str) and item and _is_writable(item) and (text := form(item, where)):
            yield text


def _parsed(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except (ValueError, RecursionError):
        return None
