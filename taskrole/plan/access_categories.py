"""Categories of resource types that can affect access besides roles and their policies."""

from __future__ import annotations

import re
from functools import lru_cache

from taskrole.plan.resource_types import AccessAttributes, terraform_types

UNKNOWN_TYPES = "unknown types"
COMMANDS = "runs commands"
ENCRYPTION = "encryption"
MAKES_UNSEEN = "makes IAM resources unseen"

# Matched in order against the whole type name.
_CATEGORIES: tuple[tuple[str, str, str], ...] = (
    (
        r"aws_iam_service_linked_role",
        "roles and policies",
        "AWS makes a role for one of its services, with a policy of its own",
    ),
    (
        r"aws_iam_(user|group|access_key|service_specific|signing|virtual_mfa|account_password|security_token).*",
        "users and groups",
        "users and groups of IAM are not compared",
    ),
    (
        r"aws_iam_(openid_connect|saml)_provider|aws_eks_identity_provider_config",
        "identity providers",
        "identities of this provider can assume the roles that trust it",
    ),
    (r"aws_(ssoadmin|identitystore)_.*", "single sign-on", "it assigns permission sets to users and groups"),
    (
        r"aws_(organizations|controltower|servicecatalog_organizations)_.*|aws_iam_organizations_features",
        "organisation policies",
        "it can change the permissions of whole accounts",
    ),
    (
        r"aws_eks_.*|kubernetes_.*|kubectl_.*|helm_.*",
        "Kubernetes access",
        "it can grant AWS access to users and workloads of a cluster",
    ),
    (
        r"aws_.*_(access_point|public_access)(_.*)?",
        "resource policies",
        "it can grant access to a resource",
    ),
    (
        r"aws_(rolesanywhere|cognito|account|ram)_.*|aws_iam_(server_certificate|account_alias)|aws_acmpca_.*",
        "accounts and federation",
        "it can grant access to other identities or accounts",
    ),
    (
        r"aws_(kms|lakeformation|s3_bucket|s3_account)_.*|aws_.*_(policy|permissions?|acl|grant|allowed_principal)(_.*)?",
        "resource policies",
        "it can grant access to a resource",
    ),
    (r"aws_.*tags?", "tags", "policies can have conditions on resource tags"),
    (r"local_.*", "writes files", "it writes a file where Terraform runs"),
)
_OF_KIND = {
    "uses_a_role": ("uses of roles", "it can name the role of a workload"),
    "has_a_policy": ("resource policies", "it can grant access to a resource"),
    "other": ("other AWS types", "its type is not listed as having no effect on access"),
}

# Types that create IAM resources outside the plan: the type, the attribute that defines them, and the creator.
_UNSEEN: tuple[tuple[str, str, str], ...] = (
    (r"aws_cloudformation_(stack|stack_set)", "template_body", "CloudFormation makes"),
    (r"aws_cloudformation_stack_(set_)?instances?", "stack_set_name", "CloudFormation makes"),
    (r"aws_serverlessapplicationrepository_cloudformation_stack", "application_id", "CloudFormation makes"),
    (r"aws_servicecatalog_provisioned_product", "product_id", "Service Catalog makes"),
    (r"aws_cloudcontrolapi_resource", "desired_state", "Cloud Control makes"),
    (r"awscc_cloudformation_.*", "template_body", "CloudFormation makes"),
    (r"awscc_servicecatalog_cloudformation_provisioned_product", "product_id", "Service Catalog makes"),
    (r"awscc_iam_.*", "policies", "the provider awscc makes"),
    (r"awscc_ecs_(task_definition|service|task_set)", "task_role_arn", "the provider awscc makes"),
    (r"awscc_(lambda_function|eks_pod_identity_association|rolesanywhere_profile)", "role", "the provider awscc makes"),
)


@lru_cache(maxsize=4096)
def category(type_: str, *, is_of_aws: bool) -> tuple[str, str]:
    """Return the category of a type and why it can affect access, each as a clause."""
    known = terraform_types().kinds.get(type_) if is_of_aws else None
    for pattern, name, why in _CATEGORIES:
        if (is_of_aws or not type_.startswith("aws_")) and re.fullmatch(pattern, type_):
            return name, why
    if known is not None:
        return _OF_KIND[known]
    return UNKNOWN_TYPES, "its type is unknown"


def category_of_attributes(names: frozenset[str], listed: AccessAttributes) -> str:
    """Return the category of a change to these attributes, for a type of which only some attributes affect access."""
    if names <= listed.encryption:
        return ENCRYPTION
    words = {word for name in names for word in name.split("_")}
    return _OF_KIND["has_a_policy" if words & {"acl", "grant", "policy"} else "uses_a_role"][0]


@lru_cache(maxsize=4096)
def unseen_type(type_: str) -> tuple[str, str] | None:
    """Return the attribute and the reason if a type creates IAM resources outside the plan; otherwise None."""
    for pattern, attribute, who in _UNSEEN:
        if re.fullmatch(pattern, type_):
            return attribute, f"{who} IAM resources, or uses of them, that the plan does not show"
    return None
