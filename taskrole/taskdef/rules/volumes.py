"""Rules about volumes."""

from __future__ import annotations

from taskrole.taskdef.rules.rule import AGENT, API, DOCS, ECS, EXECUTION, TASK, Rule

_EFS = "volumes[].efsVolumeConfiguration"
_S3_FILES = "volumes[].s3filesVolumeConfiguration"
_FSX = "volumes[].fsxWindowsFileServerVolumeConfiguration"
_EFS_PAGE = f"{DOCS}/efs/latest/ug/iam-access-control-nfs-efs.html"
_FILE_SYSTEM = "arn:P:elasticfilesystem:R:A:file-system/FS"

RULES = (
    Rule(
        "EFS-1",
        "grant",
        "Mount an EFS file system with IAM: write unless every mount is read-only, root only by option",
        f"{_EFS}.authorizationConfig.iam",
        _EFS_PAGE,
        TASK,
        ("elasticfilesystem:ClientMount",),
        f"{_FILE_SYSTEM} if elasticfilesystem:AccessPointArn is the access point's",
    ),
    Rule(
        "EFS-2",
        "note",
        "Without IAM a client is anonymous, and a grant would have no effect",
        f"{_EFS}.authorizationConfig.iam",
        f"{ECS}/efs-best-practices.html",
    ),
    Rule(
        "EFS-3",
        "refused",
        "IAM and access points need transitEncryption: ENABLED",
        f"{_EFS}.transitEncryption",
        f"{API}/API_EFSVolumeConfiguration.html",
    ),
    Rule(
        "EFS-4",
        "option",
        "Let the mount helper find mount targets in other zones",
        "option efs_describe_mount_targets",
        f"{DOCS}/efs/latest/ug/mounting-fs-mount-helper.html",
        TASK,
        ("elasticfilesystem:DescribeMountTargets",),
        _FILE_SYSTEM,
        verified=False,
        note="AWS's managed policy has it; that only this fallback needs it was not read.",
    ),
    Rule(
        "EFS-ID",
        "refused",
        "Ids of file systems (fs-) and access points (fsap-) are 8 to 40 hexadecimal digits",
        _EFS,
        f"{DOCS}/efs/latest/ug/API_FileSystemDescription.html",
    ),
    Rule(
        "EFS-VALUE",
        "refused",
        "iam and transitEncryption are ENABLED or DISABLED",
        _EFS,
        f"{API}/API_EFSVolumeConfiguration.html",
    ),
    Rule(
        "EFS-CONDITIONS",
        "fact",
        "EFS heeds four condition keys; a guard such as aws:ResourceAccount does nothing",
        _EFS,
        _EFS_PAGE,
    ),
    Rule(
        "S3F-1",
        "grant",
        "Mount an S3 file system, always with IAM: write unless every mount is read-only, root only by option",
        _S3_FILES,
        f"{DOCS}/service-authorization/latest/reference/list_s3files.html",
        TASK,
        ("s3files:ClientMount",),
        "the file system's ARN if s3files:AccessPointArn is the access point's",
    ),
    Rule(
        "S3F-2",
        "option",
        "Read the bucket behind an S3 file system directly, past its file permissions",
        "option s3_files_buckets",
        f"{DOCS}/AmazonS3/latest/userguide/s3-files-prereq-policies.html",
        TASK,
        ("s3:GetObject", "s3:GetObjectVersion"),
        "arn:P:s3:::BUCKET/*; s3:ListBucket on arn:P:s3:::BUCKET",
    ),
    Rule(
        "S3F-FORM",
        "refused",
        "S3 file systems and their access points are given by ARN",
        _S3_FILES,
        f"{ECS}/s3files-volumes.html",
    ),
    Rule(
        "FSX-1",
        "grant",
        "Credentials for FSx in a secret",
        f"{_FSX}.authorizationConfig.credentialsParameter",
        f"{AGENT}/agent/taskresource/fsxwindowsfileserver/fsxwindowsfileserver_windows.go",
        EXECUTION,
        ("secretsmanager:GetSecretValue",),
        "the ARN; without its suffix ARN-??????",
    ),
    Rule(
        "FSX-2",
        "grant",
        "Credentials for FSx in a parameter, read in the task's own region and account",
        f"{_FSX}.authorizationConfig.credentialsParameter",
        f"{AGENT}/agent/taskresource/fsxwindowsfileserver/fsxwindowsfileserver_windows.go",
        EXECUTION,
        ("ssm:GetParameters",),
        "arn:P:ssm:R:A:parameter/NAME",
    ),
    Rule(
        "FSX-3",
        "grant",
        "Find the address of the FSx file system; the action knows no resources",
        _FSX,
        f"{ECS}/wfsx-volumes.html",
        EXECUTION,
        ("fsx:DescribeFileSystems",),
        "*",
    ),
    Rule("FSX-4", "refused", "FSx volumes work on EC2 only", _FSX, f"{ECS}/wfsx-volumes.html"),
    Rule(
        "FSX-FORM",
        "refused",
        "Credentials for FSx are the ARN of a secret or parameter",
        _FSX,
        f"{API}/API_FSxWindowsFileServerAuthorizationConfig.html",
    ),
    Rule(
        "EBS-1",
        "note",
        "Volumes configured at launch need an infrastructure role, named by the service and not here",
        "volumes[].configuredAtLaunch",
        f"{ECS}/infrastructure_IAM_role.html",
    ),
    Rule(
        "DOCK-1",
        "note",
        "Docker, host and bind volumes imply nothing; another's driver uses credentials of its own",
        "volumes[].dockerVolumeConfiguration",
        f"{ECS}/docker-volumes.html",
    ),
    Rule(
        "MOUNT",
        "note",
        "A mount that names no volume, or a volume that nobody mounts",
        "containerDefinitions[].mountPoints[].sourceVolume",
        f"{API}/API_MountPoint.html",
        note="That volumesFrom only repeats mounts of another container was not read.",
    ),
)
