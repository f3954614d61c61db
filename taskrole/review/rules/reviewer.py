"""What the reviewer's own file says about a plan: assertions that do not hold, waivers that do not count."""

from __future__ import annotations

from taskrole.review.rules.rule import IAM, ReviewRule

ASSERTION = ReviewRule(
    "TR-ASSERTION",
    "error",
    "An assertion of taskrole.review.yaml does not hold",
    "The file says what a role must or must not be able to do; after the plan it is not so, or is unknown.",
    "change the policy, or the assertion",
    f"{IAM}/reference_policies_evaluation-logic.html",
)
WAIVER = ReviewRule(
    "TR-WAIVER",
    "warning",
    "A waiver or approval has expired, or is not understood",
    "It waives nothing: the findings and grants that it was for count as if it were not there.",
    "look at it again: remove it, correct it, or give it a new day to expire on",
    f"{IAM}/best-practices.html",
)

RULES = (ASSERTION, WAIVER)
