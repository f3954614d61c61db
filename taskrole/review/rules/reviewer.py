"""The rules for taskrole.review.yaml: failed assertions, and waivers and approvals without effect."""

from __future__ import annotations

from taskrole.review.rules.rule import IAM, ReviewRule

ASSERTION = ReviewRule(
    "TR-ASSERTION",
    "error",
    "An assertion of taskrole.review.yaml does not hold",
    "The file states what a role must or must not be able to do; after the plan it is otherwise, or is unknown.",
    "change the policy, or the assertion",
    f"{IAM}/reference_policies_evaluation-logic.html",
)
WAIVER = ReviewRule(
    "TR-WAIVER",
    "warning",
    "A waiver or approval has expired, or is invalid",
    "It has no effect: the findings and grants that it covers count as if it did not exist.",
    "remove it, correct it, or extend its expiry date",
    f"{IAM}/best-practices.html",
)

RULES = (ASSERTION, WAIVER)
