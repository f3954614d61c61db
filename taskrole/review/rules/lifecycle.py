"""Lifecycle checks: roles that lose policies or their boundary, are destroyed while in use, or are forgotten."""

from __future__ import annotations

from collections.abc import Iterator

from taskrole.finding import Finding
from taskrole.plan.model import ROLE
from taskrole.plan.role_policies import INLINE, POLICY, Attached
from taskrole.review.need_coverage import answers_of_policy
from taskrole.review.rules.rule import ECS_GUIDE, IAM, ReviewedPlan, ReviewRule
from taskrole.review.verdict import Judged

STRIPPED = ReviewRule(
    "TR-ROLE-STRIPPED",
    "error",
    "Replacing the role strips its policies",
    "Destroying a role destroys its inline policies and attachments. Terraform does not recreate resources that refer"
    " to the role by a name that does not change: the new role lacks them until another apply.",
    "add to each policy and attachment: lifecycle { replace_triggered_by = [ROLE.unique_id] }",
    "https://developer.hashicorp.com/terraform/language/meta-arguments/lifecycle#replace_triggered_by",
)
DESTROYED = ReviewRule(
    "TR-ROLE-DESTROYED-IN-USE",
    "error",
    "A role is destroyed that a task definition uses",
    "ECS cannot start tasks whose role does not exist, and running tasks lose their credentials.",
    "keep the role, or let the task definition use another role first",
    f"{ECS_GUIDE}/task-iam-roles.html",
)
POLICY_REMOVED = ReviewRule(
    "TR-POLICY-REMOVED-IN-USE",
    "warning",
    "A policy is removed from a role that a task definition uses",
    "The change affects running tasks at once: they use the current policies of the role.",
    "allow what the policy allowed in another policy; TR-TASK-MISSING reports what is missing",
    f"{ECS_GUIDE}/task-iam-roles.html",
)
FORGOTTEN = ReviewRule(
    "TR-FORGOTTEN",
    "note",
    "Terraform no longer manages a role or policy that stays in force",
    "A resource that is removed from the state and not destroyed keeps its permissions, and no plan shows it.",
    "destroy it, or document who manages it",
    "https://developer.hashicorp.com/terraform/language/resources/syntax#removing-resources",
)
LOST_BOUNDARY = ReviewRule(
    "TR-BOUNDARY-REMOVED",
    "error",
    "The permissions boundary is removed",
    "The boundary limits what the role's policies can grant; without it, they grant everything that they allow.",
    "keep the boundary, or get the approval of the team that requires it",
    f"{IAM}/access_policies_boundaries.html",
)
RULES = (STRIPPED, DESTROYED, POLICY_REMOVED, FORGOTTEN, LOST_BOUNDARY)


def check_lifecycle(reviewed: ReviewedPlan) -> Iterator[Finding]:
    """Yield findings about policies, boundaries and roles that a plan removes."""
    for judged in reviewed.roles:
        role = judged.role
        if role.stripped:
            lost = ", ".join(policy.name for policy in role.stripped)
            message = f"role {role.name} is replaced under its name and loses {lost}"
            fix = f"add to each of them: lifecycle {{ replace_triggered_by = [{_local(role.address)}.unique_id] }}"
            yield STRIPPED.finding(role.address, message, fix=fix)
        users = reviewed.users(role.address)
        if role.after is None and users:
            yield DESTROYED.finding(role.address, f"role {role.name} is destroyed while {users[0].address} uses it")
        if role.after is not None and role.before is not None:
            if role.before.boundary is not None and role.after.boundary is None:
                message = f"role {role.name} loses its boundary {role.before.boundary.name}"
                yield LOST_BOUNDARY.finding(role.address, message)
            if users:
                yield from _removed(reviewed, judged, users[0].address)


def check_forgotten(reviewed: ReviewedPlan) -> Iterator[Finding]:
    """Yield findings about roles and policies that the plan removes from the state without destroying them."""
    for change in reviewed.plan.changes:
        if change.is_forgotten and change.type in (ROLE, POLICY, INLINE):
            yield FORGOTTEN.finding(
                change.address, f"{change.address} stays in force, but is no longer managed by Terraform"
            )


def _removed(reviewed: ReviewedPlan, judged: Judged, user: str) -> Iterator[Finding]:
    before, after = judged.role.before, judged.role.after
    kept = {policy.key for policy in after.policies} if after else set()
    stripped = {policy.key for policy in judged.role.stripped}
    removed = [policy for policy in (before.policies if before else ()) if policy.key not in kept | stripped]
    for policy in removed if judged.review.removed else ():
        if _is_needed(reviewed, judged, policy):
            message = f"role {judged.role.name} loses policy {policy.name}, which allows permissions that {user} needs"
            yield POLICY_REMOVED.finding(policy.address or judged.role.address, message)


def _is_needed(reviewed: ReviewedPlan, judged: Judged, policy: Attached) -> bool:
    if policy.document is None:
        return False
    document = reviewed.symbolic_arns.substitute(policy.document)
    needs = reviewed.needs.get(judged.role.address, ())
    return any("allowed" in answers_of_policy(document, need) for need in needs)


def _local(address: str) -> str:
    """Return an address relative to its module."""
    return address.rpartition("module.")[2].partition(".")[2] if address.startswith("module.") else address
