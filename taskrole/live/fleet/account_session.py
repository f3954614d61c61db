"""The session in an account: assumed on first use, and again when it expires."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from taskrole.errors import ToolError
from taskrole.live.credentials import SessionCredentials
from taskrole.live.fleet.accounts import Target
from taskrole.live.fleet.assume import Assumption, RoleError
from taskrole.live.fleet.failures import EXPIRED, ReadingFailure, code_of, reason_of

# A session lasts for an hour. Reading an account that takes longer continues with another.
MOST_SESSIONS = 4
_NOT_ENABLED = "the credentials are invalid in this region, which is not enabled for the account"

_Result = TypeVar("_Result")


class AccountSession:
    """The session of an assumed role in an account; without an `assumption`, the environment's credentials."""

    def __init__(self, target: Target, assumption: Assumption | None) -> None:
        self._target = target
        self._assumption = assumption
        self._credentials: SessionCredentials | None = None
        self._sessions = 0

    def read(self, read: Callable[[SessionCredentials | None], _Result]) -> _Result:
        """Return the result of `read`, which is called again with a new session when one expired.

        Raises RoleError, CallerError, and what `read` raises.
        """
        while True:
            if self._assumption and self._credentials is None:
                self._sessions += 1
                self._credentials = self._assumption.credentials(self._target.account)
            try:
                return read(self._credentials)
            except ToolError as error:
                if code_of(error) not in EXPIRED or not self._assumption or self._sessions >= MOST_SESSIONS:
                    raise
                self._credentials = None

    def failure(self, region: str, error: ToolError) -> ReadingFailure:
        """Return the failure for an error in a region, or in the whole account if the region is empty."""
        reason = "role" if isinstance(error, RoleError) else reason_of(error)
        message = _NOT_ENABLED if reason == "region" else str(error).splitlines()[0]
        return ReadingFailure(self._target.account, region, self._target.name, reason, message)
