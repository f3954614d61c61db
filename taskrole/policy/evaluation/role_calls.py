"""Calls of a role on a resource, with what is known of the request's context whatever it is about.

Of a key that is not known here, such as a tag or the network a call comes from, nothing is claimed: what depends on
it is unknown.
"""

from __future__ import annotations

from taskrole.arns import ACCOUNT
from taskrole.policy.evaluation.call import Call, ContextValues
from taskrole.policy.match import has_wildcard

# What no call of a task's own carries: those keys belong to calls of AWS's services, of users, or of other resources.
ABSENT = ("aws:SourceAccount", "aws:SourceArn", "aws:MultiFactorAuthPresent", "aws:username")


def call_of_role(action: str, resource: str, role: str | None, context: ContextValues | None = None) -> Call:
    """Return the call of a role, by its ARN, on a resource or pattern; `context` is what else the request has."""
    account = part_of(role or "", 4)
    return Call(action, action, resource, context={**role_context(resource, account, role), **(context or {})})


def role_context(resource: str, account: str, role: str | None) -> dict[str, str | tuple[str, ...]]:
    """Return what is known of each request that a role of an account makes about a resource; empty text: not known."""
    values: dict[str, str | tuple[str, ...]] = {
        "aws:SecureTransport": "true",
        "aws:PrincipalType": "AssumedRole",
        "aws:PrincipalIsAWSService": "false",
        **dict.fromkeys(ABSENT, ()),
    }
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
    """Return a part of an ARN that holds no wildcard, or empty text."""
    parts = resource.split(":", 5)
    return parts[index] if len(parts) == 6 and not has_wildcard(parts[index]) else ""
