"""`options` of a role: what its task definitions do not say and their owner knows, typed.

The same as taskrole.taskdef.Options, field by field; a test holds the two together. They are apart since a roles.yaml
without task definitions does not load what reads them, nor what checks the single values.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field, ValidationError

from taskrole.arns import Context
from taskrole.config.settings import Settings
from taskrole.errors import InputError, Place, Problem
from taskrole.yaml_reader import Keys, Tree, read_file, read_yaml

if TYPE_CHECKING:
    from taskrole.taskdef import Options


class EcsExecSettings(Settings):
    """ECS Exec is on for these tasks, and how their cluster logs its sessions."""

    logging: Literal["none", "default", "override"] = Field(
        "none", description="The cluster's setting; default: each container's awslogs group. Default: none"
    )
    log_group: str | None = Field(None, description="With override: where sessions go. Default: none")
    s3_bucket: str | None = Field(None, description="With override: the bucket sessions go to. Default: none")
    s3_prefix: str = Field("", description="With override: what keys there begin with. Default: empty, any key")
    kms_key: str | None = Field(None, description="ARN of the cluster's key for sessions. Default: none")


class FireLensSettings(Settings):
    """What the outputs of FireLens leave open."""

    opensearch_domains: dict[str, str] = Field(
        default_factory=dict,
        description="The ARN of the domain behind each Host. Default: {}, refused",
    )
    templated_values: bool = Field(
        False, description="Consent to * for the templated end of a name, /app/$(ecs_task_id). Default: false, refused"
    )


class OptionsSettings(Settings):
    """What task definitions do not say. Every default is closed: nothing more is allowed."""

    pull_through_prefixes: dict[str, list[str]] = Field(
        default_factory=dict,
        description="Pull-through cache prefixes, or ROOT, by registry: ACCOUNT.REGION or a host. Default: {}",
    )
    pull_through_create_repository: bool = Field(
        False, description="The first pull through a cache makes the repository. Default: false"
    )
    guardduty_agent: bool = Field(
        False, description="GuardDuty Runtime Monitoring puts its agent beside Fargate tasks. Default: false"
    )
    guardduty_account: str | None = Field(
        None, description="The account that publishes the agent. Default: the one listed for the region"
    )
    vpc_endpoint: str | None = Field(
        None, description="Allow image pulls only through this endpoint (vpce-…) or VPC. Default: from anywhere"
    )
    compat: list[Literal["managed-policy", "gmsa"]] = Field(
        default_factory=list, description="Superfluous actions that AWS's own texts list. Default: []"
    )
    kms_keys: dict[str, str] = Field(
        default_factory=dict,
        description="The ARN of the customer managed key of each secret, parameter or bucket, these by ARN, by name or "
        "as tasks name them; alias/aws/… says that AWS manages it. Default: {}",
    )
    kms_encryption_context: bool = Field(
        False, description="Allow decryption only for that very secret or parameter. Default: false"
    )
    ambiguous_secret_suffix: Literal["full", "both"] = Field(
        "full",
        description="A name like stripe-secret, which seems to end in a suffix, is taken as complete (full), or also "
        "as a name alone (both). Default: full",
    )
    deny_service_connect_secrets: bool = Field(
        False, description="Deny reading the TLS keys that Service Connect keeps in Secrets Manager. Default: false"
    )
    credential_spec_secrets: dict[str, str] = Field(
        default_factory=dict,
        description="The ARN of the secret that each domainless credential spec, by its ARN, names. Default: {}, "
        "such specs are refused",
    )
    bucket_owners: dict[str, str] = Field(
        default_factory=dict, description="The account that owns each bucket, as a condition. Default: {}, no condition"
    )
    bucket_owner_is_task_account: bool = Field(
        False, description="Buckets not in bucket_owners belong to the task's account. Default: false, no condition"
    )
    s3_files_buckets: dict[str, str] = Field(
        default_factory=dict,
        description="The bucket behind each S3 file system, by ARN or id. Default: {}, no direct reads",
    )
    efs_root_access: list[str] = Field(
        default_factory=list, description="File systems, EFS or S3, where tasks act as root. Default: []"
    )
    efs_secure_transport: bool = Field(
        False, description="Add the condition that mounts are encrypted on the way. Default: false"
    )
    efs_describe_mount_targets: bool = Field(
        False, description="Let the mount helper look for mount targets in other zones. Default: false"
    )
    ecs_exec: EcsExecSettings | None = Field(None, description="ECS Exec is on. Default: off")
    sidecars: list[Literal["xray", "otel", "cloudwatch-agent", "appmesh", "fault-injection"]] = Field(
        default_factory=list, description="Sidecars, known by their image, that get what they need. Default: []"
    )
    sidecar_log_groups: list[str] = Field(
        default_factory=list, description="Log groups that these sidecars write to. Default: []"
    )
    sidecar_parameters: list[str] = Field(
        default_factory=list, description="Parameters that these sidecars read their configuration from. Default: []"
    )
    firelens: FireLensSettings = Field(
        default_factory=lambda: FireLensSettings.model_validate({}),
        description="What the outputs of FireLens leave open. Default: nothing",
    )

    def to_options(self) -> Options:
        """Return the options as the derivation takes them."""
        from taskrole.taskdef import EcsExec, FireLens, Options

        plain = self.model_dump()
        exec_, firelens = plain.pop("ecs_exec"), plain.pop("firelens")
        prefixes = {registry: tuple(found) for registry, found in plain.pop("pull_through_prefixes").items()}
        frozen: dict[str, Any] = {
            key: tuple(value) if isinstance(value, list) else value for key, value in plain.items()
        }
        return Options(
            **frozen,
            pull_through_prefixes=prefixes,
            ecs_exec=EcsExec(**exec_) if exec_ is not None else None,
            firelens=FireLens(**firelens),
        )


def option_problems(options: Options, context: Context, tree: Tree, keys: Keys = ()) -> Iterator[Problem]:
    """Yield what is wrong with the values of options, each at its place in a file; `keys` lead to the options there."""
    from taskrole.taskdef.option_checks import check_options

    for problem in check_options(options, context):
        yield Problem(tree.place((*keys, *pointed_keys(problem.place.path, tree, keys))), problem.message)


def pointed_keys(pointer: str, tree: Tree, keys: Keys = ()) -> Keys:
    """Return the keys that a pointer such as `/kms_keys/NAME` names below `keys`, as far as they are in the file.

    NAME may be escaped as in a JSON pointer or not, and itself hold slashes.
    """
    data = tree.data
    for key in keys:
        data = data[key]
    found: list[str] = []
    rest = pointer.removeprefix("/")
    while rest and isinstance(data, Mapping):
        plain = rest.replace("~1", "/").replace("~0", "~")
        step = next((one for one in sorted(data, key=len, reverse=True) if f"{plain}/".startswith(f"{one}/")), None)
        if step is None:
            break
        found.append(step)
        data, rest = data[step], plain[len(step) + 1 :]
    return tuple(found)


def load_options(path: Path, context: Context) -> Options:
    """Return the options of a YAML file that holds what stands under `options` in roles.yaml.

    Raises InputError with all that is wrong, each at its line and column.
    """
    from taskrole.config.messages import problems_of

    tree = read_yaml(read_file(path, "name another with --options"), str(path))
    data = {} if tree.data is None else tree.data
    if not isinstance(data, dict):
        raise InputError([Problem(Place(str(path), 1, 1), "must be a mapping of options, such as kms_keys")])
    try:
        options = OptionsSettings.model_validate(data).to_options()
    except ValidationError as error:
        raise InputError(problems_of(error, tree, OptionsSettings)) from None
    problems = list(option_problems(options, context, replace(tree, data=data)))
    if problems:
        raise InputError(problems)
    return options
