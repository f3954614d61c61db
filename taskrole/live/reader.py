"""Reading from AWS, many answers at a time: never more than ten requests in flight, each answer kept."""

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

# A reading of hundreds of services meets AWS's limits sooner or later, and waits rather than gives up.
PATIENT = 10  # attempts
LONGEST_CALL = 180.0  # seconds, for all attempts of a call: the waits between ten may add up to two minutes
LONGEST_READING = 3_600.0  # seconds

_Item = TypeVar("_Item")
_Found = TypeVar("_Found")


class KeptAnswers(Protocol):
    """What finds and keeps the answers to requests, such as `answer_cache.Answers`."""

    def find(self, request: Any) -> Any:
        """Return the answer to a request, or None."""

    def keep(self, request: Any, answer: Any) -> None:
        """Keep the answer to a request."""


class Reader:
    """Calls read-only operations in one region; `calls` counts those that went to AWS."""

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
        # Made beforehand: clients may be used by many threads, but not made by them.
        limits = {"seconds": LONGEST_CALL, "total": LONGEST_READING}
        self._services = {name: connect(name, region, PATIENT, credentials, **limits) for name in ("ecs", "iam")}

    def call(
        self, service: str, operation: str, keep: Callable[[Any], Any] | None = None, **parameters: Any
    ) -> dict[str, Any]:
        """Return the checked answer of an operation, as JSON knows it; `keep` makes of it what is kept.

        Raises ToolError; for an answer that is not as documented AnswerError, and such an answer is not kept.
        """
        request = [service, operation, parameters]
        action = action_of(service, operation)
        known: dict[str, Any] | None = self._answers.find(request)
        if known is not None and _is_as_documented(action, known):
            return known
        if self._is_stopped():
            raise ToolError(f"{action}: not asked, since the reading was stopped")
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

        A page that was kept leads to the next: so a listing, too, goes on where it was.
        """
        return pages_of(service, operation, parameters, partial(self.call, service))

    def each(
        self, read: Callable[[_Item], _Found], items: Sequence[_Item], done: Callable[[int], None] | None = None
    ) -> list[_Found]:
        """Return what `read` finds for each item, in their order, ten at a time; `done` hears how many there are.

        After an error nothing more is begun; what is under way comes to its end and is kept.
        """
        found: list[_Found] = []
        pool = ThreadPoolExecutor(MOST_AT_ONCE)
        try:
            for one in pool.map(read, items):
                found.append(one)
                if done:
                    done(len(found))
        finally:
            pool.shutdown(cancel_futures=True)
        return found


def _is_as_documented(action: str, answer: Any) -> bool:
    try:
        check_answer(action, answer)
    except AnswerError:
        return False
    return True
