"""What the managed policies that are usually attached to an execution role allow."""

from __future__ import annotations

from taskrole.output.lines import count
from taskrole.role import Role

# The policies that the ECS workshop attaches to the execution role.
WORKSHOP_POLICIES = (
    "service-role/AmazonECSTaskExecutionRolePolicy",
    "AmazonEC2ContainerRegistryReadOnly",
    "CloudWatchLogsFullAccess",
    "SecretsManagerReadWrite",
)


def is_workshop_role(role: Role) -> bool:
    """Return whether the workshop's four managed policies are attached to a role."""
    attached = (arn.partition(":iam::aws:policy/")[2] for arn in role.attachments)
    return {*attached} >= {*WORKSHOP_POLICIES}


def workshop_line() -> str:
    """Return a sentence with the number of actions that the workshop's four managed policies allow."""
    # Imported late: the catalogue is slow to import.
    from taskrole.policy.catalogue.actions import database_date
    from taskrole.policy.catalogue.managed import managed_policy
    from taskrole.policy.evaluation.action_counts import effective_actions

    policies = [policy.document for name in WORKSHOP_POLICIES if (policy := managed_policy(name))]
    allowed = effective_actions(policies)
    return (
        f"The workshop's four managed policies allow {count(len(allowed.actions), 'action')},"
        f" {len(allowed.on_everything)} of them on * (action database of {database_date()});"
        " taskrole derive writes the few that a task needs."
    )
