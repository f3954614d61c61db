"""Why an account, or a region of it, could not be read."""

from __future__ import annotations

from typing import Literal, get_args

from taskrole.dataclass import dataclass
from taskrole.errors import ToolError
from taskrole.live.answers import AnswerError
from taskrole.live.client import error_of

# `role`: it cannot be assumed. `denied`: it can be assumed but lacks permissions. `region`: not enabled. `changed`: a
# role or policy was deleted while the account was read. `answer`: AWS, or an endpoint in its place, returned an
# undocumented answer. `missing`: no report on the account was given.
Reason = Literal["role", "denied", "throttled", "expired", "region", "changed", "network", "answer", "missing"]
REASONS: tuple[Reason, ...] = get_args(Reason)
# These reasons are temporary: a retry can succeed.
PASSING: frozenset[Reason] = frozenset(("throttled", "expired", "changed", "network"))

EXPIRED = frozenset(("ExpiredToken", "ExpiredTokenException", "RequestExpired"))
_CODES: dict[str, Reason] = {
    **dict.fromkeys(EXPIRED, "expired"),
    **dict.fromkeys(("AccessDenied", "AccessDeniedException", "UnauthorizedOperation"), "denied"),
    **dict.fromkeys(
        (
            "Throttling",
            "ThrottlingException",
            "ThrottledException",
            "TooManyRequestsException",
            "RequestLimitExceeded",
            "SlowDown",
        ),
        "throttled",
    ),
    "NoSuchEntity": "changed",
    # A new session's token is invalid only in a region that is not enabled.
    **dict.fromkeys(("UnrecognizedClientException", "InvalidClientTokenId", "AuthFailure"), "region"),
}


@dataclass(frozen=True, order=True, slots=True)
class ReadingFailure:
    """An account, or a region of it, that was not read, and the reason; `message` is one line."""

    account: str
    region: str
    name: str
    reason: Reason
    message: str

    @property
    def is_temporary(self) -> bool:
        """Return whether the reason is temporary, so that a retry can succeed."""
        return self.reason in PASSING


def code_of(error: ToolError) -> str:
    """Return the code of the AWS error that caused this error, or an empty string."""
    from botocore.exceptions import ClientError

    return error_of(error.__cause__)[0] if isinstance(error.__cause__, ClientError) else ""


def reason_of(error: ToolError) -> Reason:
    """Return the reason of a failure, from the AWS error that caused this error."""
    if isinstance(error, AnswerError):
        return "answer"
    return _CODES.get(code_of(error), "network")
