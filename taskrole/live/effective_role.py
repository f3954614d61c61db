"""Reading a live role with all documents: inline and attached policies, including AWS's, and the boundary."""

from __future__ import annotations

from collections.abc import Iterable

from taskrole.arns import Context
from taskrole.errors import InputError, Place, Problem, quote
from taskrole.live.client import aws_errors
from taskrole.live.roles import as_document, read_iam_role
from taskrole.live.service import Service, connect
from taskrole.policy.documents.statements import Document
from taskrole.policy.effective_role import EffectiveRole
from taskrole.sources.declared import configured_role


def live_role(name: str, context: Context, documents: dict[str, Document], option: str) -> EffectiveRole:
    """Return the role with a name or ARN, in the account of the environment's credentials.

    Needs iam:GetPolicy and iam:GetPolicyVersion, and the permissions of `read_role`. Raises ToolError, and InputError
    for a role that does not exist or is not in the account of the tasks.
    """
    iam = connect("iam", context.region)
    plain = name.rpartition("/")[2] if name.startswith("arn:") else name
    live = read_iam_role(iam, plain, key=plain)
    if live is None:
        raise InputError([Problem(Place(option), f"there is no role {quote(plain)} in the account")])
    account = live.iam_arn.split(":")[4]
    if account != context.account:
        message = (
            f"is role {live.iam_arn}, but the tasks run in account {context.account};"
            " use the credentials of that account"
        )
        raise InputError([Problem(Place(option), message)])
    boundary = live.permissions_boundary
    wanted = [arn for arn in (*live.attachments, *([boundary] if boundary else [])) if arn not in documents]
    return configured_role(live, context, documents={**_read(iam, wanted), **documents})


def _read(iam: Service, arns: Iterable[str]) -> dict[str, Document]:
    """Return the documents of managed policies by ARN, without policies that do not exist."""
    by_arn: dict[str, Document] = {}
    for arn in arns:
        with aws_errors(f"reading policy {arn} (iam:GetPolicy, iam:GetPolicyVersion)"):
            policy = iam.find("get_policy", PolicyArn=arn)
            version = policy["Policy"]["DefaultVersionId"] if policy else ""
            answer = iam.find("get_policy_version", PolicyArn=arn, VersionId=version) if policy else None
        if answer:
            by_arn[arn] = as_document(answer["PolicyVersion"]["Document"])
    return by_arn
