"""Random options, beside those that the drawn fields need."""

from __future__ import annotations

from taskrole.taskdef.options import EcsExec, FireLens, Options
from tests.proof.generated_containers import GROUPS, ecr_hosts
from tests.proof.generated_values import BUCKETS, parameter_arn
from tests.proof.generated_volumes import EFS, S3_FILE_SYSTEMS
from tests.proof.setting import Draft

_PREFIXES = ("app", "team", "team/app", "dockerhub", "dockerhub/library/", "ROOT")


def finish_options(draft: Draft) -> Options:
    """Return the options of the drawn task definitions."""
    ecs_exec = _ecs_exec(draft) if draft.maybe(0.3) else None
    if draft.maybe(0.25):
        draft.note(*_key_of_everything(draft))
    made = dict(draft.options)
    of_firelens = ("opensearch_domains", "templated_values", "endpoints")
    firelens = FireLens(**{name: made.pop(name) for name in of_firelens if name in made})
    if draft.maybe(0.3):
        hosts = ecr_hosts(draft.place, draft.region(), draft.account())
        host = draft.pick([*hosts, ".".join(hosts[0].split(".")[:4:3])])
        made["pull_through_prefixes"] = {host: tuple({draft.pick(_PREFIXES), draft.pick(_PREFIXES)})}
        made["pull_through_create_repository"] = draft.maybe(0.4)
    if draft.maybe(0.25):
        made["guardduty_agent"] = True
        made["guardduty_account"] = draft.pick([None, None, "593207742271"])
    if draft.maybe(0.2):
        made["vpc_endpoint"] = draft.pick(["vpce-0a1b2c3d", "vpc-0a1b2c3d"])
    # Grants of compat must have the condition of an endpoint too: drawn together more often than at random.
    share = 0.5 if "vpc_endpoint" in made else 0.15
    made["compat"] = tuple(mode for mode in ("managed-policy", "gmsa") if draft.maybe(share))
    for switch, share in _SWITCHES.items():
        if draft.maybe(share):
            made[switch] = True
    if draft.reads_service_connect:
        # Refused together: such a task would not start.
        made.pop("deny_service_connect_secrets", None)
    if draft.maybe(0.3):
        made["ambiguous_secret_suffix"] = "both"
    made["efs_root_access"] = tuple(id_ for id_ in (*EFS, *S3_FILE_SYSTEMS) if draft.maybe(0.15))
    made["ecs_exec"] = ecs_exec
    sidecars = ("xray", "otel", "cloudwatch-agent", "appmesh", "fault-injection")
    made["sidecars"] = tuple(sidecar for sidecar in sidecars if draft.maybe())
    if draft.maybe(0.3):
        made["sidecar_log_groups"] = (draft.pick(GROUPS),)
        made["sidecar_parameters"] = (draft.pick(["/otel/config", "otel", parameter_arn(draft)]),)
    return Options(**made, firelens=firelens)


_SWITCHES = {
    "kms_encryption_context": 0.4,
    "deny_service_connect_secrets": 0.4,
    "bucket_owner_is_task_account": 0.2,
    "efs_secure_transport": 0.2,
    "efs_describe_mount_targets": 0.2,
}


def _key_of_everything(draft: Draft) -> tuple[str, str, str]:
    """Return the option for the key, or the AWS managed key, of all secrets and parameters without a named key."""
    managed = ("aws-owned", "alias/aws/secretsmanager")
    return "kms_keys", "*", draft.pick(managed) if draft.maybe(0.4) else draft.key_arn(draft.region(), draft.account())


def _ecs_exec(draft: Draft) -> EcsExec:
    key = draft.key_arn(draft.place.context.region) if draft.maybe(0.3) else None
    form = draft.pick(["none", "default", "log group", "bucket", "both"])
    if form in ("none", "default"):
        return EcsExec("none" if form == "none" else "default", kms_key=key)
    group = draft.pick(GROUPS) if form != "bucket" else None
    bucket = draft.pick([*BUCKETS, "app-logs"]) if form != "log group" else None
    prefix = draft.pick(["", "exec", "exec/", "a*b"]) if bucket else ""
    if bucket and draft.maybe(0.4):
        draft.note("bucket_owners", bucket, draft.account())
    return EcsExec("override", group, bucket, prefix, key)
