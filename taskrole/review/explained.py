"""The changes of a plan that a review accounts for, because its roles, workloads or findings include their effect."""

from __future__ import annotations

from collections.abc import Iterable

from taskrole.finding import Finding
from taskrole.plan.role_policies import POLICY
from taskrole.plan.used_documents import used_documents
from taskrole.review.rules import ReviewedPlan
from taskrole.review.rules.federation import PROVIDER
from taskrole.review.workloads import Workloads, explained_addresses


def explained(reviewed: ReviewedPlan, workloads: Workloads, findings: Iterable[Finding]) -> frozenset[str]:
    """Return the addresses of the resources that a review accounts for, policy documents included.

    An identity provider is accounted for by the finding about it, unless its rule is off.
    """
    addresses = {address for judged in reviewed.roles for address in judged.role.addresses}
    addresses |= {change.address for change in reviewed.plan.touched if change.type == POLICY and not change.is_data}
    addresses |= explained_addresses(workloads)
    addresses |= {finding.source for finding in findings if finding.code == PROVIDER.id}
    users = [change for change in reviewed.plan.touched if change.address in addresses]
    return frozenset(addresses) | used_documents(reviewed.configuration, users)
