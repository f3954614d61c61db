"""The policies of the role in each account, and of its caller (--print-policy)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from taskrole.arns import ACCOUNT_FORM
from taskrole.errors import InputError, Place, Problem, quote
from taskrole.live.needs import NEEDS, IamNeed, statements_for
from taskrole.policy.documents.statements import Document, policy_document

# The placeholder for an unknown account of the caller.
UNKNOWN_CALLER = "ACCOUNT_OF_THE_CALLER"

_ROLE_NAME = re.compile(r"(?!arn:)([\x21-\x2e\x30-\x7e]+/)*[A-Za-z0-9_+=,.@-]{1,64}")
_EXTERNAL_ID = re.compile(r"[A-Za-z0-9_+=,.@:/-]{2,1224}")
_PRINCIPAL = re.compile(r"[0-9]{12}|arn:[a-z0-9-]+:iam::[0-9]{12}:(root|(role|user)/[\x21-\x7e]+)")

_REGIONS = IamNeed("FindRegions", ("ec2:DescribeRegions",))
_ACCOUNTS = IamNeed("FindAccounts", ("organizations:ListAccounts",))


def require_role_name(name: str) -> None:
    """Raise InputError for an invalid role name, with or without path."""
    if not _ROLE_NAME.fullmatch(name):
        message = f"must be the name of the role in each account, not an ARN; got {quote(name)}"
        raise InputError([Problem(Place("--assume-role"), message)])


def check_external_id(given: str) -> None:
    """Raise InputError for an invalid external id; the message does not quote it.

    Source: https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
    """
    if not _EXTERNAL_ID.fullmatch(given):
        message = "must be 2 to 1,224 letters, digits and characters of _+=,.@:/-"
        raise InputError([Problem(Place("--external-id"), message)])


def named_role_arn(partition: str, account: str, name: str) -> str:
    """Return the ARN of the role with this name, or path and name, in an account."""
    return f"arn:{partition}:iam::{account}:role/{name.removeprefix('/')}"


# Not needed for several accounts: audit writes roles, and observe compares them, only for a single account.
_OF_ONE_ACCOUNT = {"audit": {"ReadRolesToWrite"}, "observe": {"ReadRoles", "ReadManagedPolicies"}}


def fleet_needs(command: str) -> tuple[IamNeed, ...]:
    """Return the permissions that a command needs to read an account in all regions."""
    return (*(need for need in NEEDS[command] if need.sid not in _OF_ONE_ACCOUNT[command]), _REGIONS)


def fleet_policy(command: str, partition: str) -> Document:
    """Return the policy of the role in each account for a command, which is also its session policy."""
    return policy_document(statements_for(fleet_needs(command), partition))


def caller_policy(partition: str, name: str) -> Document:
    """Return the policy of the caller: to assume the role in every account, and to list accounts."""
    assume = IamNeed("AssumeRoles", ("sts:AssumeRole",), named_role_arn("P", "*", name))
    return policy_document(statements_for((assume, _ACCOUNTS), partition))


def trust_of_reader(partition: str, trusted: str, external_id: str = "") -> Document:
    """Return the trust policy of the role in each account; `trusted` is an account, an ARN, or empty.

    Raises InputError.
    """
    trusted = trusted or UNKNOWN_CALLER
    if trusted != UNKNOWN_CALLER and not _PRINCIPAL.fullmatch(trusted):
        message = f"must be an account id of {ACCOUNT_FORM}, or the ARN of a role or user; got {quote(trusted)}"
        raise InputError([Problem(Place("--trust"), message)])
    principal = trusted if trusted.startswith("arn:") else f"arn:{partition}:iam::{trusted}:root"
    statement: dict[str, Any] = {
        "Sid": "AssumeFromTheAudit",
        "Effect": "Allow",
        "Principal": {"AWS": principal},
        "Action": "sts:AssumeRole",
    }
    if external_id:
        statement["Condition"] = {"StringEquals": {"sts:ExternalId": external_id}}
    return {"Version": "2012-10-17", "Statement": [statement]}


def printed_policies(command: str, partition: str, name: str, trusted: str, external_id: str) -> Mapping[str, Any]:
    """Return the output of --print-policy of a command for several accounts. Raises InputError."""
    require_role_name(name)
    return {
        "role_name": name,
        "trust": trust_of_reader(partition, trusted, external_id),
        "policy": fleet_policy(command, partition),
        "caller_policy": caller_policy(partition, name),
    }
