"""The permissions that each command that reads an account needs, for --print-policy and the tests.

An action without resource types is allowed on `*`. sts:GetCallerIdentity, which returns the account, needs no
permission.
Source: https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsidentityandaccessmanagement.html
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from taskrole.dataclass import dataclass
from taskrole.policy.documents.statements import Document, policy_document


@dataclass(frozen=True)
class IamNeed:
    """Actions on a resource; `P` in its ARN is replaced by the partition. `sid` names the purpose."""

    sid: str
    actions: tuple[str, ...]
    resource: str = "*"


_ROLES = IamNeed(
    "ReadRoles",
    ("iam:GetRole", "iam:GetRolePolicy", "iam:ListAttachedRolePolicies", "iam:ListRolePolicies"),
    "arn:P:iam::*:role/*",
)
_LIST = IamNeed("FindRoles", ("iam:ListRoles",))
_POLICIES = IamNeed("ReadManagedPolicies", ("iam:GetPolicy", "iam:GetPolicyVersion"), "arn:P:iam::*:policy/*")

NEEDS: Mapping[str, tuple[IamNeed, ...]] = {
    "adopt": (_ROLES, _LIST),
    "audit": (
        IamNeed("FindServices", ("ecs:ListClusters", "ecs:ListServices")),
        IamNeed("ReadServices", ("ecs:DescribeServices",), "arn:P:ecs:*:*:service/*"),
        IamNeed("ReadTaskDefinitions", ("ecs:DescribeTaskDefinition",)),
        IamNeed("ReadAllRoles", ("iam:GetAccountAuthorizationDetails",)),
        IamNeed("ReadRolesToWrite", ("iam:GetRole",), "arn:P:iam::*:role/*"),
        _POLICIES,
    ),
    "check": (_ROLES, _POLICIES),
    "observe": (IamNeed("ReadEventHistory", ("cloudtrail:LookupEvents",)), _ROLES, _POLICIES),
    "show": (_ROLES, _LIST),
    "verify": (_ROLES, _LIST, _POLICIES),
}


def policy_for(command: str, partition: str) -> Document:
    """Return the policy with the permissions of a command."""
    return policy_document(statements_for(NEEDS[command], partition))


def statements_for(needs: Iterable[IamNeed], partition: str) -> list[dict[str, Any]]:
    """Return the statements of permissions."""
    return [
        {
            "Sid": need.sid,
            "Effect": "Allow",
            "Action": list(need.actions),
            "Resource": need.resource.replace(":P:", f":{partition}:"),
        }
        for need in needs
    ]
