"""Parses evidence other than events: IAM's last accessed information, and policies of other tools.

Sources: https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetServiceLastAccessedDetails.html,
https://docs.aws.amazon.com/access-analyzer/latest/APIReference/API_GetGeneratedPolicy.html,
https://github.com/iann0036/iamlive, https://github.com/awslabs/iam-policy-autopilot
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from taskrole.observe.recording import LastAccessed, RecordedCall
from taskrole.policy.catalogue.actions import expand, known_action
from taskrole.policy.catalogue.resource_types import resource_types

IAMLIVE = "policy document, such as iamlive's"
AUTOPILOT = "IAM Policy Autopilot"
ACCESS_ANALYZER = "IAM Access Analyzer"


def guessed_calls(value: Mapping[str, Any]) -> tuple[RecordedCall, ...] | None:
    """Return the calls that the policies in a tool's output allow, or None if the tool is unknown."""
    documents = _documents(value)
    if documents is None:
        return None
    tool, policies = documents
    return tuple(sorted({call for policy in policies for call in _calls(tool, policy)}, key=repr))


def last_accessed(value: Mapping[str, Any], role: str) -> LastAccessed | None:
    """Return the data of a GetServiceLastAccessedDetails response, or None for other data.

    The response does not contain the role. It is given by `role`, or the last role that called a service.
    """
    services = value.get("ServicesLastAccessed")
    if not isinstance(services, list):
        return None
    known = [service for service in services if isinstance(service, dict)]
    callers = {str(service.get("LastAuthenticatedEntity", "")) for service in known} - {""}
    roles = sorted(caller for caller in callers if ":role/" in caller)
    times = {str(service.get("ServiceNamespace", "")): _time(service.get("LastAuthenticated")) for service in known}
    return LastAccessed(role or (roles[0] if len(roles) == 1 else ""), tuple(sorted(times.items())))


def _documents(value: Mapping[str, Any]) -> tuple[str, list[Any]] | None:
    policies = value.get("Policies")
    if isinstance(policies, list) and all(isinstance(policy, dict) and "Policy" in policy for policy in policies):
        return AUTOPILOT, [policy["Policy"] for policy in policies]
    result = value.get("generatedPolicyResult")
    if isinstance(result, dict):
        generated = result.get("generatedPolicies")
        return ACCESS_ANALYZER, [
            _parsed(policy.get("policy"))
            for policy in (generated if isinstance(generated, list) else ())
            if isinstance(policy, dict)
        ]
    return (IAMLIVE, [value]) if "Statement" in value else None


def _parsed(text: Any) -> Any:
    try:
        return json.loads(text) if isinstance(text, str) else text
    except (ValueError, RecursionError):
        return None


def _calls(tool: str, policy: Any) -> Iterator[RecordedCall]:
    statements = policy.get("Statement") if isinstance(policy, dict) else None
    for statement in _list(statements):
        if not isinstance(statement, dict) or statement.get("Effect") != "Allow":
            continue
        for pattern in filter(_is_text, _list(statement.get("Action"))):
            for action in sorted(expand([pattern])):
                for resource in filter(_is_text, _list(statement.get("Resource"))):
                    yield _call(tool, action, resource)


def _call(tool: str, action: str, resource: str) -> RecordedCall:
    action = known_action(action) or action
    because = ""
    known: str | None = resource
    if resource == "*" and resource_types(action):
        known, because = None, "the tool names no resource"
    elif "${" in resource:
        known, because = None, "the tool left a placeholder in the resource"
    return RecordedCall("", action, known, "allowed", tool, 0, "", "", basis="guessed", unknown_because=because)


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _time(value: Any) -> str:
    """Return a time of the AWS CLI (`2026-11-20T10:00:00+00:00`) in UTC, empty for never."""
    import datetime

    try:
        when = datetime.datetime.fromisoformat(str(value).replace("Z", "+00:00"))
    except ValueError:
        return ""
    when = when if when.tzinfo else when.replace(tzinfo=datetime.timezone.utc)
    return when.astimezone(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
