"""All of CDKTF that taskrole uses.

Nothing else imports cdktf, constructs or the provider: to move to another engine, change this file.
"""

from __future__ import annotations

import sys
from typing import Any

from taskrole_cdktf.fast_start import fast_start

with fast_start():
    import jsii
    from cdktf import (
        Annotations,
        App,
        DefaultTokenResolver,
        NamedCloudWorkspace,
        StringConcat,
        TerraformDataSource,
        TerraformOutput,
        TerraformResource,
        TerraformResourceLifecycle,
        TerraformStack,
        Testing,
        Token,
        Tokenization,
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

# Errors from Node, where CDKTF runs: a fault of jsii, or an error thrown by the code it called.
CdktfError = (JSIIError, RuntimeError)


def backend_class(name: str) -> Any:
    """Return the construct of one of Terraform's backends, such as s3. Raises AttributeError if CDKTF has none."""
    return getattr(sys.modules[TerraformStack.__module__], f"{name.capitalize()}Backend")


__all__ = [
    "Annotations",
    "App",
    "AwsProvider",
    "CdktfError",
    "Construct",
    "DefaultTokenResolver",
    "IamPolicy",
    "IamRole",
    "IamRolePoliciesExclusive",
    "IamRolePolicy",
    "IamRolePolicyAttachment",
    "IamRolePolicyAttachmentsExclusive",
    "NamedCloudWorkspace",
    "StringConcat",
    "TerraformDataSource",
    "TerraformOutput",
    "TerraformResource",
    "TerraformResourceLifecycle",
    "TerraformStack",
    "Testing",
    "Token",
    "Tokenization",
    "backend_class",
    "jsii",
]
