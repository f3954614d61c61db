"""What a task definition does not say and its owner knows. Every default is closed: nothing more is allowed.

roles.yaml and the command line fill these in; a task definition that uses none of them needs none.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Sidecar = Literal["xray", "otel", "cloudwatch-agent", "appmesh", "fault-injection"]
Compatibility = Literal["managed-policy", "gmsa"]
SecretSuffix = Literal["full", "both"]
ExecLogging = Literal["none", "default", "override"]


@dataclass(frozen=True)
class EcsExec:
    """ECS Exec is on for these tasks, and how their cluster logs its sessions.

    Source: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-exec.html
    """

    logging: ExecLogging = "none"
    """The cluster's setting: none, default (each container's awslogs group) or override. Default: none."""
    log_group: str | None = None
    """With override: the log group that sessions go to. Default: none."""
    s3_bucket: str | None = None
    """With override: the bucket that sessions go to. Default: none."""
    s3_prefix: str = ""
    """With override: what the keys in that bucket begin with. Default: empty, the whole bucket."""
    kms_key: str | None = None
    """The ARN of the key that encrypts the session (the cluster's kmsKeyId). Default: none."""


@dataclass(frozen=True)
class FireLens:
    """What the outputs of FireLens leave open."""

    opensearch_domains: Mapping[str, str] = field(default_factory=dict)
    """The ARN of the domain behind each Host of an output. Default: {}, such outputs are refused."""
    templated_values: bool = False
    """Consent to `*` for the templated end of a name, such as `/app/$(ecs_task_id)`. Default: false, refused."""


@dataclass(frozen=True)
class Options:
    """All options of a derivation. Secrets, parameters and buckets go by ARN, by name, or as tasks name them."""

    pull_through_prefixes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Pull-through cache prefixes (or ROOT) by registry: a host or ACCOUNT.REGION (IMG-6). Default: {}."""
    pull_through_create_repository: bool = False
    """The first pull through a cache makes the repository (IMG-7). Default: false."""
    guardduty_agent: bool = False
    """GuardDuty Runtime Monitoring puts its agent beside Fargate tasks (GD-1). Default: false."""
    guardduty_account: str | None = None
    """The account that publishes the agent, if not the one listed for the region. Default: the listed one."""
    vpc_endpoint: str | None = None
    """Allow image pulls only through this endpoint (vpce-…) or VPC (vpc-…) (IMG-12). Default: from anywhere."""
    compat: tuple[Compatibility, ...] = ()
    """Superfluous actions that AWS's own texts list: managed-policy (IMG-3), gmsa (GM-1). Default: ()."""
    kms_keys: Mapping[str, str] = field(default_factory=dict)
    """The ARN of the customer managed key of each secret, parameter or bucket (KMS-1, KMS-2, S3-4). Default: {}."""
    kms_encryption_context: bool = False
    """Allow decryption only for that very secret or parameter, by encryption context. Default: false."""
    ambiguous_secret_suffix: SecretSuffix = "full"  # noqa: S105 -- no password
    """A name like `stripe-secret` is taken as complete (full), or also as a name alone (both) (SM-3). Default: full."""
    deny_service_connect_secrets: bool = False
    """Deny reading the TLS keys that Service Connect keeps in Secrets Manager (SM-DENY). Default: false."""
    credential_spec_secrets: Mapping[str, str] = field(default_factory=dict)
    """The ARN of the secret that each domainless credential spec, by its ARN, names (GM-4). Default: {}, refused."""
    bucket_owners: Mapping[str, str] = field(default_factory=dict)
    """The account that owns each bucket; becomes a condition (S3-3). Default: {}, no condition."""
    bucket_owner_is_task_account: bool = False
    """Buckets not in bucket_owners belong to the task's account (S3-3). Default: false, no condition."""
    s3_files_buckets: Mapping[str, str] = field(default_factory=dict)
    """The bucket behind each S3 file system, by ARN or id (S3F-2). Default: {}, no direct reads."""
    efs_root_access: tuple[str, ...] = ()
    """File systems, EFS or S3, by id, where tasks act as root (EFS-1, S3F-1). Default: ()."""
    efs_secure_transport: bool = False
    """Add the condition that mounts are encrypted on the way (EFS-1). Default: false; EFS-3 sees to it anyway."""
    efs_describe_mount_targets: bool = False
    """Let the mount helper look for mount targets in other zones (EFS-4). Default: false."""
    ecs_exec: EcsExec | None = None
    """ECS Exec is on (EXE-1 to EXE-5). Default: none, off."""
    sidecars: tuple[Sidecar, ...] = ()
    """Sidecars, recognised by image, that get what they need (SIDE-…). Default: (), a warning."""
    sidecar_log_groups: tuple[str, ...] = ()
    """Log groups that the otel and cloudwatch-agent sidecars write to. Default: ()."""
    sidecar_parameters: tuple[str, ...] = ()
    """Parameters, by name or ARN, that these sidecars read their configuration from. Default: ()."""
    firelens: FireLens = field(default_factory=FireLens)
    """What the outputs of FireLens leave open. Default: nothing."""

    @property
    def takes_suffix_both_ways(self) -> bool:
        """Whether the end of an ambiguous name is taken both as its suffix and as a part of it."""
        return self.ambiguous_secret_suffix != "full"  # noqa: S105 -- no password
