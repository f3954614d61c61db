"""The roles of accounts in IAM with everything that gives them permissions, read through the API."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import boto3

from taskrole.local.environment import CREDENTIALS, REGION
from taskrole.local.record import ServerRecord
from taskrole.policy.catalogue.managed import managed_policy
from taskrole.policy.documents.statements import Document

# The account of the embedded AWS, and the account that configurations use by assuming a role in it.
OWN_ACCOUNT = "123456789012"
OTHER_ACCOUNT = "222222222222"

# Account and name, since two accounts can have the same name.
RoleKey = tuple[str, str]


@dataclass(frozen=True)
class HeldRole:
    """A role as IAM has it. `inline` is by name, `attached` by ARN, `boundary` the ARN of its permissions boundary."""

    account: str
    name: str
    trust: Document
    inline: Mapping[str, Document]
    attached: Mapping[str, Document]
    boundary: str = ""
    boundary_document: Document | None = None
    tags: Mapping[str, str] = field(default_factory=dict)

    @property
    def documents(self) -> list[Document]:
        """All documents of its policies, without that of the boundary."""
        return [*self.inline.values(), *self.attached.values()]


def iam_clients(record: ServerRecord) -> dict[str, Any]:
    """Return a client of IAM for each account, by account."""
    options: dict[str, Any] = {"endpoint_url": record.endpoint, "region_name": REGION}
    sts = boto3.client("sts", **options, **CREDENTIALS)
    role = f"arn:aws:iam::{OTHER_ACCOUNT}:role/reader"
    assumed = sts.assume_role(RoleArn=role, RoleSessionName="reader")["Credentials"]
    other = {
        "aws_access_key_id": assumed["AccessKeyId"],
        "aws_secret_access_key": assumed["SecretAccessKey"],
        "aws_session_token": assumed["SessionToken"],
    }
    return {
        OWN_ACCOUNT: boto3.client("iam", **options, **CREDENTIALS),
        OTHER_ACCOUNT: boto3.client("iam", **options, **other),
    }


def held_roles(clients: Mapping[str, Any]) -> dict[RoleKey, HeldRole]:
    """Return all roles of these accounts."""
    roles: dict[RoleKey, HeldRole] = {}
    for account, iam in clients.items():
        documents: dict[str, Document] = {}
        for name in _names(iam):
            roles[account, name] = _held_role(iam, account, name, documents)
    return roles


def _held_role(iam: Any, account: str, name: str, documents: dict[str, Document]) -> HeldRole:
    role = iam.get_role(RoleName=name)["Role"]
    boundary = role.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn", "")
    inline = _all(iam, "list_role_policies", "PolicyNames", RoleName=name)
    attached = _all(iam, "list_attached_role_policies", "AttachedPolicies", RoleName=name)
    return HeldRole(
        account,
        name,
        role["AssumeRolePolicyDocument"],
        {policy: iam.get_role_policy(RoleName=name, PolicyName=policy)["PolicyDocument"] for policy in inline},
        {policy["PolicyArn"]: _document(iam, policy["PolicyArn"], documents) for policy in attached},
        boundary,
        _document(iam, boundary, documents) if boundary else None,
        {tag["Key"]: tag["Value"] for tag in role.get("Tags", ())},
    )


def _document(iam: Any, arn: str, documents: dict[str, Document]) -> Document:
    """Return the default version of a managed policy. The catalogue has those of AWS, newer than the emulator."""
    if arn not in documents:
        known = managed_policy(arn)
        if known is not None:
            documents[arn] = known.document
        else:
            version = iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
            documents[arn] = iam.get_policy_version(PolicyArn=arn, VersionId=version)["PolicyVersion"]["Document"]
    return documents[arn]


def _names(iam: Any) -> Iterable[str]:
    return [role["RoleName"] for role in _all(iam, "list_roles", "Roles")]


def _all(iam: Any, operation: str, key: str, **parameters: Any) -> list[Any]:
    pages = iam.get_paginator(operation).paginate(**parameters)
    return [value for page in pages for value in page[key]]
