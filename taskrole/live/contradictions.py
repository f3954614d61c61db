"""Detects errors caused by contradictory answers, with which another reading would fail again."""

from __future__ import annotations

from taskrole.errors import ToolError
from taskrole.live.answers import ContradictionError
from taskrole.live.client import error_of

# AWS's error codes for an unknown name or token, which was taken from an earlier answer.
# Sources: the errors of each operation, https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Operations.html,
# https://docs.aws.amazon.com/IAM/latest/APIReference/CommonErrors.html,
# https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html
_UNKNOWN = frozenset(
    (
        "ClientException",
        "ClusterNotFoundException",
        "InvalidInput",
        "InvalidNextTokenException",
        "InvalidParameterException",
        "NoSuchEntity",
        "NoSuchEntityException",
        "ValidationError",
    )
)


def is_contradiction(error: ToolError) -> bool:
    """Return whether an error is caused by answers that contradict each other or the current state of the account.

    It is unknown which of them is wrong, so none may stay cached.
    """
    from botocore.exceptions import ClientError

    cause = error.__cause__
    return isinstance(error, ContradictionError) or (isinstance(cause, ClientError) and error_of(cause)[0] in _UNKNOWN)
