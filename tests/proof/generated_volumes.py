"""Random volumes: EFS, S3 Files, FSx, EBS, Docker and host."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.proof.generated_values import parameter_arn, secret_arn
from tests.proof.setting import Draft

EFS = ("fs-0a1b2c3d", "fs-0a1b2c3d4", "fs-11112222")
ACCESS_POINTS = ("fsap-0a1b2c3d", "fsap-0a1b2c3d4")
S3_FILE_SYSTEMS = ("fs-0123456789abcdef0", "fs-0123456789abcdef01")


def add_volumes(draft: Draft, document: dict[str, Any]) -> None:
    """Add up to three volumes to a task definition."""
    kinds: list[Callable[[Draft], dict[str, Any]]] = [_efs, _efs, _efs, _s3_files, _plain]
    if not set(draft.launch) & {"FARGATE", "MANAGED_INSTANCES"}:
        kinds.append(_fsx)
    count = draft.pick([0, 0, 1, 2, 3])
    volumes = [{"name": name, **draft.pick(kinds)(draft)} for name in ("data", "data2", "dat")[:count]]
    if volumes:
        document["volumes"] = volumes


def _efs(draft: Draft) -> dict[str, Any]:
    made: dict[str, Any] = {"fileSystemId": draft.pick(EFS), "rootDirectory": "/"}
    authorization: dict[str, str] = {}
    if draft.maybe(0.8):
        authorization["iam"] = draft.pick(["ENABLED", "ENABLED", "ENABLED", "DISABLED"])
    if draft.maybe(0.4):
        authorization["accessPointId"] = draft.pick(ACCESS_POINTS)
    if authorization:
        made |= {"authorizationConfig": authorization, "transitEncryption": "ENABLED"}
    return {"efsVolumeConfiguration": made}


def _s3_files(draft: Draft) -> dict[str, Any]:
    id_ = draft.pick(S3_FILE_SYSTEMS)
    arn = draft.place.arn("s3files", f"file-system/{id_}", draft.region(), draft.account())
    made = {"fileSystemArn": arn}
    if draft.maybe(0.4):
        made["accessPointArn"] = f"{arn}/access-point/{draft.pick(ACCESS_POINTS)}"
    if draft.maybe(0.3):
        bucket = draft.pick(["app-files", "app-files-x"])
        draft.note("s3_files_buckets", draft.pick([arn, id_]), bucket)
        if draft.maybe(0.4):
            draft.note("bucket_owners", bucket, draft.account())
        draft.note_key(bucket, draft.region(), account=draft.account())
    return {"s3filesVolumeConfiguration": made}


def _fsx(draft: Draft) -> dict[str, Any]:
    credentials = draft.pick([secret_arn, parameter_arn])(draft)
    authorization = {"credentialsParameter": credentials, "domain": "corp.example.com"}
    made = {"fileSystemId": "fs-0a1b2c3d4e5f60718", "rootDirectory": "share", "authorizationConfig": authorization}
    return {"fsxWindowsFileServerVolumeConfiguration": made}


def _plain(draft: Draft) -> dict[str, Any]:
    return draft.pick(
        [{}, {"host": {}}, {"dockerVolumeConfiguration": {"scope": "task"}}, {"configuredAtLaunch": True}]
    )
