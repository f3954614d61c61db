"""Terraform names of the resources that taskrole builds, stable and readable in a plan.

A role's name is used unchanged if it is a valid identifier. Otherwise its invalid characters are replaced and six
hexadecimal digits of its hash are added, so that adding a role never renames another.
Source: https://developer.hashicorp.com/terraform/language/syntax/configuration#identifiers
"""

from __future__ import annotations

import hashlib
import re
from functools import lru_cache

from taskrole.policy.documents.policy import Policy
from taskrole.role import Role

_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")


# A role's resources and outputs repeat its name.
@lru_cache(maxsize=1_024)
def identifier(name: str) -> str:
    """Return a Terraform identifier for a name."""
    if _IDENTIFIER.fullmatch(name):
        return name
    plain = re.sub(r"[^A-Za-z0-9_-]", "_", name)
    digest = hashlib.sha256(name.encode()).hexdigest()[:6]
    return f"{plain if _IDENTIFIER.fullmatch(plain) else f'_{plain}'}_{digest}"


def attachment_identifier(role_key: str, policy_arn: str) -> str:
    """Return the identifier of the attachment of a managed policy: `<role>_<policy>`, `<role>_customer_<policy>`."""
    owner = "" if ":iam::aws:" in policy_arn else "customer_"
    return identifier(f"{identifier(role_key)}_{owner}{identifier(policy_arn.rsplit('/', 1)[-1])}")


def policy_identifier(role_key: str, policy_name: str) -> str:
    """Return the identifier of one of a role's policies, by its name in the role: `<role>_<policy>`."""
    return identifier(f"{identifier(role_key)}_{policy_name}")


def own_policy_identifier(role: Role, policy: Policy) -> str:
    """Return the identifier of one of a role's policies, and of its attachment if it is managed.

    The name of a managed policy is unique in an account, so it begins with the role's name. The identifier already
    contains the role and omits that prefix: `<role>_grants`, whether policies are inline or managed.
    """
    shared = managed_policy_prefix(role.key, role.name_prefix) if policy.kind == "managed" else ""
    return policy_identifier(role.key, policy.name.removeprefix(shared))


def managed_policy_prefix(role_key: str, name_prefix: str | None) -> str:
    """Return the prefix of the names of a role's own managed policies."""
    return name_prefix or f"{role_key}-"
