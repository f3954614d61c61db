"""Event rows: counted equal events of a role. Only rows are kept of events, and printed queries return them.

A row contains only the request parameters that ARNs and condition keys are built from.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from sys import intern
from typing import Any, NamedTuple

from taskrole.observe.event_actions import NO_PERMISSION, service_of
from taskrole.observe.request_members import members_of
from taskrole.partitions import host_suffix_pattern

# Member of the request (`bucketName`, `encryptionContext`) and its value: text, or JSON for other values.
_Request = tuple[tuple[str, str], ...]

# Also used in SQL, so the syntax is common to all engines.
TASK_PATTERN = "[0-9a-f]{32}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
SESSION_IN_MESSAGE = "(:assumed-role/[^/ ]+)/[A-Za-z0-9_+=,.@-]+"
ENCODED = "(encoded authorization failure message:).*"
DENIED_CODES = "accessdenied|unauthorized|notauthorized|authorizationerror|forbidden"
SERVICE_HOST = f"[a-z0-9.-]+[.]{host_suffix_pattern()}"

_TASK = re.compile(TASK_PATTERN)
_SESSION_IN_MESSAGE = re.compile(SESSION_IN_MESSAGE)
_ENCODED = re.compile(f"(?is){ENCODED}")
_DENIED = re.compile(f"(?i){DENIED_CODES}")
# Rejected because of the credentials or the signature, before policies were evaluated.
_UNAUTHENTICATED = re.compile(r"(?i)expiredtoken|invalidclienttokenid|unrecognizedclient|signature|invalidaccesskeyid")
_SERVICE_HOST = re.compile(SERVICE_HOST)
REFUSED_EARLY = "AWS rejected it before evaluating policies"
_LONGEST_MESSAGE = 2_000  # characters
LONGEST_MEMBER = 4_096  # characters


class EventKey(NamedTuple):
    """The key of equal events. `message` is set only for denied calls, without the session name."""

    role: str
    family: str
    account: str
    region: str
    source: str
    name: str
    code: str
    message: str
    via: str
    resources: tuple[str, ...]
    request: _Request


class EventRow(NamedTuple):
    """Equal events: the count, the first and last time, the number of tasks, and up to `MOST_TASKS` of their ids."""

    key: EventKey
    events: int
    first: str
    last: str
    tasks: tuple[str, ...]
    task_count: int


def event_key(event: Mapping[str, Any], role: str, family: str) -> EventKey:
    """Return the key of a CloudTrail event made by a role."""
    source = text_of(event.get("eventSource"))
    code = text_of(event.get("errorCode"))
    identity = event.get("userIdentity")
    via = text_of(identity.get("invokedBy")) if isinstance(identity, dict) else ""
    # Repeated values are stored once.
    return EventKey(
        intern(role),
        family,
        intern(text_of(event.get("recipientAccountId"))),
        intern(text_of(event.get("awsRegion"))),
        intern(source),
        intern(text_of(event.get("eventName"))),
        intern(code),
        plain_message(text_of(event.get("errorMessage"))) if is_denied(code) else "",
        via if _SERVICE_HOST.fullmatch(via) else "",
        _resource_arns(event.get("resources")),
        _request(service_of(source), event.get("requestParameters")),
    )


def role_of_identity(identity: Any) -> str:
    """Return the ARN of the role whose session an event's `userIdentity` is, or an empty string.

    Without the issuer, the path of the role is unknown and left out.
    """
    if not isinstance(identity, dict) or identity.get("type") != "AssumedRole":
        return ""
    context = identity.get("sessionContext")
    issuer = context.get("sessionIssuer") if isinstance(context, dict) else None
    arn = text_of(issuer.get("arn")) if isinstance(issuer, dict) else ""
    if ":role/" in arn:
        return arn
    session = text_of(identity.get("arn"))
    head, separator, rest = session.partition(":assumed-role/")
    return f"{head.replace(':sts:', ':iam:', 1)}:role/{rest.partition('/')[0]}" if separator else ""


def task_of(identity: Any) -> str:
    """Return the id of the task whose session an event's `userIdentity` is, or an empty string.

    Source: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-iam-roles.html
    """
    if not isinstance(identity, dict):
        return ""
    session = text_of(identity.get("arn")).rpartition("/")[2] or text_of(identity.get("principalId")).rpartition(":")[2]
    return session if _TASK.fullmatch(session) else ""


def is_denied(code: str) -> bool:
    """Return whether an error code means that a policy did not allow the call."""
    return _DENIED.search(code) is not None


def is_unauthenticated(code: str) -> bool:
    """Return whether an error code means that the call was rejected before any policy was evaluated."""
    return _UNAUTHENTICATED.search(code) is not None


def is_without_need(because: str) -> bool:
    """Return whether an event maps to no action for a reason that requires no grant."""
    return because == NO_PERMISSION or because.startswith(REFUSED_EARLY)


def plain_message(message: str) -> str:
    """Return the message of a denied call without the parts that differ between sessions."""
    if not message:
        return ""
    return _ENCODED.sub(r"\1", _SESSION_IN_MESSAGE.sub(r"\1", message))[:_LONGEST_MESSAGE]


def member_text(value: Any) -> str:
    """Return a request member for a row: strings unchanged, other values as JSON, empty if too long."""
    text = value if isinstance(value, str) else json.dumps(value, sort_keys=True, ensure_ascii=False)
    return text if len(text) <= LONGEST_MEMBER else ""


def text_of(value: Any) -> str:
    """Return the value if it is a string, otherwise an empty string."""
    return value if isinstance(value, str) else ""


def _resource_arns(items: Any) -> tuple[str, ...]:
    if not isinstance(items, list):
        return ()
    return tuple(sorted({arn for item in items if isinstance(item, dict) for arn in _arns(item)}))


def _arns(item: Mapping[str, Any]) -> Iterator[str]:
    # `ARN` in files, `arn` in tables.
    arn = item.get("ARN", item.get("arn"))
    if isinstance(arn, str) and arn:
        yield arn


def _request(service: str, parameters: Any) -> _Request:
    members = members_of(service)
    if not members or not isinstance(parameters, dict):
        return ()
    return tuple(
        (name, text) for name in members if parameters.get(name) is not None and (text := member_text(parameters[name]))
    )
