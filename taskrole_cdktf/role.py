"""EcsRole: an IAM role of ECS tasks with all its policies, as one construct for any CDKTF app."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from taskrole.addresses import identifier
from taskrole.role import Role
from taskrole_cdktf.engine import Construct, IamRolePolicy, IamRolePolicyAttachment, TerraformResourceLifecycle
from taskrole_cdktf.resources import ROLE, Attribute, Resource, role_resources


class EcsRole(Construct):
    """`aws_iam_role.<role>` with its policies and attachments; `declare_role` makes the Role it takes.

    The role's policies and attachments are replaced together with it: otherwise Terraform would keep in its state those
    that IAM deleted with the old role of the same name
    (https://github.com/hashicorp/terraform-provider-aws/issues/46270).

    `references` puts references to resources of the app into the text of policies, which is otherwise literal.
    `permissions_boundary` and the values of `tags` are references: they replace the role's boundary, and add to its
    tags. `arn`, `name` and `unique_id` are references to the role that AWS creates. `policies` are the policy resources
    of the role: add them to `depends_on` of resources that need the permissions at their start.
    """

    def __init__(
        self,
        scope: Construct,
        role: Role,
        *,
        references: Callable[[str], str] | None = None,
        permissions_boundary: str | None = None,
        tags: Mapping[str, str] | None = None,
    ) -> None:
        self.role = role
        self.identifier = identifier(role.key)
        super().__init__(scope, self.identifier)
        self._constructs: dict[str, Any] = {}
        # Each access costs a round trip to Node.
        self._token = cache(lambda attribute: getattr(self._constructs[attribute.of], attribute.name))
        for resource in role_resources(
            role, references=references, permissions_boundary=permissions_boundary, tags=tags
        ):
            self._constructs[resource.id] = self._add(resource)
        self.name = str(self._token(Attribute(ROLE, "name")))
        self.policies = tuple(
            construct
            for construct in self._constructs.values()
            if isinstance(construct, (IamRolePolicy, IamRolePolicyAttachment))
        )

    @property
    def arn(self) -> str:
        """A reference to the role's ARN."""
        return str(self._constructs[ROLE].arn)

    @property
    def unique_id(self) -> str:
        """A reference to the unique id of the role, which IAM never reuses."""
        return str(self._constructs[ROLE].unique_id)

    def _add(self, resource: Resource) -> Any:
        arguments = {name: self._value(value) for name, value in resource.arguments.items()}
        if resource.replaced_with:
            arguments["lifecycle"] = TerraformResourceLifecycle(replace_triggered_by=list(resource.replaced_with))
        construct = resource.type(self, resource.id, **arguments)
        construct.override_logical_id(resource.logical_id)
        if resource.import_id is not None:
            # The first apply imports existing resources; Terraform ignores the block of resources in its state:
            # https://developer.hashicorp.com/terraform/language/import
            construct.import_from(resource.import_id)
        return construct

    def _value(self, value: Any) -> Any:
        if isinstance(value, tuple):
            return [self._token(attribute) for attribute in value]
        return self._token(value) if isinstance(value, Attribute) else value
