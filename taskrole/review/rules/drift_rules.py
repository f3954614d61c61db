"""The rules for drift: changes made outside Terraform."""

from __future__ import annotations

from taskrole.review.rules.rule import IAM, ReviewRule

_DRIFT = "https://developer.hashicorp.com/terraform/tutorials/state/resource-drift"

DRIFTED_TRUST = ReviewRule(
    "TR-DRIFT-TRUST",
    "error",
    "The trust policy was changed outside of Terraform",
    "Other principals can assume the role, or a condition is gone, without a plan that was reviewed.",
    "find out who changed it, and restore the configured trust policy if the plan does not",
    _DRIFT,
)
DRIFTED_BOUNDARY = ReviewRule(
    "TR-DRIFT-BOUNDARY",
    "error",
    "The permissions boundary was removed or loosened outside of Terraform",
    "The boundary limits what the role's policies can grant. Anyone who can remove it can grant the role everything.",
    "find out who changed it, and restore the configured boundary if the plan does not",
    f"{IAM}/access_policies_boundaries.html",
)
DENY = ReviewRule(
    "TR-DRIFT-DENY",
    "error",
    "A Deny statement was removed from a role outside of Terraform",
    "The role can now use permissions that other policies allow and that the statement denied.",
    "find out who removed it, and restore the statement if the plan does not",
    f"{IAM}/reference_policies_evaluation-logic.html",
)
ATTACHED_OUTSIDE = ReviewRule(
    "TR-DRIFT-POLICY",
    "error",
    "A policy was attached to the role outside of Terraform",
    "It grants permissions that are in no configuration. Terraform removes it only with an exclusive resource.",
    "remove it, or add aws_iam_role_policies_exclusive and aws_iam_role_policy_attachments_exclusive",
    "https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/iam_role_policies_exclusive",
)
DRIFTED_DOCUMENT = ReviewRule(
    "TR-DRIFT-DOCUMENT",
    "warning",
    "A policy was edited, deleted or detached outside of Terraform",
    "The role's permissions are not those that were last applied.",
    "find out why, and restore the configured policy if the plan does not",
    _DRIFT,
)
PROFILE_ROLE = ReviewRule(
    "TR-DRIFT-PROFILE",
    "error",
    "An instance profile was given another role outside of Terraform",
    "The instances that use the profile now have the permissions of that role.",
    "find out who changed it, and restore the configured role if the plan does not",
    f"{IAM}/id_roles_use_switch-role-ec2_instance-profiles.html",
)

RULES = (DRIFTED_TRUST, DRIFTED_BOUNDARY, DENY, ATTACHED_OUTSIDE, DRIFTED_DOCUMENT, PROFILE_ROLE)
