"""EcsRole: an IAM role of ECS tasks with all its policies, as one construct for any CDKTF app."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from taskrole.addresses import attachment_identifier, identifier, own_policy_identifier
from taskrole.policy.documents.statements import policy_text
from taskrole.role import DEFAULT_SESSION, Policy, Role
from taskrole_cdktf.engine import (
    Construct,
    IamPolicy,
    IamRole,
    IamRolePoliciesExclusive,
    IamRolePolicy,
    IamRolePolicyAttachment,
    IamRolePolicyAttachmentsExclusive,
    TerraformResourceLifecycle,
)
from taskrole_cdktf.literals import literal, literals


class EcsRole(Construct):
    """`aws_iam_role.<role>` with its policies and attachments; `declare_role` makes the Role it takes.

    Everything that hangs on the role is replaced together with it: Terraform would otherwise keep in its state what
    IAM has lost when a role is made anew under the same name
    (https://github.com/hashicorp/terraform-provider-aws/issues/46270).

    `references` puts references to resources of the app into the text of policies, which is literal by default.
    `permissions_boundary` and `tags` are references in the place of the role's own, or beside them.
    `arn`, `name` and `unique_id` are references to what AWS makes. `policies` are the resources that give the role its
    permissions: put them into `depends_on` of whatever must not start before it has them.
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
        self._references = references
        self._permissions_boundary = permissions_boundary or _literal_or_none(role.permissions_boundary)
        self._tags = {**literals(role.tags), **(tags or {})} or None
        self.identifier = identifier(role.key)
        super().__init__(scope, self.identifier)
        self._resource = self._add_role()
        self.name = str(self._resource.name)
        self._follow = TerraformResourceLifecycle(replace_triggered_by=[f"aws_iam_role.{self.identifier}.unique_id"])
        inline = [self._add_inline_policy(policy) for policy in role.policies if policy.kind == "inline"]
        managed = [self._add_managed_policy(policy) for policy in role.policies if policy.kind == "managed"]
        attached = [self._attach_existing(arn) for arn in role.attachments]
        self.policies = (*inline, *managed, *attached)
        if role.exclusive:
            self._own_exclusively(inline, [*managed, *attached])

    @property
    def arn(self) -> str:
        """A reference to the role's ARN."""
        return str(self._resource.arn)

    @property
    def unique_id(self) -> str:
        """A reference to the id that IAM gives a role and never gives again."""
        return str(self._resource.unique_id)

    def _add_role(self) -> Any:
        role = self.role
        session = role.max_session_duration
        resource = IamRole(
            self,
            "role",
            name=_literal_or_none(role.name),
            name_prefix=_literal_or_none(role.name_prefix),
            path=_path(role),
            description=_literal_or_none(role.description),
            assume_role_policy=literal(policy_text(role.trust)),
            permissions_boundary=self._permissions_boundary,
            max_session_duration=session if session != DEFAULT_SESSION else None,
            tags=self._tags,
        )
        resource.override_logical_id(self.identifier)
        if role.adopt:
            self._import(resource, role.title)
        return resource

    def _add_inline_policy(self, policy: Policy) -> Any:
        name = own_policy_identifier(self.role, policy)
        resource = IamRolePolicy(
            self,
            name,
            name=literal(policy.name),
            role=self.name,
            policy=self._policy_text(policy),
            lifecycle=self._follow,
        )
        resource.override_logical_id(name)
        if policy.name in self.role.adopted_policies:
            self._import(resource, f"{self.role.title}:{policy.name}")
        return resource

    def _add_managed_policy(self, policy: Policy) -> Any:
        name = own_policy_identifier(self.role, policy)
        resource = IamPolicy(
            self,
            f"policy-{name}",
            name=literal(policy.name),
            path=_path(self.role),
            policy=self._policy_text(policy),
            tags=self._tags,
        )
        resource.override_logical_id(name)
        return self._attach(name, resource.arn)

    def _policy_text(self, policy: Policy) -> str:
        text = literal(policy_text(policy.document))
        return self._references(text) if self._references else text

    def _attach_existing(self, arn: str) -> Any:
        attachment = self._attach(attachment_identifier(self.role.key, arn), literal(arn))
        if self.role.adopt:
            self._import(attachment, f"{self.role.title}/{arn}")
        return attachment

    def _import(self, resource: Any, id_: str) -> None:
        """Let the first apply take over what exists; Terraform passes over the block of what is in its state.

        Source: https://developer.hashicorp.com/terraform/language/import
        """
        resource.import_from(literal(id_))

    def _attach(self, name: str, arn: str) -> Any:
        # An inline policy may have the name of a managed one: other resources in Terraform, siblings here.
        attachment = IamRolePolicyAttachment(
            self, f"attachment-{name}", role=self.name, policy_arn=arn, lifecycle=self._follow
        )
        attachment.override_logical_id(name)
        return attachment

    def _own_exclusively(self, inline: list[Any], attached: list[Any]) -> None:
        """Make drift of every policy that somebody adds by hand.

        The references also order the plan: these resources look at the role after all of its own are there.
        """
        policies = IamRolePoliciesExclusive(
            self,
            "policies",
            role_name=self.name,
            policy_names=[policy.name for policy in inline],
            lifecycle=self._follow,
        )
        attachments = IamRolePolicyAttachmentsExclusive(
            self,
            "attachments",
            role_name=self.name,
            policy_arns=[attachment.policy_arn for attachment in attached],
            lifecycle=self._follow,
        )
        for resource in (policies, attachments):
            resource.override_logical_id(self.identifier)


def _literal_or_none(text: str | None) -> str | None:
    return literal(text) if text else None


def _path(role: Role) -> str | None:
    return literal(role.path) if role.path != "/" else None
