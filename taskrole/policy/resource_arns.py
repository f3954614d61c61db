"""ARNs in the Resource element with fewer than six fields.

"When you specify an incomplete ARN (one with fewer than the standard six fields) in an identity-based policy, AWS
automatically completes the ARN by adding wildcard characters (*) to all missing fields": `arn:aws:sqs` is
`arn:aws:sqs:*:*:*`. Session policies do not support this, and AWS does not document it for other policies, so no proof
relies on an incomplete ARN.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html
"""

from __future__ import annotations

from taskrole.policy.policy_variables import remove_variables

ARN_FIELDS = 6


def completed_arn(pattern: str) -> str:
    """Return a pattern with `*` for each missing field of an ARN; other text is returned unchanged.

    A pattern that ends in `*` is complete: a wildcard of a resource spans colons.
    """
    if not pattern.startswith("arn:") or pattern.endswith("*"):
        return pattern
    missing = ARN_FIELDS - 1 - remove_variables(pattern).count(":")
    return pattern + ":*" * max(0, missing)
