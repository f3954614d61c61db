"""The policies that are checked with a role: all but those that AWS manages."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from taskrole.dataclass import dataclass
from taskrole.plan.role_policies import Attached
from taskrole.plan.roles import PlannedRole
from taskrole.review.verdict import Judged


@dataclass(frozen=True)
class OwnPolicies:
    """A role, and the policies to check with it; `is_execution` is whether it is the execution role of any task."""

    judged: Judged
    policies: Sequence[Attached]
    is_execution: bool


def own_policies(roles: Iterable[PlannedRole]) -> dict[str, list[Attached]]:
    """Return the policies of roles after the plan by the role's address, except AWS managed ones.

    A resource that several roles have is listed for the first of them.
    """
    seen: set[tuple[str, str]] = set()
    policies: dict[str, list[Attached]] = {}
    for role in roles:
        own = policies[role.address] = []
        for policy in role.after.policies if role.after else ():
            where = (policy.address, policy.key)
            if policy.kind != "aws" and where not in seen:
                if policy.address:
                    seen.add(where)
                own.append(policy)
    return policies
