"""Terraform's names for what taskrole builds: stable, and familiar to whoever reads the plan.

A role's name stands as it is wherever Terraform's grammar allows; another gets its odd characters replaced and six
hexadecimal digits of its own, so that adding one role never renames another.
Source: https://developer.hashicorp.com/terraform/language/syntax/configuration#identifiers
"""

from __future__ import annotations

import hashlib
import re

from taskrole.role import Role

_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")


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
    """Return the identifier of a policy of the role's own, and of its attachment where it is managed."""
    return identifier(f"{identifier(role_key)}_{policy_name}")


def identifiers(role: Role) -> set[str]:
    """Return all identifiers below which resources of a role stand, its own included."""
    return {
        identifier(role.key),
        *(attachment_identifier(role.key, arn) for arn in role.attachments),
        *(policy_identifier(role.key, policy.name) for policy in role.policies),
    }
