"""Maps a CloudTrail event to the IAM actions that authorize its call.

Most events have the name of their action. The exceptions are in data/event_map.json: event sources that differ from the
service prefix of their actions, and names. API dates in event names are removed.

Source: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
"""

from __future__ import annotations

import json
import re
from functools import cache, lru_cache
from importlib import resources
from typing import Any

from taskrole.dataclass import dataclass
from taskrole.partitions import host_suffixes
from taskrole.policy.catalogue.actions import is_service, known_action

# GetFunction20150331v2 and CreateDistribution2020_05_31 contain the date of their API.
_API_DATE = re.compile(r"20[0-9]{2}_?[0-1][0-9]_?[0-3][0-9](v[0-9]+)?$")
# The reason if an event intentionally has no action.
NO_PERMISSION = "the call needs no permission"


@dataclass(frozen=True, slots=True)
class EventActions:
    """The service and name of an event without the API date, its actions, and the reason if there are none."""

    service: str
    name: str
    actions: tuple[str, ...]
    because: str = ""


@lru_cache(maxsize=16_384)
def event_actions(source: str, name: str) -> EventActions:
    """Return the actions of an event by its source (`s3.amazonaws.com`) and name (`GetObject`)."""
    service = service_of(source)
    plain = _API_DATE.sub("", name)
    for candidate in dict.fromkeys((name, plain)):
        listed = event_map()["actions"].get(f"{service}:{candidate}")
        if listed is not None:
            return EventActions(service, candidate, tuple(listed), "" if listed else NO_PERMISSION)
        action = known_action(f"{service}:{candidate}")
        if action is not None:
            return EventActions(service, candidate, (action,))
    reason = "no IAM action has its name" if is_service(service) else "its service has no known IAM actions"
    return EventActions(service, plain, (), reason)


@lru_cache(maxsize=4_096)
def service_of(source: str) -> str:
    """Return the action prefix of an event source: `cloudwatch` for `monitoring.amazonaws.com`."""
    for suffix in host_suffixes():
        source = source.removesuffix(f".{suffix}")
    known: str = event_map()["event_sources"].get(source, source)
    return known


@cache
def event_map() -> dict[str, Any]:
    """Return the table that maps event sources and names."""
    table: dict[str, Any] = json.loads(
        resources.files("taskrole.observe").joinpath("data/event_map.json").read_text("utf-8")
    )
    return table
