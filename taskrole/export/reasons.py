"""The reasons for a role's permissions: one line per cause, for each statement of each policy."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TypeAlias

from taskrole.config.raw_policies import GRANTED_POLICY
from taskrole.config.resolve import managed_policy_name
from taskrole.grant import Grant
from taskrole.policy.documents.build import statement_grants
from taskrole.policy.documents.policy import Policy
from taskrole.policy.documents.statements import statements_of
from taskrole.role import Role

DECLARED = "declared in roles.yaml"

# By policy name: the reasons for each statement, in order.
Reasons: TypeAlias = Mapping[str, Sequence[tuple[str, ...]]]


def reasons_of(role: Role) -> Reasons:
    """Return the reasons for each statement of a role's policies, without duplicates."""
    built = [policy for policy in role.policies if _is_built(policy, role)]
    traced = statement_grants(built, role.grants)
    causes = {name: [_sentences(statement.grants) for statement in statements] for name, statements in traced.items()}
    return {**{policy.name: _declared(policy) for policy in role.policies}, **causes}


def _is_built(policy: Policy, role: Role) -> bool:
    """Return whether a policy was built from grants, by its reserved name."""
    managed = managed_policy_name(role.key, role.name_prefix, GRANTED_POLICY)
    base = GRANTED_POLICY if policy.kind == "inline" else managed
    if not role.grants or not policy.name.startswith(base):
        return False
    return re.fullmatch("(-[0-9]+)?", policy.name[len(base) :]) is not None


def _declared(policy: Policy) -> list[tuple[str, ...]]:
    return [(DECLARED,) for _ in statements_of(policy.document)]


def _sentences(grants: Sequence[Grant]) -> tuple[str, ...]:
    return tuple(sorted({grant.because for grant in grants})) or (DECLARED,)
