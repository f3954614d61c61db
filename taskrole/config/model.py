"""What roles.yaml may say, typed. The JSON Schema, and so every editor's help, is made from these classes."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag

from taskrole import limits
from taskrole.arns import parse_policy_arn
from taskrole.config import grammar
from taskrole.config.grammar import rule
from taskrole.config.options_model import LateOptions
from taskrole.config.raw_policies import check_inline_policy, check_policy_name, check_trust_policy
from taskrole.config.settings import Settings
from taskrole.grant import RoleKind
from taskrole.partitions import partitions
from taskrole.policy.documents.policy import PolicyKind
from taskrole.role import TrustConditions


def _check_partition(name: str) -> str | None:
    return None if name in partitions() else f"must be one of {', '.join(partitions())}; got {name!r}"


def _check_policy_arn(text: str) -> None:
    parse_policy_arn(text)


def _check_value(text: str) -> str | None:
    # Only now: what reads task definitions is loaded with it.
    from taskrole.taskdef.values.sources import value_problem

    return value_problem(text)


def _check_image(text: str) -> str | None:
    from taskrole.taskdef.values.sources import value_problem

    return value_problem(text, is_image=True) if text else "must name an image"


_Account = Annotated[str, rule(grammar.check_account), Field(json_schema_extra={"pattern": "^[0-9]{12}$"})]
PartitionName = Annotated[str, rule(_check_partition), Field(json_schema_extra={"enum": [*partitions()]})]
_ManagedPolicy = Annotated[str, rule(grammar.check_managed_policy)]
PolicyArn = Annotated[str, rule(_check_policy_arn)]
RoleArn = Annotated[str, rule(grammar.check_role_arn)]
TagKey = Annotated[str, rule(limits.check_tag_key)]
TagValue = Annotated[str, rule(limits.check_tag_value)]
InlinePolicyName = Annotated[str, rule(check_policy_name)]
Tags = Annotated[dict[TagKey, TagValue], rule(limits.check_tags)]
Region = Annotated[str, Field(min_length=1, description="An AWS region, such as eu-west-1.")]
_Path = Annotated[str, rule(limits.check_path)]
Url = Annotated[str, rule(grammar.check_url)]
_Session = Annotated[int, rule(limits.check_max_session_duration)]


class Principals(Settings):
    """Who else, beside ECS, may assume the role: a statement of its own, without conditions."""

    aws: Annotated[list[Annotated[str, rule(grammar.check_principal_arn)]], Field(default_factory=list)]
    service: Annotated[list[Annotated[str, rule(grammar.check_service_principal)]], Field(default_factory=list)]


class TrustSettings(Settings):
    """The trust policy in full: conditions for ECS, and others who may assume the role."""

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
        description="Who may assume the role. full: ECS for this account and region (aws:SourceAccount and "
        "aws:SourceArn); account: ECS for this account (aws:SourceAccount); off: ECS, without a condition. "
        "Default: full for a task role, account for an execution role."
    ),
]


class StatementSettings(Settings):
    """One IAM policy statement, spelled as in IAM's JSON."""

    sid: str | None = Field(None, alias="Sid", pattern=r"^[A-Za-z0-9]*$")
    effect: Literal["Allow", "Deny"] = Field(alias="Effect")
    action: grammar.Actions | None = Field(None, alias="Action")
    not_action: grammar.Actions | None = Field(None, alias="NotAction")
    resource: grammar.Resources | None = Field(None, alias="Resource")
    not_resource: grammar.Resources | None = Field(None, alias="NotResource")
    condition: grammar.ConditionBlock | None = Field(None, alias="Condition")


class AccessSettings(Settings):
    """Actions on ARNs: all of an access level, or single ones. Every ARN gets those that apply to it."""

    access: grammar.AccessLevels | None = Field(
        None,
        description="Access levels: list, read, write, tagging, permissions-management; each is all actions of the "
        "ARN's service that AWS counts to it. Default: none",
    )
    actions: grammar.Actions | None = Field(
        None, description="Single actions, such as s3:GetObject, where a level is more than is needed. Default: none"
    )
    resources: grammar.Resources = Field(description="ARNs, which may hold wildcards.")
    because: Annotated[str, rule(grammar.check_sentence)] | None = Field(
        None, description="Why, for whoever reviews it. Default: that roles.yaml says so"
    )


