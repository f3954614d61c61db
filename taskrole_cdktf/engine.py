"""All of CDKTF that taskrole uses.

Nothing else imports cdktf, constructs or the provider: to move to another engine, change this file.
"""

from __future__ import annotations

from taskrole_cdktf.fast_start import fast_start

with fast_start():
    from cdktf import (
        App,
        CloudBackend,
        LocalBackend,
        NamedCloudWorkspace,
        S3Backend,
        S3BackendAssumeRoleConfig,
        S3BackendEndpointConfig,
        TerraformOutput,
        TerraformResourceLifecycle,
        TerraformStack,
        Testing,
    )
    from cdktf_cdktf_provider_aws.iam_policy import IamPolicy
    from cdktf_cdktf_provider_aws.iam_role import IamRole
    from cdktf_cdktf_provider_aws.iam_role_policies_exclusive import IamRolePoliciesExclusive
    from cdktf_cdktf_provider_aws.iam_role_policy import IamRolePolicy
    from cdktf_cdktf_provider_aws.iam_role_policy_attachment import IamRolePolicyAttachment
    from cdktf_cdktf_provider_aws.iam_role_policy_attachments_exclusive import IamRolePolicyAttachmentsExclusive
    from cdktf_cdktf_provider_aws.provider import AwsProvider
    from constructs import Construct
    from jsii.errors import JSIIError

# What comes back from Node, where CDKTF runs: a fault of jsii's, or an error thrown by what it called.
CdktfError = (JSIIError, RuntimeError)

__all__ = [
    "App",
    "AwsProvider",
    "CdktfError",
    "CloudBackend",
    "Construct",
    "IamPolicy",
    "IamRole",
    "IamRolePoliciesExclusive",
    "IamRolePolicy",
    "IamRolePolicyAttachment",
    "IamRolePolicyAttachmentsExclusive",
    "LocalBackend",
    "NamedCloudWorkspace",
    "S3Backend",
    "S3BackendAssumeRoleConfig",
    "S3BackendEndpointConfig",
    "TerraformOutput",
    "TerraformResourceLifecycle",
    "TerraformStack",
    "Testing",
]
