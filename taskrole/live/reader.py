"""Reads from AWS concurrently, with at most ten requests in flight and a cache of answers."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, Protocol, TypeVar

from taskrole.errors import ToolError
from taskrole.live.answers import AnswerError, check_answer
from taskrole.live.client import MOST_AT_ONCE, aws_errors
from taskrole.live.credentials import SessionCredentials
from taskrole.live.service import action_of, connect, pages_of

# Reading hundreds of services is eventually throttled; wait instead of failing.
PATIENT = 10  # attempts
LONGEST_CALL = 180.0  # seconds, for all attempts of a call: the waits between ten may add up to two minutes
LONGEST_READING = 3_600.0  # seconds

_Item = TypeVar("_Item")
_Result = TypeVar("_Result")


class KeptAnswers(Protocol):
    """A cache of answers, such as `answer_cache.Answers`."""

    def find(self, request: Any) -> Any:
        """Return the answer to a request, or None."""

    def keep(self, request: Any, answer: Any) -> None:
        """Store the answer to a request."""


class Reader:
    """Calls read-only operations in a region; `calls` counts the requests to AWS."""

    def __init__(
        self,
        region: str,
        answers: KeptAnswers,
        credentials: SessionCredentials | None = None,
        is_stopped: Callable[[], bool] = lambda: False,
    ) -> None:
        """Prepare a reader with these credentials, or the environment's; once it `is_stopped`, it calls nothing."""
        self.calls = 0
        self._is_stopped = is_stopped
        self._answers = answers
        self._lock = threading.Lock()
        # Created here because threads can share clients but not create them.
        limits = {"seconds": LONGEST_CALL, "total": LONGEST_READING}
        self._services = {name: connect(name, region, PATIENT, credentials, **limits) for name in ("ecs", "iam")}

    def call(
        self, service: str, operation: str, keep: Callable[[Any], Any] | None = None, **parameters: Any
    ) -> dict[str, Any]:
        """Return the checked answer of an operation, as JSON data; `keep` reduces it to what is cached.

        Raises ToolError, and AnswerError for an answer that is not as documented, which is not cached.
        """
        request = [service, operation, parameters]
        action = action_of(service, operation)
        known: dict[str, Any] | None = self._answers.find(request)
        if known is not None and _is_as_documented(action, known):
            return known
        if self._is_stopped():
            raise ToolError(f"{action}: skipped, as the reading was stopped")
        with aws_errors(f"reading the account ({action})"):
            answer = self._services[service].ask(operation, **parameters)
        with self._lock:
            self.calls += 1
        answer.pop("ResponseMetadata", None)
        plain: dict[str, Any] = json.loads(json.dumps(keep(answer) if keep else answer, default=str))
        self._answers.keep(request, plain)
        return plain

    def pages(self, service: str, operation: str, **parameters: Any) -> Iterator[Any]:
        """Yield the pages of an operation.

        Pages are cached, so that an interrupted listing can also continue.
        """
        return pages_of(service, operation, parameters, partial(self.call, service))

    def each(
        self, read: Callable[[_Item], _Result], items: Sequence[_Item], done: Callable[[int], None] | None = None
    ) -> list[_Result]:
        """Return the results of `read` for items, in their order, ten at a time; `done` is called with their number.

        After an error no further read is started; those in progress finish and are cached.
        """
        results: list[_Result] = []
        pool = ThreadPoolExecutor(MOST_AT_ONCE)
        try:
            for result in pool.map(read, items):
                results.append(result)
                if done:
                    done(len(results))
        finally:
            pool.shutdown(cancel_futures=True)
        return results


def _is_as_documented(action: str, answer: Any) -> bool:
    try:
        check_answer(action, answer)
    except AnswerError:
        return False
    return True
