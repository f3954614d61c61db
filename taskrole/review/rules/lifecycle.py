"""What becomes of roles and policies: stripped, destroyed while in use, without boundary, forgotten."""

from __future__ import annotations

from collections.abc import Iterator

from taskrole.finding import Finding
from taskrole.plan.model import ROLE
from taskrole.plan.role_policies import INLINE, POLICY, Attached
from taskrole.review.need_coverage import answers_of_policy
from taskrole.review.rules.rule import ECS_GUIDE, IAM, ReviewRule, Subject
from taskrole.review.verdict import Judged

STRIPPED = ReviewRule(
    "TR-ROLE-STRIPPED",
    "error",
    "Replacing the role strips its policies",
    "A role that is destroyed takes its inline policies and attachments with it. Terraform leaves resources alone that"
    " name the role by a name that stays the same: the new role is without them until another apply.",
    "add to each policy and attachment: lifecycle { replace_triggered_by = [ROLE.unique_id] }",
    "https://developer.hashicorp.com/terraform/language/meta-arguments/lifecycle#replace_triggered_by",
)
DESTROYED = ReviewRule(
    "TR-ROLE-DESTROYED-IN-USE",
    "error",
    "A role is destroyed that a task definition uses",
    "ECS cannot start tasks whose role does not exist, and running ones lose their credentials.",
    "keep the role, or point the task definition at another one first",
    f"{ECS_GUIDE}/task-iam-roles.html",
)
POLICY_REMOVED = ReviewRule(
    "TR-POLICY-REMOVED-IN-USE",
    "warning",
    "A policy is taken from a role that a task definition uses",
    "Tasks that are running use the role's policies as they are at that moment, not as they were when they started.",
    "make sure that what the policy allowed is allowed by another one; TR-TASK-MISSING says what is not",
    f"{ECS_GUIDE}/task-iam-roles.html",
)
FORGOTTEN = ReviewRule(
    "TR-FORGOTTEN",
    "note",
    "Terraform no longer looks after a role or policy that stays in force",
    "What is removed from the state without being destroyed goes on granting what it granted, and no plan shows it.",
    "destroy it, or write down who looks after it",
    "https://developer.hashicorp.com/terraform/language/resources/syntax#removing-resources",
)
LOST_BOUNDARY = ReviewRule(
    "TR-BOUNDARY-REMOVED",
    "error",
    "The permissions boundary is removed",
    "The boundary was the most that the role's policies could ever grant; without it they grant all they say.",
    "keep the boundary, or have those approve who asked for it",
    f"{IAM}/access_policies_boundaries.html",
)
RULES = (STRIPPED, DESTROYED, POLICY_REMOVED, FORGOTTEN, LOST_BOUNDARY)


def check_lifecycle(subject: Subject) -> Iterator[Finding]:
    """Find what a plan takes from roles that go on being used."""
    for judged in subject.roles:
        role = judged.role
        if role.stripped:
            lost = ", ".join(policy.name for policy in role.stripped)
            message = f"role {role.name} is replaced under its name and loses {lost}"
            fix = f"add to each of them: lifecycle {{ replace_triggered_by = [{_local(role.address)}.unique_id] }}"
            yield STRIPPED.finding(role.address, message, fix=fix)
        users = subject.users(role.address)
        if role.after is None and users:
            yield DESTROYED.finding(role.address, f"role {role.name} is destroyed while {users[0].address} uses it")
        if role.after is not None and role.before is not None:
            if role.before.boundary is not None and role.after.boundary is None:
                message = f"role {role.name} loses its boundary {role.before.boundary.name}"
                yield LOST_BOUNDARY.finding(role.address, message)
            if users:
                yield from _removed(subject, judged, users[0].address)


def check_forgotten(subject: Subject) -> Iterator[Finding]:
    """Find roles and policies that Terraform lets go of without destroying them."""
    for change in subject.plan.changes:
        if change.is_forgotten and change.type in (ROLE, POLICY, INLINE):
            yield FORGOTTEN.finding(change.address, f"{change.address} stays in force, and Terraform forgets it")


def _removed(subject: Subject, judged: Judged, user: str) -> Iterator[Finding]:
    before, after = judged.role.before, judged.role.after
    kept = {policy.key for policy in after.policies} if after else set()
    stripped = {policy.key for policy in judged.role.stripped}
    removed = [policy for policy in (before.policies if before else ()) if policy.key not in kept | stripped]
    for policy in removed if judged.review.removed else ():
        if _is_needed(subject, judged, policy):
            message = f"role {judged.role.name} loses policy {policy.name}, and {user} needs some of what it allows"
            yield POLICY_REMOVED.finding(policy.address or judged.role.address, message)


def _is_needed(subject: Subject, judged: Judged, policy: Attached) -> bool:
    if policy.document is None or subject.symbolic_arns is None:
        return False
    document = subject.symbolic_arns.substitute(policy.document)
    needs = subject.needs.get(judged.role.address, ())
    return any("allowed" in answers_of_policy(document, need) for need in needs)


def _local(address: str) -> str:
    """Return an address as the module itself writes it."""
    return address.rpartition("module.")[2].partition(".")[2] if address.startswith("module.") else address
