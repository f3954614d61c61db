"""Objects in S3, credential specs and volumes: sections 6, 7 and 8 of AWS's rules."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from tests.proof.agent.needs import ANYTHING, EXECUTION, TASK, Need, Place, exactly
from tests.proof.agent.values import decrypt, one_parameter, secret_needs


def file_needs(place: Place) -> Iterator[Need]:
    """Yield the calls that read environment files and credential specs."""
    for container in place.containers:
        for file in container.get("environmentFiles") or ():
            yield from object_needs(place, file["value"], "S3")
        legacy = [option for option in container.get("dockerSecurityOptions") or () if "credentialspec" in option]
        for spec in container.get("credentialSpecs") or legacy:
            yield from _credential_spec(place, spec)


def object_needs(place: Place, arn: str, rule: str, *, role: str = EXECUTION) -> Iterator[Need]:
    """Yield the calls that read one object."""
    bucket = arn.split("/", 1)[0]
    yield from of_bucket(place, role, "s3:GetObject", arn, exactly(arn), rule=rule)
    yield from of_bucket(place, role, "s3:GetBucketLocation", bucket, exactly(bucket), rule=rule)
    yield from decrypt(place, [arn, bucket.split(":")[-1], bucket], "s3", None, role=role)


def of_bucket(place: Place, role: str, action: str, arn: str, scope: str, *, rule: str) -> Iterator[Need]:
    """Yield a call to a bucket, in which its owner must be who options say."""
    bucket = arn.split(":", 5)[5].split("/", 1)[0]
    owner = place.options.bucket_owners.get(bucket)
    is_known = owner is not None or place.options.bucket_owner_is_task_account
    owner = owner or place.account
    demanded = (("aws:ResourceAccount", exactly(owner)),) if is_known else ()
    yield Need(role, action, arn, scope, rule, {"aws:ResourceAccount": owner}, demanded)


def written_objects(
    place: Place, bucket: str, folder: str, *, rule: str, actions: Iterable[str] = ("s3:PutObject",)
) -> Iterator[Need]:
    """Yield the calls by which a log router writes an object below a folder of its own bucket."""
    arn = place.arn("s3", bucket, region="", account="") + f"/{folder}"
    for action in actions:
        yield from of_bucket(place, TASK, action, f"{arn}2026/11/24/log.gz", exactly(arn) + ".*", rule=rule)


def _credential_spec(place: Place, text: str) -> Iterator[Need]:
    kind, _, location = text.partition(":")
    if ":s3:" in location:
        yield from object_needs(place, location, "GM-1")
        if "gmsa" in place.options.compat:
            bucket = location.split("/", 1)[0]
            yield from of_bucket(place, EXECUTION, "s3:GetObjectVersion", location, exactly(location), rule="GM-1")
            yield from of_bucket(place, EXECUTION, "s3:ListBucket", bucket, exactly(bucket), rule="GM-1")
    elif ":ssm:" in location:
        # The agent drops region and account of the ARN, and on Windows does not decrypt.
        name = location.split(":parameter/", 1)[1]
        yield from one_parameter(place, name, place.context.region, is_decrypted=not place.is_windows)
    if kind == "credentialspecdomainless":
        yield from secret_needs(place, place.options.credential_spec_secrets[location], "GM-4")


def volume_needs(place: Place) -> Iterator[Need]:
    """Yield the calls that mount volumes."""
    for volume in place.document.get("volumes") or ():
        writes = _writes(place, volume["name"])
        if volume.get("efsVolumeConfiguration"):
            yield from _efs(place, volume["efsVolumeConfiguration"], writes=writes)
        if volume.get("s3filesVolumeConfiguration"):
            yield from _s3_files(place, volume["s3filesVolumeConfiguration"], writes=writes)
        if volume.get("fsxWindowsFileServerVolumeConfiguration"):
            yield from _fsx(place, volume["fsxWindowsFileServerVolumeConfiguration"])


def _writes(place: Place, volume: str) -> bool:
    mounts = [mount for container in place.containers for mount in container.get("mountPoints") or ()]
    return any(mount["sourceVolume"] == volume and not mount.get("readOnly") for mount in mounts)


def _efs(place: Place, efs: Mapping[str, Any], *, writes: bool) -> Iterator[Need]:
    authorization = efs.get("authorizationConfig") or {}
    if authorization.get("iam") != "ENABLED":
        return
    id_ = efs["fileSystemId"]
    arn = place.arn("elasticfilesystem", f"file-system/{id_}")
    context, demanded = {"aws:SecureTransport": "true"}, []
    if authorization.get("accessPointId"):
        access_point = place.arn("elasticfilesystem", f"access-point/{authorization['accessPointId']}")
        context["elasticfilesystem:AccessPointArn"] = access_point
        demanded.append(("elasticfilesystem:AccessPointArn", exactly(access_point)))
    if place.options.efs_secure_transport:
        demanded.append(("aws:SecureTransport", "true"))
    for action in _client_actions(place, id_, writes=writes):
        yield Need(TASK, f"elasticfilesystem:{action}", arn, exactly(arn), "EFS-1", context, tuple(demanded))
    if place.options.efs_describe_mount_targets:
        yield Need(TASK, "elasticfilesystem:DescribeMountTargets", arn, exactly(arn), "EFS-4", {})


def _client_actions(place: Place, id_: str, *, writes: bool) -> list[str]:
    is_root = id_ in place.options.efs_root_access
    return ["ClientMount", *(["ClientWrite"] if writes else []), *(["ClientRootAccess"] if is_root else [])]


def _s3_files(place: Place, files: Mapping[str, Any], *, writes: bool) -> Iterator[Need]:
    arn = files["fileSystemArn"]
    id_ = arn.split("/")[1]
    access_point = files.get("accessPointArn")
    key = "s3files:AccessPointArn"
    context, demanded = ({key: access_point}, ((key, exactly(access_point)),)) if access_point else ({}, ())
    for action in _client_actions(place, id_, writes=writes):
        yield Need(TASK, f"s3files:{action}", arn, exactly(arn), "S3F-1", context, demanded)
    bucket = place.options.s3_files_buckets.get(arn) or place.options.s3_files_buckets.get(id_)
    if bucket:
        whole = place.arn("s3", bucket, region="", account="")
        objects = f"{exactly(whole)}/{ANYTHING}"
        for action in ("s3:GetObject", "s3:GetObjectVersion"):
            yield from of_bucket(place, TASK, action, f"{whole}/data/large.bin", objects, rule="S3F-2")
        yield from of_bucket(place, TASK, "s3:ListBucket", whole, exactly(whole), rule="S3F-2")
        yield from decrypt(place, [bucket, whole], "s3", None, role=TASK)


def _fsx(place: Place, fsx: Mapping[str, Any]) -> Iterator[Need]:
    yield Need(EXECUTION, "fsx:DescribeFileSystems", "*", ANYTHING, "FSX-3", {})
    credentials = fsx["authorizationConfig"]["credentialsParameter"]
    if ":secretsmanager:" in credentials:
        yield from secret_needs(place, credentials, "FSX-1")
    else:
        name = credentials.split(":parameter/", 1)[1]
        yield from one_parameter(place, name, place.context.region, is_decrypted=False)
