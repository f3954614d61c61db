"""Calls of a role on a resource, with the context keys that are known for every request.

Keys that are not set here, such as tags or the source network, are unknown.
"""

from __future__ import annotations

from taskrole.arns import ACCOUNT
from taskrole.policy.evaluation.call import Call, ContextValues
from taskrole.policy.match import has_wildcard

# Keys that calls by a task never have, only calls by AWS services, users or other resources.
ABSENT = ("aws:SourceAccount", "aws:SourceArn", "aws:MultiFactorAuthPresent", "aws:username")
_OF_EVERY_CALL: ContextValues = {
    "aws:SecureTransport": "true",
    "aws:PrincipalType": "AssumedRole",
    "aws:PrincipalIsAWSService": "false",
    **dict.fromkeys(ABSENT, ()),
}


def call_of_role(action: str, resource: str, role: str | None, context: ContextValues | None = None) -> Call:
    """Return the call of a role, by its ARN, on a resource or pattern; `context` are further context keys."""
    account = part_of(role or "", 4)
    return Call(action, action, resource, context={**role_context(resource, account, role), **(context or {})})


def role_context(resource: str, account: str, role: str | None) -> dict[str, str | tuple[str, ...]]:
    """Return the context keys of requests that a role makes on a resource; `account` is empty if unknown."""
    values = dict(_OF_EVERY_CALL)
    if account:
        values["aws:PrincipalAccount"] = account
    if role:
        values["aws:PrincipalArn"] = role
    if region := part_of(resource, 3):
        values["aws:RequestedRegion"] = region
    if (owner := part_of(resource, 4)) and ACCOUNT.fullmatch(owner):
        values["aws:ResourceAccount"] = owner
    return values


def part_of(resource: str, index: int) -> str:
    """Return a field of an ARN, or empty text if it has a wildcard."""
    parts = resource.split(":", 5)
    return parts[index] if len(parts) == 6 and not has_wildcard(parts[index]) else ""
