"""RoleStack: the roles of one stack of roles.yaml, with provider, backend and outputs."""

from __future__ import annotations

from stacks.backend import add_backend
from taskrole.config import StackSpec
from taskrole.progress import tracked
from taskrole_cdktf.aws_provider import add_aws_provider
from taskrole_cdktf.engine import Construct, TerraformStack
from taskrole_cdktf.role_batch import add_roles

# The outputs of each role, ROLE_arn and so on, with their descriptions.
OUTPUTS = {
    "arn": "ARN of {role}, for a task definition",
    "name": "Name of {role}",
    "unique_id": "Unique id of {role}, for policies that outlive its name",
}


class RoleStack(TerraformStack):
    """A stack with one state and one region, restricted to its account if it is known."""

    def __init__(self, scope: Construct, spec: StackSpec) -> None:
        super().__init__(scope, spec.name)
        add_aws_provider(self, spec.context.region, spec.context.account)
        # CDKTF would require the exact provider version of its bindings, under an ambiguous name.
        provider = {"source": spec.provider.source, "version": spec.provider.version}
        self.add_override("terraform.required_providers.aws", provider)
        add_backend(self, spec.backend)
        add_roles(self, tracked(spec.roles, "declaring roles"), OUTPUTS)
