"""A live role, every document of it read: inline, attached, AWS's own included, and the permissions boundary."""

from __future__ import annotations

from collections.abc import Iterable

from taskrole.arns import Context
from taskrole.errors import InputError, Place, Problem, quote
from taskrole.live.client import aws_errors
from taskrole.live.roles import as_document, read_iam_role
from taskrole.live.service import Service, connect
from taskrole.policy.documents.statements import Document
from taskrole.policy.effective_role import EffectiveRole
from taskrole.sources.config import configured_role


def live_role(name: str, context: Context, documents: dict[str, Document], option: str) -> EffectiveRole:
    """Return the role of a name, or ARN, in the account that the environment's credentials are for.

    Needs, beside what reading the role needs, iam:GetPolicy and iam:GetPolicyVersion. Raises ToolError, and InputError
    for a role that is not there or that is in another account than the tasks.
    """
    iam = connect("iam", context.region)
    plain = name.rpartition("/")[2] if name.startswith("arn:") else name
    live = read_iam_role(iam, plain, key=plain)
    if live is None:
        raise InputError([Problem(Place(option), f"no role is named {quote(plain)} in the account")])
    account = live.arn.split(":")[4]
    if account != context.account:
        message = f"is role {live.arn}, and the tasks run in account {context.account}; use that account's credentials"
        raise InputError([Problem(Place(option), message)])
    boundary = live.role.permissions_boundary
    wanted = [arn for arn in (*live.role.attachments, *([boundary] if boundary else [])) if arn not in documents]
    return configured_role(live.role, context, arn=live.arn, documents={**_read(iam, wanted), **documents})


def _read(iam: Service, arns: Iterable[str]) -> dict[str, Document]:
    """Return the documents of managed policies by ARN; one that the account does not have is left out."""
    found: dict[str, Document] = {}
    for arn in arns:
        with aws_errors(f"reading policy {arn} (iam:GetPolicy, iam:GetPolicyVersion)"):
            policy = iam.find("get_policy", PolicyArn=arn)
            version = policy["Policy"]["DefaultVersionId"] if policy else ""
            answer = iam.find("get_policy_version", PolicyArn=arn, VersionId=version) if policy else None
        if answer:
            found[arn] = as_document(answer["PolicyVersion"]["Document"])
    return found
