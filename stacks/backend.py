"""Where a stack keeps its Terraform state: a file, an S3 bucket, or HCP Terraform."""

from __future__ import annotations

from pydantic import BaseModel

from taskrole.config.model import Backend, CloudBackendSettings, LocalBackendSettings, S3BackendSettings
from taskrole_cdktf.engine import (
    CloudBackend,
    LocalBackend,
    NamedCloudWorkspace,
    S3Backend,
    S3BackendAssumeRoleConfig,
    S3BackendEndpointConfig,
    TerraformStack,
)
from taskrole_cdktf.literals import unevaluated

# Terraform runs in cdktf.out/stacks/STACK; a state belongs beside cdktf.json, where nothing cleans up.
_PROJECT = "../../.."


def add_backend(stack: TerraformStack, backend: Backend) -> None:
    """Give a stack its backend, as resolved: `path`, `key` and `region`, or `workspace` filled in."""
    if isinstance(backend, LocalBackendSettings):
        LocalBackend(stack, path=unevaluated(f"{_PROJECT}/{backend.path}"))
    elif isinstance(backend, S3BackendSettings):
        _add_s3(stack, backend)
    else:
        _add_cloud(stack, backend)


def _add_s3(stack: TerraformStack, backend: S3BackendSettings) -> None:
    added = S3Backend(
        stack,
        bucket=backend.bucket,
        key=unevaluated(backend.key or ""),
        region=unevaluated(backend.region or ""),
        encrypt=backend.encrypt,
        kms_key_id=backend.kms_key_id and unevaluated(backend.kms_key_id),
        use_path_style=backend.use_path_style or None,
        assume_role=backend.assume_role and S3BackendAssumeRoleConfig(**_given(backend.assume_role)),
        endpoints=backend.endpoints and S3BackendEndpointConfig(**_given(backend.endpoints)),
    )
    # CDKTF 0.21 has no argument for it: https://github.com/hashicorp/terraform-cdk/issues/3889
    added.add_override("use_lockfile", backend.use_lockfile)


def _add_cloud(stack: TerraformStack, backend: CloudBackendSettings) -> None:
    workspace = NamedCloudWorkspace(name=backend.workspace, project=backend.project and unevaluated(backend.project))
    CloudBackend(stack, hostname=backend.hostname, organization=backend.organization, workspaces=workspace)


def _given(settings: BaseModel) -> dict[str, str]:
    return {name: unevaluated(value) for name, value in settings.model_dump(exclude_none=True).items()}
