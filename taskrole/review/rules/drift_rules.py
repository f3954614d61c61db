"""The rules about what was changed outside of Terraform."""

from __future__ import annotations

from taskrole.review.rules.rule import IAM, ReviewRule

_DRIFT = "https://developer.hashicorp.com/terraform/tutorials/state/resource-drift"

DRIFTED_TRUST = ReviewRule(
    "TR-DRIFT-TRUST",
    "error",
    "The trust policy was changed outside of Terraform",
    "Somebody let others assume the role, or took a condition away, without a plan that anybody could review.",
    "find out who it was, and put the configured trust policy back where the plan does not",
    _DRIFT,
)
DRIFTED_BOUNDARY = ReviewRule(
    "TR-DRIFT-BOUNDARY",
    "error",
    "The permissions boundary was removed or loosened outside of Terraform",
    "The boundary was the most that the role's policies could ever grant. Who may take it away may give the role"
    " everything.",
    "find out who it was, and put the configured boundary back where the plan does not",
    f"{IAM}/access_policies_boundaries.html",
)
DENY = ReviewRule(
    "TR-DRIFT-DENY",
    "error",
    "A denial was taken from a role outside of Terraform",
    "What other policies allow, and the denial kept from the role, it can do now.",
    "find out who it was, and put the denial back where the plan does not",
    f"{IAM}/reference_policies_evaluation-logic.html",
)
PUT_ON = ReviewRule(
    "TR-DRIFT-POLICY",
    "error",
    "A policy was put on the role outside of Terraform",
    "It grants what no configuration says. Only an exclusive resource makes Terraform remove it.",
    "remove it, or add aws_iam_role_policies_exclusive and aws_iam_role_policy_attachments_exclusive",
    "https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/iam_role_policies_exclusive",
)
DRIFTED_DOCUMENT = ReviewRule(
    "TR-DRIFT-DOCUMENT",
    "warning",
    "A policy was edited, deleted or detached outside of Terraform",
    "What the role may do now is not what was last applied.",
    "find out why, and put the configured policy back where the plan does not",
    _DRIFT,
)
IN_PROFILE = ReviewRule(
    "TR-DRIFT-PROFILE",
    "error",
    "An instance profile was given another role outside of Terraform",
    "The instances that use the profile have the permissions of that role now.",
    "find out who it was, and put the configured role back where the plan does not",
    f"{IAM}/id_roles_use_switch-role-ec2_instance-profiles.html",
)

RULES = (DRIFTED_TRUST, DRIFTED_BOUNDARY, DENY, PUT_ON, DRIFTED_DOCUMENT, IN_PROFILE)