class ValueSettings(Settings):
    """What fills the placeholders of task definitions: for all roles, those of a stack, or one."""

    values: dict[str, Annotated[str, rule(_check_value)]] = Field(
        default_factory=dict,
        description="Values for the placeholders of task definitions, such as ${REPOSITORY_URI}, by name or JSON"
        " pointer. A role's win over its stack's, and these over the defaults'. Default: none",
    )
    values_files: list[Annotated[str, rule(grammar.check_values_path)]] = Field(
        default_factory=list,
        description="Files of such values, YAML, JSON or dotenv, relative to the folder of this file and inside of the"
        " project. What values says here wins over them, and a later file over an earlier one. Default: none",
    )
    images: dict[str, Annotated[str, rule(_check_image)]] = Field(
        default_factory=dict,
        description="Images that replace those of containers, by the containers' names. Default: none",
    )


class SharedRoleSettings(Settings):
    """What a role may say, and `defaults` may say for all roles."""

    path: _Path | None = Field(None, description="IAM path, such as /ecs/. Default: /")
    permissions_boundary: PolicyArn | None = Field(None, description="ARN of a managed policy. Default: none")
    max_session_duration: _Session | None = Field(None, description="Seconds, 3600 to 43200. Default: 3600")
    trust: Trust | None = None
    exclusive: bool | None = Field(
        None,
        description="Make a policy attached by hand drift, which the next apply removes. Default: false",
    )
    policy_delivery: PolicyKind | None = Field(
        None,
        description="Write the role's own policy inline, or as a customer managed policy. Default: inline",
    )


class RoleSettings(SharedRoleSettings, ValueSettings):
    """One role."""

    kind: RoleKind = Field(
        description="execution: used by ECS to prepare a task (pull images, read secrets, write logs); "
        "task: used by the application in the containers."
    )
    name_prefix: Annotated[str, rule(limits.check_name_prefix)] | None = Field(
        None,
        description="Let IAM's name be this and a suffix of Terraform's, instead of the key. Default: none",
    )
    description: Annotated[str, rule(limits.check_description)] = Field("", description="Default: empty")
    tags: Tags = Field(default_factory=dict, description="Added to the stack's and the defaults' tags.")
    managed_policies: list[_ManagedPolicy] = Field(
        default_factory=list,
        description="Names of AWS managed policies with their path, such as "
        "service-role/AmazonECSTaskExecutionRolePolicy, or ARNs of managed policies. Default: none",
    )
    statements: list[StatementSettings] = Field(
        default_factory=list, description="The role's own policy, statement by statement. Default: none"
    )
    task_definitions: list[Annotated[str, rule(grammar.check_task_definition_path)]] = Field(
        default_factory=list,
        description="Task definitions, files or patterns such as tasks/*.json, of which the role gets exactly what "
        "they need of a role of its kind. Relative to the folder of this file, inside of the project (the nearest "
        "folder around it with .git or cdktf.json). Default: none",
    )
    families: list[Annotated[str, Field(min_length=1)]] = Field(
        default_factory=list,
        description="Of the task definitions in these files, those of these families, Terraform addresses or logical"
        " ids. Default: all",
    )
    options: LateOptions | None = Field(
        None, description="What the task definitions do not say, such as keys. Default: none, nothing more is allowed"
    )
    grants: list[AccessSettings] = Field(
        default_factory=list, description="What the application itself calls: for a task role. Default: none"
    )
    deny: list[AccessSettings] = Field(
        default_factory=list, description="What the role may not do, whatever else allows it. Default: none"
    )
    trust_policy: Annotated[dict[str, Any], rule(check_trust_policy)] | None = Field(
        None, description="The trust policy word for word, instead of trust. Default: what trust says"
    )
    inline_policies: dict[InlinePolicyName, Annotated[dict[str, Any], rule(check_inline_policy)]] = Field(
        default_factory=dict,
        description="Inline policies by name, word for word, beside what the other keys make. Default: none",
    )
    adopt: bool = Field(
        False,
        description="The role exists already, with these managed_policies and inline_policies: Terraform imports them"
        " with the first apply, rather than making them. Later it changes nothing, as long as the role is there and"
        " nothing is added to the two; so take it out after the first apply. Default: false",
    )


class LocalBackendSettings(Settings):
    """State in a file beside the project."""

    type: Literal["local"]
    path: Annotated[str, rule(grammar.check_state_path)] | None = Field(
        None, description="Relative to the folder of cdktf.json. Default: terraform.STACK.tfstate"
    )


