"""The model of roles.yaml, from which the JSON Schema is generated."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag

from taskrole import limits
from taskrole.arns import ACCOUNT, ACCOUNT_FORM, parse_policy_arn
from taskrole.config import value_checks
from taskrole.config.backends.local import LocalBackendSettings
from taskrole.config.backends.registry import AnyBackend
from taskrole.config.options_model import LateOptions
from taskrole.config.raw_policies import check_inline_policy, check_policy_name, check_trust_policy
from taskrole.config.settings import Settings
from taskrole.config.value_checks import rule
from taskrole.errors import quote
from taskrole.grant import RoleKind
from taskrole.partitions import partitions
from taskrole.policy.documents.policy import PolicyKind
from taskrole.role import TrustConditions


def _check_partition(name: str) -> str | None:
    return None if name in partitions() else f"must be one of {', '.join(partitions())}; got {quote(name)}"


def _check_policy_arn(text: str) -> None:
    parse_policy_arn(text)


def _check_value(text: str) -> str | None:
    # Imported late: it loads the readers of task definitions.
    from taskrole.taskdef.values.sources import value_problem

    return value_problem(text)


def _check_image(text: str) -> str | None:
    from taskrole.taskdef.values.sources import value_problem

    return value_problem(text, is_image=True) if text else "must name an image"


_Account = Annotated[
    str, rule(value_checks.check_account), Field(json_schema_extra={"pattern": f"^{ACCOUNT.pattern}$"})
]
PartitionName = Annotated[str, rule(_check_partition), Field(json_schema_extra={"enum": [*partitions()]})]
_ManagedPolicy = Annotated[str, rule(value_checks.check_managed_policy)]
PolicyArn = Annotated[str, rule(_check_policy_arn)]
TagKey = Annotated[str, rule(limits.check_tag_key)]
TagValue = Annotated[str, rule(limits.check_tag_value)]
InlinePolicyName = Annotated[str, rule(check_policy_name)]
Tags = Annotated[dict[TagKey, TagValue], rule(limits.check_tags)]
_Path = Annotated[str, rule(limits.check_path)]
_Session = Annotated[int, rule(limits.check_max_session_duration)]


class Principals(Settings):
    """Further principals that can assume the role, in a separate statement without conditions."""

    aws: Annotated[list[Annotated[str, rule(value_checks.check_principal_arn)]], Field(default_factory=list)]
    service: Annotated[list[Annotated[str, rule(value_checks.check_service_principal)]], Field(default_factory=list)]


class TrustSettings(Settings):
    """The trust policy: conditions for ECS, and further principals."""

    conditions: TrustConditions | None = Field(
        None,
        description="Confused-deputy conditions; default: full for a task role, account for an execution role.",
    )
    principals: Principals | None = None


def _trust_form(value: Any) -> str:
    return "settings" if isinstance(value, (dict, TrustSettings)) else "word"


Trust = Annotated[
    Annotated[TrustConditions, Tag("word")] | Annotated[TrustSettings, Tag("settings")],
    Discriminator(_trust_form),
    Field(
        description="Who can assume the role. full: ECS for this account and region (aws:SourceAccount and "
        "aws:SourceArn); account: ECS for this account (aws:SourceAccount); off: ECS, without a condition. "
        "Default: full for a task role, account for an execution role."
    ),
]


class StatementSettings(Settings):
    """One IAM policy statement, spelled as in IAM's JSON."""

    sid: str | None = Field(None, alias="Sid", pattern=r"^[A-Za-z0-9]*$")
    effect: Literal["Allow", "Deny"] = Field(alias="Effect")
    action: value_checks.Actions | None = Field(None, alias="Action")
    not_action: value_checks.Actions | None = Field(None, alias="NotAction")
    resource: value_checks.Resources | None = Field(None, alias="Resource")
    not_resource: value_checks.Resources | None = Field(None, alias="NotResource")
    condition: value_checks.ConditionBlock | None = Field(None, alias="Condition")


class AccessSettings(Settings):
    """Actions on ARNs: those of an access level, or single actions. Each ARN gets the actions that apply to it."""

    access: value_checks.AccessLevels | None = Field(
        None,
        description="Access levels: list, read, write, tagging, permissions-management; each is all actions of the "
        "ARN's service that AWS assigns to it. Default: none",
    )
    actions: value_checks.Actions | None = Field(
        None, description="Actions, such as s3:GetObject, where an access level would allow too much. Default: none"
    )
    resources: value_checks.Resources = Field(description="ARNs, with or without wildcards.")
    because: Annotated[str, rule(value_checks.check_sentence)] | None = Field(
        None, description="The reason, for reviewers. Default: roles.yaml grants (or denies) it"
    )


class ValueSettings(Settings):
    """Values for the placeholders of task definitions: of all roles, of the roles of a stack, or of a role."""

    values: dict[str, Annotated[str, rule(_check_value)]] = Field(
        default_factory=dict,
        description="Values for the placeholders of task definitions, such as ${REPOSITORY_URI}, by name or JSON"
        " pointer. A role's values override its stack's, and a stack's override the defaults'. Default: none",
    )
    values_files: list[Annotated[str, rule(value_checks.check_values_path)]] = Field(
        default_factory=list,
        description="Files of such values, YAML, JSON or dotenv, relative to the folder of this file and inside of the"
        " project. values overrides them, and a later file an earlier one. Default: none",
    )
    images: dict[str, Annotated[str, rule(_check_image)]] = Field(
        default_factory=dict,
        description="Images that replace those of containers, by container name. Default: none",
    )


