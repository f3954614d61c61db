"""A live role, every document of it read: inline, attached, AWS's own included, and the permissions boundary."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING
from urllib.parse import unquote

from taskrole.arns import Context
from taskrole.errors import InputError, Place, Problem, shown
from taskrole.live.client import aws_errors, iam_client
from taskrole.live.roles import read_role
from taskrole.policy.documents.statements import Document
from taskrole.sources.config import configured_role
from taskrole.sources.effective_role import EffectiveRole

if TYPE_CHECKING:
    from mypy_boto3_iam import IAMClient


def live_role(name: str, context: Context, documents: dict[str, Document], option: str) -> EffectiveRole:
    """Return the role of a name, or ARN, in the account that the environment's credentials are for.

    Needs, beside what reading the role needs, iam:GetPolicy and iam:GetPolicyVersion. Raises ToolError, and InputError
    for a role that is not there or that is in another account than the tasks.
    """
    iam = iam_client(context.region)
    plain = name.rpartition("/")[2] if name.startswith("arn:") else name
    live = read_role(iam, plain, key=plain)
    if live is None:
        raise InputError([Problem(Place(option), f"no role is named {shown(plain)} in the account")])
    account = live.arn.split(":")[4]
    if account != context.account:
        message = f"is role {live.arn}, and the tasks run in account {context.account}; use that account's credentials"
        raise InputError([Problem(Place(option), message)])
    boundary = live.role.permissions_boundary
    wanted = [arn for arn in (*live.role.attachments, *([boundary] if boundary else [])) if arn not in documents]
    return configured_role(live.role, context, arn=live.arn, documents={**_read(iam, wanted), **documents})


def _read(iam: IAMClient, arns: Iterable[str]) -> dict[str, Document]:
    """Return the documents of managed policies by ARN; one that the account does not have is left out."""
    found: dict[str, Document] = {}
    for arn in arns:
        with aws_errors(f"reading policy {arn} (iam:GetPolicy, iam:GetPolicyVersion)"):
            try:
                version = iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
                document = iam.get_policy_version(PolicyArn=arn, VersionId=version)["PolicyVersion"]["Document"]
            except iam.exceptions.NoSuchEntityException:
                continue
        found[arn] = json.loads(unquote(document)) if isinstance(document, str) else document
    return found
