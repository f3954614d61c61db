"""A role declared in roles.yaml or read from an account, with the documents of its attached policies."""

from __future__ import annotations

from collections.abc import Mapping

from taskrole.arns import Context
from taskrole.policy.catalogue.managed import managed_policy, nearest_managed_policy
from taskrole.policy.documents.policy import Policy
from taskrole.policy.documents.statements import Document
from taskrole.policy.effective_role import EffectiveRole
from taskrole.role import Role


def configured_role(role: Role, context: Context, *, documents: Mapping[str, Document] | None = None) -> EffectiveRole:
    """Return a role with the documents of its attached policies and its boundary, from the snapshot or `documents`.

    `documents` are those of customer managed policies, by ARN. A policy in neither is unknown, with the reason.
    """
    known = documents or {}
    attached = {policy: document_of_managed(policy, known) for policy in role.attachments}
    boundary = role.permissions_boundary
    limit = document_of_managed(boundary, known) if boundary else None
    managed = (Policy(policy, "managed", document) for policy, document in attached.items() if document is not None)
    return EffectiveRole(
        role.title if role.name or role.name_prefix else role.key,
        (*role.policies, *managed),
        tuple(unknown_policy(policy) for policy, document in attached.items() if document is None),
        limit,
        unknown_policy(boundary) if boundary and limit is None else "",
        role.trust,
        arn=role.arn(context),
        # Declared in addition to the derived permissions.
        needed=tuple(grant for grant in role.grants if grant.source.startswith("grants:")),
    )


def document_of_managed(arn: str, known: Mapping[str, Document]) -> Document | None:
    """Return the document of a managed policy, from `known` or the snapshot; None if it is in neither."""
    if arn in known:
        return known[arn]
    policy = managed_policy(arn)
    return policy.document if policy else None


def unknown_policy(arn: str) -> str:
    """Return a clause on a policy with an unknown document: the policy, the reason, and the fix."""
    if ":iam::aws:" in arn:
        near = nearest_managed_policy(arn)
        hint = f"; did you mean {near}?" if near else ""
        return f"policy {arn} is not in the snapshot of AWS's managed policies{hint}"
    return f"policy {arn} is not read here; give its document, too: {arn}=FILE"
