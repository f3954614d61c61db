"""Which options are given, as paths, so that those that no task uses can be named."""

from __future__ import annotations

from collections.abc import Iterator

from taskrole.taskdef.items import option_path
from taskrole.taskdef.options import Options

_SWITCHES = (
    "pull_through_create_repository",
    "guardduty_agent",
    "guardduty_account",
    "vpc_endpoint",
    "bucket_owner_is_task_account",
    "deny_service_connect_secrets",
    "efs_secure_transport",
    "efs_describe_mount_targets",
    "ecs_exec",
)
_MAPS = ("kms_keys", "credential_spec_secrets", "bucket_owners", "s3_files_buckets")
_LISTS = ("compat", "efs_root_access", "sidecars", "sidecar_log_groups", "sidecar_parameters")


def given_options(options: Options) -> Iterator[str]:
    """Yield the path of each option that is not at its default, as features name those that they use.

    kms_encryption_context is left out: it narrows whatever else there is.
    """
    for name in _SWITCHES:
        if getattr(options, name):
            yield f"/{name}"
    for name in (*_MAPS, *_LISTS):
        for key in getattr(options, name):
            yield option_path(name, key)
    for registry, prefixes in options.pull_through_prefixes.items():
        for prefix in prefixes:
            yield option_path("pull_through_prefixes", registry, prefix)
    if options.takes_suffix_both_ways:
        yield "/ambiguous_secret_suffix"
    for host in options.firelens.opensearch_domains:
        yield option_path("firelens", "opensearch_domains", host)
    if options.firelens.templated_values:
        yield "/firelens/templated_values"
