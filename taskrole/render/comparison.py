"""How much less a derived execution role allows than the one that people make by hand."""

from __future__ import annotations

from taskrole.policy.catalogue.actions import database_date
from taskrole.policy.catalogue.managed import managed_policy
from taskrole.policy.evaluation.effective import EffectiveActions, effective_actions
from taskrole.render.lines import count
from taskrole.role import Role

# What the ECS workshop tells its readers to attach to the execution role.
WORKSHOP_POLICIES = (
    "service-role/AmazonECSTaskExecutionRolePolicy",
    "AmazonEC2ContainerRegistryReadOnly",
    "CloudWatchLogsFullAccess",
    "SecretsManagerReadWrite",
)


def comparison_line(role: Role) -> str:
    """Return one line: the actions that the workshop's four managed policies allow, and those that a role does."""
    policies = [found.document for name in WORKSHOP_POLICIES if (found := managed_policy(name))]
    before = effective_actions(policies)
    after = effective_actions([policy.document for policy in role.policies])
    return (
        f"The workshop's four managed policies allow {_counted(before)}; this {role.kind} role allows"
        f" {_counted(after)} (action database of {database_date()})."
    )


def _counted(effective: EffectiveActions) -> str:
    return f"{count(len(effective.actions), 'action')}, {len(effective.on_everything)} of them on *"
