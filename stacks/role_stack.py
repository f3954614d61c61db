"""RoleStack: the roles of one stack of roles.yaml, with provider, backend and outputs."""

from __future__ import annotations

from stacks.backend import add_backend
from taskrole.config import StackSpec
from taskrole.progress import tracked
from taskrole_cdktf.engine import AwsProvider, Construct, TerraformOutput, TerraformStack
from taskrole_cdktf.literals import unevaluated
from taskrole_cdktf.role import EcsRole


class RoleStack(TerraformStack):
    """One stack: one state, one region, and, where the account is known, that account only."""

    def __init__(self, scope: Construct, spec: StackSpec) -> None:
        super().__init__(scope, spec.name)
        account = spec.context.account
        AwsProvider(
            self, "aws", region=spec.context.region, allowed_account_ids=[account] if account is not None else None
        )
        # CDKTF would ask for the one provider version that its bindings were made from, under an ambiguous name.
        provider = {"source": spec.provider.source, "version": spec.provider.version}
        self.add_override("terraform.required_providers.aws", provider)
        add_backend(self, spec.backend)
        for role in tracked(spec.roles, "declaring roles"):
            self._add_outputs(EcsRole(self, role))

    def _add_outputs(self, role: EcsRole) -> None:
        title = unevaluated(role.role.key)
        outputs = {
            "arn": (role.arn, f"ARN of {title}, for a task definition"),
            "name": (role.name, f"Name of {title}"),
            "unique_id": (role.unique_id, f"Unique id of {title}, for policies that outlive its name"),
        }
        for suffix, (value, description) in outputs.items():
            TerraformOutput(self, f"{role.identifier}_{suffix}", value=value, description=description)
