"""Calls to an AWS service, each with a deadline and a checked answer."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from taskrole.errors import ToolError
from taskrole.live.answers import AnswerError, ContradictionError, check_answer
from taskrole.live.client import ATTEMPTS, aws_client, error_of
from taskrole.live.credentials import SessionCredentials
from taskrole.live.limited_session import MOST_BYTES, TooLargeError

_LONGEST_CALL = 60.0  # seconds, for all attempts of one call together
LONGEST_USE = 600.0  # seconds, for all calls of one command to one service

# The parameter and the member that name the next page of a listing.
_TOKENS = {
    "cloudtrail": ("NextToken", "NextToken"),
    "ecs": ("nextToken", "nextToken"),
    "iam": ("Marker", "Marker"),
    "organizations": ("NextToken", "NextToken"),
}

_Result = TypeVar("_Result")


class Service:
    """A service in a region; makes read-only calls.

    botocore's timeouts apply to a single read of the socket, so an answer that arrives byte by byte never exceeds
    them. `seconds` limits a call with all its attempts, `total` all calls together.
    """

    def __init__(self, name: str, client: Any, *, seconds: float = _LONGEST_CALL, total: float = LONGEST_USE) -> None:
        self._name = name
        self._client = client
        self._seconds = seconds
        self._total = total
        self._end = time.monotonic() + total

    def ask(self, operation: str, **parameters: Any) -> dict[str, Any]:
        """Return the checked answer of an operation, such as `get_role`.

        Raises AnswerError for an answer that is not as documented, ToolError after the deadline, and botocore's
        errors, which `aws_errors` turns into a ToolError.
        """
        action = action_of(self._name, operation)
        left = self._end - time.monotonic()
        if left <= 0:
            raise ToolError(f"{action}: AWS did not answer all calls within {self._total:.0f} seconds")
        answer = _within(
            min(self._seconds, left), action, lambda: _call(action, getattr(self._client, operation), parameters)
        )
        check_answer(action, answer)
        return answer

    def find(self, operation: str, **parameters: Any) -> dict[str, Any] | None:
        """Return the checked answer of an operation, or None if AWS returns NoSuchEntity. Raises as `ask`."""
        from botocore.exceptions import ClientError

        try:
            return self.ask(operation, **parameters)
        except ClientError as error:
            if error_of(error)[0] == "NoSuchEntity":
                return None
            raise

    def pages(self, operation: str, **parameters: Any) -> Iterator[dict[str, Any]]:
        """Yield the checked pages of a listing. Raises as `ask`."""
        return pages_of(self._name, operation, parameters, self.ask)


def connect(
    name: str, region: str, attempts: int = ATTEMPTS, credentials: SessionCredentials | None = None, **limits: float
) -> Service:
    """Return a service with these credentials, or the environment's. Raises ToolError as `aws_client`."""
    return Service(name, aws_client(name, region, attempts, credentials), **limits)


def pages_of(
    name: str, operation: str, parameters: dict[str, Any], ask: Callable[..., dict[str, Any]]
) -> Iterator[dict[str, Any]]:
    """Yield the pages of a listing of a service, each requested with `ask`.

    Raises ContradictionError if a page leads back to one that was already read.
    """
    parameter, member = _TOKENS[name]
    following: dict[str, Any] = {}
    tokens: set[str] = set()
    while True:
        page = ask(operation, **parameters, **following)
        yield page
        token = page.get(member)
        if not token:
            return
        if token in tokens:
            raise ContradictionError(action_of(name, operation), f"{member} leads back to a page that was read")
        tokens.add(token)
        following = {parameter: token}


def action_of(name: str, operation: str) -> str:
    """Return service:Operation of an operation as botocore names it: iam:GetRole of get_role."""
    return f"{name}:{''.join(part.capitalize() for part in operation.split('_'))}"


def _within(seconds: float, action: str, call: Callable[[], _Result]) -> _Result:
    """Return the result of a call, or raise its error; raises ToolError if it takes longer.

    A call past its deadline continues in its own thread, which does not prevent the program from exiting.
    """
    results: list[_Result] = []
    errors: list[BaseException] = []
    is_done = threading.Event()

    def run() -> None:
        try:
            results.append(call())
        except BaseException as error:  # noqa: BLE001 -- raised again by the thread that waits
            errors.append(error)
        finally:
            is_done.set()

    threading.Thread(target=run, name=action, daemon=True).start()
    if not is_done.wait(seconds):
        raise ToolError(
            f"{action}: AWS did not answer completely within {seconds:.0f} seconds; look at the network, a proxy of "
            "it, and AWS_ENDPOINT_URL"
        )
    if errors:
        raise errors[0]
    return results[0]


def _call(action: str, operation: Callable[..., Any], parameters: dict[str, Any]) -> dict[str, Any]:
    """Return a raw answer; botocore's parsers can raise any exception for a malformed answer."""
    from botocore.exceptions import BotoCoreError, ClientError
    from botocore.parsers import ResponseParserError

    try:
        answer: dict[str, Any] = operation(**parameters)
    except (BotoCoreError, ClientError, ResponseParserError):
        raise
    except TooLargeError as error:
        raise AnswerError(action, f"it is larger than {MOST_BYTES // 2**20} MiB") from error
    except Exception as error:
        raise AnswerError(action, f"it cannot be parsed ({type(error).__name__})") from error
    return answer
