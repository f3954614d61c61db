"""Reading many accounts, several at a time: what one of them holds is released before the next begins.

An account that cannot be read stops no other. Once the caller's own credentials are refused, nothing more is begun.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextvars import copy_context
from dataclasses import dataclass

from taskrole.arns import Context
from taskrole.errors import ToolError
from taskrole.live.account import read_account
from taskrole.live.audit import audit
from taskrole.live.audit_json import audit_json
from taskrole.live.credentials import SessionCredentials
from taskrole.live.fleet.accounts import Target
from taskrole.live.fleet.assume import Assumption, CallerError, RoleError
from taskrole.live.fleet.failures import EXPIRED, Failure, code_of, reason_of
from taskrole.live.fleet.kept import AccountAnswers, KeptParts
from taskrole.live.fleet.part import Part
from taskrole.live.fleet.part_json import part_of_audit
from taskrole.live.fleet.regions import enabled_regions
from taskrole.live.reader import Reader
from taskrole.taskdef import Options

# A session lasts for an hour. An account that takes longer is read on with another.
_MOST_SESSIONS = 4
_NOT_ENABLED = "AWS does not know the credentials in this region, which the account has not enabled"


@dataclass(frozen=True)
class Plan:
    """How each account is read: `regions` are empty for all that it has enabled, `home` is where these are listed.

    Without an `assumption` the environment's credentials are used, which are of one account only. `options_in` gives
    the options of task definitions for the place where they are.
    """

    partition: str
    home: str
    regions: tuple[str, ...]
    assumption: Assumption | None
    options_in: Callable[[Context], Options]


@dataclass(frozen=True)
class Outcome:
    """What came of an account; `reused` counts the parts that were kept from an earlier reading."""

    target: Target
    parts: tuple[Part, ...]
    failures: tuple[Failure, ...]
    reused: int = 0


def read_accounts(targets: Sequence[Target], plan: Plan, kept: KeptParts, at_once: int) -> Generator[Outcome]:
    """Yield what came of each account, as they are done, so many `at_once`.

    Raises CallerError, and InputError of the folder where parts are kept; then nothing more is called.
    """
    stop = threading.Event()
    waiting = iter(targets)
    pool = ThreadPoolExecutor(at_once, thread_name_prefix="account")
    running: set[Future[Outcome]] = set()
    try:
        while True:
            while len(running) < at_once and (target := next(waiting, None)):
                reading = _Reading(target, plan, kept, stop)
                running.add(pool.submit(copy_context().run, reading.outcome))
            if not running:
                return
            done, running = wait(running, return_when=FIRST_COMPLETED)
            for future in done:
                yield future.result()
    finally:
        stop.set()
        pool.shutdown(cancel_futures=True)


class _Reading:
    """The reading of one account."""

    def __init__(self, target: Target, plan: Plan, kept: KeptParts, stop: threading.Event) -> None:
        self._target = target
        self._plan = plan
        self._kept = kept
        self._stop = stop
        self._credentials: SessionCredentials | None = None
        self._sessions = 0

    def outcome(self) -> Outcome:
        """Return what came of it."""
        account = self._target.account
        regions = self._plan.regions or self._kept.find_regions(account)
        found = {region: part for region in regions if (part := self._kept.find(account, region))}
        if regions and len(found) == len(regions):
            return Outcome(self._target, tuple(found.values()), (), len(found))
        answers = self._kept.answers(account)
        try:
            self._assume()
            if not regions:
                regions = enabled_regions(self._plan.home, self._credentials)
                self._kept.keep_regions(account, regions)
        except CallerError:
            raise
        except ToolError as error:
            left = [region for region in regions if region not in found]
            failures = tuple(self._failure(region, error) for region in left or [""])
            return Outcome(self._target, tuple(found.values()), failures, len(found))
        reused = len(found)
        failed: list[Failure] = []
        for region in regions:
            if region in found:
                continue
            try:
                found[region] = self._part(region, answers)
            except CallerError:
                raise
            except ToolError as error:
                failed.append(self._failure(region, error))
        if not any(failure.is_passing for failure in failed):
            answers.forget()
        return Outcome(self._target, tuple(found.values()), tuple(failed), reused)

    def _assume(self) -> None:
        self._sessions += 1
        if self._plan.assumption:
            self._credentials = self._plan.assumption.credentials(self._target.account)

    def _part(self, region: str, answers: AccountAnswers) -> Part:
        while True:
            try:
                return self._read(region, answers)
            except ToolError as error:
                if code_of(error) not in EXPIRED or not self._plan.assumption or self._sessions >= _MOST_SESSIONS:
                    raise
            self._assume()

    def _read(self, region: str, answers: AccountAnswers) -> Part:
        context = Context(self._plan.partition, region, self._target.account)
        reader = Reader(region, answers.of(region), self._credentials, self._stop.is_set)
        account = read_account(reader, context, (), lambda line: None)  # noqa: ARG005 -- a line an account is enough
        data = json.loads(audit_json(audit(account, self._plan.options_in(context))))
        part = part_of_audit(data, self._target.name)
        self._kept.keep(part)
        return part

    def _failure(self, region: str, error: ToolError) -> Failure:
        reason = "role" if isinstance(error, RoleError) else reason_of(error)
        message = _NOT_ENABLED if reason == "region" else str(error).splitlines()[0]
        return Failure(self._target.account, region, self._target.name, reason, message)
