"""The templates of data/resources.json: the request members that define the resource of a call, and its conditions."""

from __future__ import annotations

import json
import re
from functools import cache
from importlib import resources
from typing import Any

from taskrole.dataclass import dataclass

# {member}, {member[]} for each item, and |form after either.
PLACEHOLDER = re.compile(r"\{([A-Za-z0-9-]+)(\[\])?(?:\|([a-z_]+))?\}")
# Known for every event, not members of a request.
KNOWN = ("partition", "region", "account")


@dataclass(frozen=True, slots=True)
class ResourceRule:
    """ARN templates for the resources of some events: the first template whose members all exist applies.

    `action` limits the rule to one of the event's actions. A rule that is `over_resources` is more exact than the
    event's own list of resources.
    """

    events: frozenset[str]
    arns: tuple[str, ...]
    action: str = ""
    over_resources: bool = False


@dataclass(frozen=True, slots=True)
class ConditionRule:
    """A condition key whose value is a request member, or an ARN built from it. No events: all of the service."""

    key: str
    member: str
    events: frozenset[str] = frozenset()
    arn: str = ""


@cache
def resource_rules(service: str) -> tuple[ResourceRule, ...]:
    """Return the rules for the resources of a service's events, by action prefix."""
    return tuple(
        ResourceRule(
            frozenset(rule["events"]),
            tuple(rule["arns"]),
            rule.get("action", ""),
            rule.get("over_resources", False),
        )
        for rule in _table()["resources"].get(service, ())
    )


@cache
def condition_rules(service: str) -> tuple[ConditionRule, ...]:
    """Return the rules for the condition keys of a service's events."""
    return tuple(
        ConditionRule(rule["key"], rule["member"], frozenset(rule.get("events", ())), rule.get("arn", ""))
        for rule in _table()["conditions"].get(service, ())
    )


@cache
def services_with_rules() -> tuple[str, ...]:
    """Return the prefixes of all services with a rule."""
    return tuple(sorted({*_table()["resources"], *_table()["conditions"]}))


@cache
def members_of(service: str) -> tuple[str, ...]:
    """Return the request members that the rules of a service use, sorted."""
    templates = [arn for rule in resource_rules(service) for arn in rule.arns]
    members = {match[1] for arn in templates for match in PLACEHOLDER.finditer(arn)}
    return tuple(sorted((members | {rule.member for rule in condition_rules(service)}) - {*KNOWN}))


@cache
def _table() -> dict[str, Any]:
    table: dict[str, Any] = json.loads(
        resources.files("taskrole.observe").joinpath("data/resources.json").read_text("utf-8")
    )
    return table