class AssumeRoleSettings(Settings):
    """The role that the S3 backend assumes."""

    role_arn: RoleArn
    session_name: Annotated[str, Field(min_length=2, max_length=64, pattern=r"^[A-Za-z0-9_+=,.@-]+$")] | None = None
    external_id: Annotated[str, Field(min_length=2, max_length=1224, pattern=r"^[A-Za-z0-9_+=,.@:/-]+$")] | None = None


class EndpointSettings(Settings):
    """Other addresses for the services that the S3 backend calls."""

    s3: Url | None = None
    sts: Url | None = None
    iam: Url | None = None
    sso: Url | None = None


class S3BackendSettings(Settings):
    """State in an S3 bucket, locked by S3 itself."""

    type: Literal["s3"]
    bucket: Annotated[str, rule(grammar.check_bucket)]
    key: Annotated[str, rule(grammar.check_state_key)] | None = Field(
        None, description="Default: taskrole/STACK.tfstate"
    )
    region: Region | None = Field(None, description="The bucket's region. Default: the stack's")
    encrypt: bool = Field(True, description="Server-side encryption. Default: true")
    kms_key_id: Annotated[str, Field(min_length=1)] | None = Field(None, description="Default: S3's own key")
    use_lockfile: bool = Field(True, description="Lock the state by a file beside it. Default: true")
    use_path_style: bool = Field(False, description="BUCKET in the path, not in the host name. Default: false")
    assume_role: AssumeRoleSettings | None = Field(None, description="Default: the credentials as they are")
    endpoints: EndpointSettings | None = Field(None, description="Default: AWS's own")


class CloudBackendSettings(Settings):
    """State in HCP Terraform or Terraform Enterprise."""

    type: Literal["cloud"]
    organization: Annotated[str, rule(grammar.check_cloud_name)]
    workspace: Annotated[str, rule(grammar.check_cloud_name)] | None = Field(
        None, description="Default: the stack's name"
    )
    project: Annotated[str, Field(min_length=1, max_length=40)] | None = None
    hostname: Annotated[str, rule(grammar.check_hostname)] = Field(
        "app.terraform.io", description="Default: app.terraform.io"
    )


Backend = Annotated[
    LocalBackendSettings | S3BackendSettings | CloudBackendSettings,
    Field(discriminator="type", description="Where Terraform keeps its state. Default: local"),
]


class PlaceSettings(Settings):
    """Where roles are made."""

    region: Region | None = None
    account: _Account | None = Field(None, description="12 digits in quotes. Default: the account of the credentials")
    partition: PartitionName | None = Field(None, description="Default: the region's")


class DefaultSettings(PlaceSettings, SharedRoleSettings, ValueSettings):
    """What holds for every stack and role that does not say otherwise."""

    tags: Tags = Field(default_factory=dict)


class StackSettings(PlaceSettings, ValueSettings):
    """One stack: one state, one account, one region."""

    tags: Tags = Field(default_factory=dict, description="Added to the defaults' tags.")
    backend: Backend | None = Field(None, description="Default: the file's backend")
    roles: Annotated[dict[str, RoleSettings], Field(min_length=1)]


class ProviderSettings(Settings):
    """Which AWS provider the generated Terraform asks for."""

    source: Annotated[str, Field(pattern=r"^[A-Za-z0-9.-]+(/[A-Za-z0-9._-]+){1,2}$")] = "hashicorp/aws"
    version: Annotated[str, Field(min_length=1, pattern=r"^[-+0-9A-Za-z.<>=!~, ]+$")] = ">= 5.100, < 7.0"


class File(Settings):
    """The roles of ECS tasks, as taskrole builds them."""

    version: Literal[1] = Field(description="The version of this format.")
    defaults: DefaultSettings = Field(default_factory=lambda: DefaultSettings.model_validate({}))
    backend: Backend = Field(default_factory=lambda: LocalBackendSettings(type="local", path=None))
    provider: ProviderSettings = Field(default_factory=ProviderSettings)
    stacks: Annotated[dict[str, StackSettings], Field(min_length=1)]


def check_stack_name(name: str) -> str | None:
    """Check a stack's name: it is a folder and a state's key, so letters, digits, `-` and `_` only."""
    if re.fullmatch(r"[A-Za-z][A-Za-z0-9_-]{0,63}", name):
        return None
    return f"a stack's name must be a letter, then up to 63 letters, digits, - and _; got {name!r}"
