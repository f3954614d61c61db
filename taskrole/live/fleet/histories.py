"""The event histories of several accounts and regions, read concurrently, as one stream of events.

AWS limits LookupEvents per account and region, so reading several accounts takes no longer than reading one.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator, Mapping, Sequence
from functools import partial
from queue import Queue
from typing import Any, TypeAlias

from taskrole.dataclass import dataclass
from taskrole.errors import ToolError
from taskrole.live.answer_cache import Answers
from taskrole.live.contradictions import is_contradiction
from taskrole.live.credentials import SessionCredentials
from taskrole.live.fleet.account_session import AccountSession
from taskrole.live.fleet.accounts import Target
from taskrole.live.fleet.assume import Assumption, CallerError
from taskrole.live.fleet.failures import ReadingFailure
from taskrole.live.fleet.regions import enabled_regions
from taskrole.live.fleet.several import each_account
from taskrole.live.lookup_events import EventHistory, TimeWindow

Events: TypeAlias = list[Mapping[str, Any]]


@dataclass(frozen=True)
class HistoryPlan:
    """How to read each account: the days, and the regions (empty: all enabled regions, which are listed in `home`).

    `answers_of` returns the cache of an account and region.
    """

    home: str
    regions: tuple[str, ...]
    days: tuple[TimeWindow, ...]
    assumption: Assumption | None
    answers_of: Callable[[str, str], Answers]
    progress: Callable[[str], None]


def read_histories(
    targets: Sequence[Target], plan: HistoryPlan, at_once: int, failures: list[ReadingFailure]
) -> Generator[Mapping[str, Any]]:
    """Yield the events of all accounts; what could not be read is added to `failures`.

    Raises CallerError, and InputError of a cache folder; then no further calls are made.
    """
    stop = threading.Event()
    # Each item is a day of a region; the queue has room for as many as are read concurrently.
    days: Queue[Events | None] = Queue(at_once)
    errors: list[BaseException] = []

    def read_all() -> None:
        try:
            work = partial(_read_account, plan=plan, add=days.put, stop=stop)
            for failed in each_account(targets, work, at_once, stop):
                failures.extend(failed)
        except BaseException as error:  # noqa: BLE001 -- raised again by the thread that waits
            errors.append(error)
        finally:
            days.put(None)

    reader = threading.Thread(target=read_all, name="histories", daemon=True)
    reader.start()
    is_over = False
    try:
        while (events := days.get()) is not None:
            yield from events
        is_over = True
    finally:
        stop.set()
        while not is_over:
            is_over = days.get() is None
        reader.join()
    if errors:
        raise errors[0]


def _read_account(
    target: Target, plan: HistoryPlan, add: Callable[[Events], None], stop: threading.Event
) -> list[ReadingFailure]:
    """Read all regions of an account, and return the failures."""
    session = AccountSession(target, plan.assumption)
    failures: list[ReadingFailure] = []
    regions = plan.regions
    if not regions:
        try:
            regions = session.read(partial(enabled_regions, plan.home))
        except CallerError:
            raise
        except ToolError as error:
            return [session.failure("", error)]
    for region in regions:
        answers = plan.answers_of(target.account, region)
        history = _Region(region, answers, stop)
        try:
            for day in plan.days:
                # A day is passed on only when complete, since a new session reads it again.
                add(session.read(partial(history.read, day)))
        except CallerError:
            raise
        except ToolError as error:
            failures.append(session.failure(region, error))
            if is_contradiction(error):
                answers.forget()
    failed = {failure.region for failure in failures}
    notes = f", not read: {', '.join(sorted(failed))}" if failed else ""
    plan.progress(f"account {target.account} {target.name}".rstrip() + f": {len(regions) - len(failed)} regions{notes}")
    return failures


class _Region:
    """The history of a region; requests of the same session keep the interval that AWS requires."""

    def __init__(self, region: str, answers: Answers, stop: threading.Event) -> None:
        self._region = region
        self._answers = answers
        self._stop = stop
        self._read_with: tuple[SessionCredentials | None, EventHistory] | None = None

    def read(self, day: TimeWindow, session: SessionCredentials | None) -> Events:
        """Return the events of a day."""
        if self._read_with is None or self._read_with[0] is not session:
            history = EventHistory(self._region, self._answers, credentials=session, is_stopped=self._stop.is_set)
            self._read_with = session, history
        return list(self._read_with[1].read((day,), lambda line: None))  # noqa: ARG005 -- progress is one line an account
