"""Reads a role from IAM as a Role, the type that roles.yaml declares."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator
from typing import Any
from urllib.parse import unquote

from taskrole.live.client import aws_errors
from taskrole.live.service import Service
from taskrole.policy.documents.policy import Policy
from taskrole.policy.documents.statements import Document, canonical
from taskrole.role import Role, answered_attributes

# The suffix that Terraform appends to a name_prefix: a time and a counter, 26 hexadecimal digits.
_SUFFIX = re.compile(r"[0-9a-f]{26}")


def find_role_name(iam: Service, role: Role) -> str | None:
    """Return the name of a declared role in IAM, or None if there is none or several.

    A role with a name_prefix is searched for among the roles of its path. Raises ToolError.
    """
    if role.name is not None or role.name_prefix is None:
        return role.name
    prefix = role.name_prefix
    with aws_errors("listing roles (iam:ListRoles)"):
        pages = iam.pages("list_roles", PathPrefix=role.path)
        names = [role_entry["RoleName"] for page in pages for role_entry in page["Roles"]]
    made = [name for name in names if name.startswith(prefix) and _SUFFIX.fullmatch(name[len(prefix) :])]
    return made[0] if len(made) == 1 else None


def read_iam_role(
    iam: Service, name: str, *, key: str, own_policies: Collection[str] = (), verbatim: bool = False
) -> Role | None:
    """Return the role with a name as IAM has it, or None.

    Customer managed policies with names in `own_policies` are read as the role's own, with their documents; others are
    attachments. Documents are canonical unless `verbatim`. Needs iam:GetRole, ListRolePolicies,
    GetRolePolicy, ListAttachedRolePolicies and, for own managed policies, GetPolicy and GetPolicyVersion. Raises
    ToolError.
    """
    form = _unchanged if verbatim else canonical
    with aws_errors(f"reading role {name} (iam:GetRole)"):
        answer = iam.find("get_role", RoleName=name)
    if answer is None:
        return None
    answered = answer["Role"]
    with aws_errors(f"reading the policies of role {name} (iam:ListRolePolicies, iam:GetRolePolicy)"):
        inline = [
            Policy(policy_name, "inline", form(document)) for policy_name, document in _inline_policies(iam, name)
        ]
    with aws_errors(f"reading the attachments of role {name} (iam:ListAttachedRolePolicies, iam:GetPolicyVersion)"):
        attached = _attached_policies(iam, name)
        owned = {policy: arn for policy, arn in attached.items() if policy in own_policies and ":iam::aws:" not in arn}
        managed = [
            Policy(policy, "managed", form(_managed_document(iam, arn))) for policy, arn in sorted(owned.items())
        ]
    return Role(
        key=key,
        kind="execution",
        name=name,
        tags={tag["Key"]: tag["Value"] for tag in answered.get("Tags", [])},
        trust=form(as_document(answered["AssumeRolePolicyDocument"])),
        policies=(*inline, *managed),
        attachments=tuple(sorted(arn for policy, arn in attached.items() if policy not in owned)),
        iam_arn=answered["Arn"],
        **answered_attributes(answered),
    )


def _inline_policies(iam: Service, name: str) -> Iterator[tuple[str, Document]]:
    pages = iam.pages("list_role_policies", RoleName=name)
    for policy in sorted(policy for page in pages for policy in page["PolicyNames"]):
        yield policy, as_document(iam.ask("get_role_policy", RoleName=name, PolicyName=policy)["PolicyDocument"])


def _attached_policies(iam: Service, name: str) -> dict[str, str]:
    pages = iam.pages("list_attached_role_policies", RoleName=name)
    return {policy["PolicyName"]: policy["PolicyArn"] for page in pages for policy in page["AttachedPolicies"]}


def _managed_document(iam: Service, arn: str) -> Document:
    version = iam.ask("get_policy", PolicyArn=arn)["Policy"]["DefaultVersionId"]
    return as_document(iam.ask("get_policy_version", PolicyArn=arn, VersionId=version)["PolicyVersion"]["Document"])


def as_document(value: Any) -> Document:
    """Return a document as botocore gives it: parsed, or URL-encoded JSON."""
    document: Document = json.loads(unquote(value)) if isinstance(value, str) else value
    return document


def _unchanged(document: Document) -> Document:
    return document