class SharedRoleSettings(Settings):
    """Settings of a role, which `defaults` can set for all roles."""

    path: _Path | None = Field(None, description="IAM path, such as /ecs/. Default: /")
    permissions_boundary: PolicyArn | None = Field(None, description="ARN of a managed policy. Default: none")
    max_session_duration: _Session | None = Field(None, description="Seconds, 3600 to 43200. Default: 3600")
    trust: Trust | None = None
    exclusive: bool | None = Field(
        None,
        description="Report policies attached outside of Terraform as drift and remove them on apply. Default: false",
    )
    policy_delivery: PolicyKind | None = Field(
        None,
        description="Write the role's own policies as inline or as customer managed policies. Default: inline",
    )


class RoleSettings(SharedRoleSettings, ValueSettings):
    """A role."""

    kind: RoleKind = Field(
        description="execution: used by ECS to prepare a task (pull images, read secrets, write logs); "
        "task: used by the application in the containers."
    )
    name_prefix: Annotated[str, rule(limits.check_name_prefix)] | None = Field(
        None,
        description="Name of the role, to which Terraform adds a suffix; replaces the key as the name. Default: none",
    )
    description: Annotated[str, rule(limits.check_description)] = Field("", description="Default: empty")
    tags: Tags = Field(default_factory=dict, description="Added to the stack's and the defaults' tags.")
    managed_policies: list[_ManagedPolicy] = Field(
        default_factory=list,
        description="Names of AWS managed policies with their path, such as "
        "service-role/AmazonECSTaskExecutionRolePolicy, or ARNs of managed policies. Default: none",
    )
    statements: list[StatementSettings] = Field(
        default_factory=list, description="The statements of the role's own policy. Default: none"
    )
    task_definitions: list[Annotated[str, rule(value_checks.check_task_definition_path)]] = Field(
        default_factory=list,
        description="Files or patterns of task definitions, such as tasks/*.json. The role gets the permissions that "
        "they need of a role of its kind. Relative to the folder of this file, inside of the project (the nearest "
        "folder around it with .git or cdktf.json). Default: none",
    )
    families: list[Annotated[str, Field(min_length=1)]] = Field(
        default_factory=list,
        description="The families, Terraform addresses or logical ids of the task definitions to use from these files."
        " Default: all",
    )
    options: LateOptions | None = Field(
        None,
        description="What task definitions do not contain, such as KMS keys. Default: none, which allows nothing more",
    )
    grants: list[AccessSettings] = Field(
        default_factory=list, description="What the application calls, for a task role. Default: none"
    )
    deny: list[AccessSettings] = Field(
        default_factory=list, description="What the role is denied, whatever else allows it. Default: none"
    )
    trust_policy: Annotated[dict[str, Any], rule(check_trust_policy)] | None = Field(
        None, description="The trust policy document, verbatim, instead of trust. Default: made from trust"
    )
    inline_policies: dict[InlinePolicyName, Annotated[dict[str, Any], rule(check_inline_policy)]] = Field(
        default_factory=dict,
        description="Inline policies by name, verbatim, in addition to those of the other keys. Default: none",
    )
    adopt: bool = Field(
        False,
        description="Whether the role exists, with these managed_policies and inline_policies, and Terraform imports"
        " them on the first apply instead of creating them. Remove it after that apply. Default: false",
    )


class PlaceSettings(Settings):
    """The partition, account and region of roles."""

    region: value_checks.Region | None = None
    account: _Account | None = Field(
        None, description=f"{ACCOUNT_FORM} in quotes. Default: the account of the credentials"
    )
    partition: PartitionName | None = Field(None, description="Default: the region's")


class DefaultSettings(PlaceSettings, SharedRoleSettings, ValueSettings):
    """Settings of every stack and role that does not set its own."""

    tags: Tags = Field(default_factory=dict)


class StackSettings(PlaceSettings, ValueSettings):
    """One stack: one state, one account, one region."""

    tags: Tags = Field(default_factory=dict, description="Added to the defaults' tags.")
    backend: AnyBackend | None = Field(None, description="Default: the file's backend")
    roles: Annotated[dict[str, RoleSettings], Field(min_length=1)]


class ProviderSettings(Settings):
    """The AWS provider that the generated Terraform requires."""

    source: Annotated[str, Field(pattern=r"^[A-Za-z0-9.-]+(/[A-Za-z0-9._-]+){1,2}$")] = "hashicorp/aws"
    version: Annotated[str, Field(min_length=1, pattern=r"^[-+0-9A-Za-z.<>=!~, ]+$")] = ">= 5.100, < 7.0"


class File(Settings):
    """The roles of ECS tasks, as taskrole builds them."""

    version: Literal[1] = Field(description="The version of this format.")
    defaults: DefaultSettings = Field(default_factory=lambda: DefaultSettings.model_validate({}))
    backend: AnyBackend = Field(default_factory=lambda: LocalBackendSettings(type="local", path=None))
    provider: ProviderSettings = Field(default_factory=ProviderSettings)
    stacks: Annotated[dict[str, StackSettings], Field(min_length=1)]


def check_stack_name(name: str) -> str | None:
    """Check the name of a stack, which is used as the name of a folder and of a state."""
    if re.fullmatch(r"[A-Za-z][A-Za-z0-9_-]{0,63}", name):
        return None
    return f"a stack name must be a letter and up to 63 letters, digits, - and _; got {quote(name)}"
