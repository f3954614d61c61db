"""The event members that recordings use; cached events have only these."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from taskrole.observe.event_actions import service_of
from taskrole.observe.event_rows import is_denied, plain_message, text_of
from taskrole.observe.request_members import members_of

_MEMBERS = (
    "eventID",
    "eventTime",
    "recipientAccountId",
    "awsRegion",
    "eventSource",
    "eventName",
    "errorCode",
    "eventCategory",
    "managementEvent",
)
_IDENTITY = ("type", "arn", "principalId", "invokedBy")


def reduced_event(event: Mapping[str, Any]) -> dict[str, Any]:
    """Return a CloudTrail event with only the members that `RowCounter` reads."""
    reduced = {name: event[name] for name in _MEMBERS if event.get(name) is not None}
    members = members_of(service_of(text_of(event.get("eventSource"))))
    parts = {
        "userIdentity": _identity(event.get("userIdentity")),
        "requestParameters": _some(event.get("requestParameters"), members),
        "responseElements": _started(event.get("responseElements")),
        "resources": [_some(item, ("ARN", "arn")) for item in _list(event.get("resources"))],
        "errorMessage": plain_message(text_of(event.get("errorMessage"))) if is_denied(_code(event)) else "",
    }
    return reduced | {name: part for name, part in parts.items() if part}


def _code(event: Mapping[str, Any]) -> str:
    return text_of(event.get("errorCode"))


def _identity(identity: Any) -> dict[str, Any]:
    context = identity.get("sessionContext") if isinstance(identity, dict) else None
    issuer = context.get("sessionIssuer") if isinstance(context, dict) else None
    kept = _some(identity, _IDENTITY)
    return kept | ({"sessionContext": {"sessionIssuer": _some(issuer, ("arn",))}} if issuer else {})


def _started(response: Any) -> dict[str, Any]:
    tasks = _list(response.get("tasks")) if isinstance(response, dict) else []
    return {"tasks": [_some(task, ("taskArn", "taskDefinitionArn")) for task in tasks]} if tasks else {}


def _some(value: Any, names: tuple[str, ...]) -> dict[str, Any]:
    return {name: value[name] for name in names if name in value} if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
