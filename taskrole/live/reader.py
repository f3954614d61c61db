"""Reading from AWS, many answers at a time: never more than ten requests in flight, each answer kept."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from taskrole.live.client import MOST_AT_ONCE, aws_client, aws_errors
from taskrole.live.kept import Answers

# A reading of hundreds of services meets AWS's limits sooner or later, and waits rather than gives up.
PATIENT = 10  # attempts

_Item = TypeVar("_Item")
_Found = TypeVar("_Found")


class Reader:
    """Calls read-only operations in one region; `calls` counts those that went to AWS."""

    def __init__(self, region: str, answers: Answers) -> None:
        self.calls = 0
        self._answers = answers
        self._lock = threading.Lock()
        # Made beforehand: clients may be used by many threads, but not made by them.
        self._clients = {name: aws_client(name, region, PATIENT) for name in ("ecs", "iam")}

    def call(
        self, service: str, operation: str, keep: Callable[[Any], Any] | None = None, **parameters: Any
    ) -> dict[str, Any]:
        """Return the answer of an operation, as JSON knows it; `keep` makes of it what is kept. Raises ToolError."""
        request = [service, operation, parameters]
        known: dict[str, Any] | None = self._answers.find(request)
        if known is not None:
            return known
        action = f"{service}:{''.join(part.capitalize() for part in operation.split('_'))}"
        with aws_errors(f"reading the account ({action})"):
            answer = getattr(self._clients[service], operation)(**parameters)
        with self._lock:
            self.calls += 1
        answer.pop("ResponseMetadata", None)
        plain: dict[str, Any] = json.loads(json.dumps(keep(answer) if keep else answer, default=str))
        self._answers.keep(request, plain)
        return plain

    def pages(self, service: str, operation: str, token: tuple[str, str], **parameters: Any) -> Iterator[Any]:
        """Yield the pages of an operation; `token` names the parameter and the key of the next one.

        A page that was kept leads to the next: so a listing, too, goes on where it was.
        """
        parameter, key = token
        following: dict[str, Any] = {}
        while True:
            page = self.call(service, operation, **parameters, **following)
            yield page
            if not page.get(key):
                return
            following = {parameter: page[key]}

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
