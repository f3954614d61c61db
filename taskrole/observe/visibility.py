"""The visibility of actions in CloudTrail: always, only as data events, or never.

The table is data/visibility.json, with date and sources.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from functools import cache
from importlib import resources
from typing import Any

from taskrole.dataclass import dataclass
from taskrole.policy.catalogue.actions import expand


@dataclass(frozen=True)
class DataEvents:
    """The actions of a service that are recorded only as data events, and the type of their resources."""

    service: str
    what: str
    actions: frozenset[str]


@dataclass(frozen=True)
class NeverRecorded:
    """Actions that CloudTrail never records, and why; `beside` are recorded actions that usually come with them."""

    what: str
    patterns: tuple[str, ...]
    because: str
    beside: frozenset[str]


@cache
def data_events() -> Mapping[str, DataEvents]:
    """Return the actions that are recorded only as data events, by service."""
    return {
        service: DataEvents(service, names["what"], expand(names["actions"]))
        for service, names in _table()["data_events"].items()
    }


@cache
def never_recorded() -> tuple[NeverRecorded, ...]:
    """Return the actions that CloudTrail never records."""
    return tuple(
        NeverRecorded(calls["what"], tuple(calls["actions"]), calls["because"], frozenset(calls.get("beside", ())))
        for calls in _table()["never"]
    )


def invisible_because(action: str, data_services: Collection[str]) -> str:
    """Return why evidence with data events of `data_services` lacks calls of an action, or an empty string.

    The reason is a clause, such as `data events of s3 (objects) are not in the evidence`.
    """
    never = _never().get(action)
    if never:
        return f"CloudTrail never records it: {never}"
    service = action.partition(":")[0]
    events = data_events().get(service)
    if events and service not in data_services and action in events.actions:
        return f"data events of {service} ({events.what}) are not in the evidence"
    return ""


@cache
def _never() -> Mapping[str, str]:
    """Return why actions are never recorded, by action."""
    return {action: calls.because for calls in never_recorded() for action in expand(calls.patterns)}


@cache
def _table() -> Mapping[str, Any]:
    text = resources.files("taskrole").joinpath("observe/data/visibility.json").read_text("utf-8")
    table: Mapping[str, Any] = json.loads(text)
    return table
