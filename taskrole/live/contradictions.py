"""Which errors are of answers that are wrong together, so that another reading with them would fail again."""

from __future__ import annotations

from taskrole.errors import ToolError
from taskrole.live.answers import ContradictionError
from taskrole.live.client import error_of

# AWS's codes for a name or a token, taken from an earlier answer, that it does not know.
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
    """Return whether an error is of answers that contradict each other, or the account as it is now.

    Which of them is wrong is unknown: none may stay cached.
    """
    from botocore.exceptions import ClientError

    cause = error.__cause__
    return isinstance(error, ContradictionError) or (isinstance(cause, ClientError) and error_of(cause)[0] in _UNKNOWN)
