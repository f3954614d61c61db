"""A role of grants.lock.json, with the documents of its AWS managed policies."""

from __future__ import annotations

from taskrole.lock import RoleEntry
from taskrole.policy.catalogue.managed import managed_policy
from taskrole.policy.documents.policy import Policy
from taskrole.policy.effective_role import EffectiveRole
from taskrole.sources.declared import unknown_policy


def locked_role(key: str, role: RoleEntry) -> EffectiveRole:
    """Return the role of an entry. Its customer managed policies are unknown, since the lock has only their ARNs."""
    attached = {arn: managed_policy(arn) for arn in role.managed_policies}
    boundary = managed_policy(role.permissions_boundary) if role.permissions_boundary else None
    return EffectiveRole(
        key,
        (
            *(Policy("locked", "inline", document) for document in role.documents),
            *(Policy(arn, "managed", known.document) for arn, known in attached.items() if known),
        ),
        tuple(unknown_policy(arn) for arn, known in attached.items() if known is None),
        boundary.document if boundary else None,
        unknown_policy(role.permissions_boundary) if role.permissions_boundary and boundary is None else "",
        role.trust,
    )
