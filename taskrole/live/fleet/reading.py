"""Reads several accounts concurrently; the data of an account is released before the next one begins.

An account that cannot be read does not stop the others. If the caller's own credentials are rejected, no further
account is begun.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Generator, Sequence
from functools import partial

from taskrole.arns import Context
from taskrole.dataclass import dataclass
from taskrole.errors import ToolError
from taskrole.live.account import read_account
from taskrole.live.audit import audit
from taskrole.live.audit_json import audit_json
from taskrole.live.contradictions import is_contradiction
from taskrole.live.credentials import SessionCredentials
from taskrole.live.fleet.account_session import AccountSession
from taskrole.live.fleet.accounts import Target
from taskrole.live.fleet.assume import Assumption, CallerError, RoleError
from taskrole.live.fleet.failures import ReadingFailure
from taskrole.live.fleet.kept import KeptParts, RegionAnswers
from taskrole.live.fleet.part import AccountPart
from taskrole.live.fleet.part_json import part_of_audit
from taskrole.live.fleet.regions import enabled_regions
from taskrole.live.fleet.several import each_account
from taskrole.live.reader import Reader
from taskrole.taskdef import Options


@dataclass(frozen=True)
class ReadingPlan:
    """How to read each account: `regions` is empty for all enabled ones, which are listed in `home`.

    Without an `assumption` the environment's credentials are used, for a single account. `options_in` returns
    the options of task definitions in a context.
    """

    partition: str
    home: str
    regions: tuple[str, ...]
    assumption: Assumption | None
    options_in: Callable[[Context], Options]


@dataclass(frozen=True)
class AccountOutcome:
    """The result of an account; `reused` counts the cached parts."""

    target: Target
    parts: tuple[AccountPart, ...]
    failures: tuple[ReadingFailure, ...]
    reused: int = 0


def read_accounts(
    targets: Sequence[Target], plan: ReadingPlan, kept: KeptParts, at_once: int
) -> Generator[AccountOutcome]:
    """Yield the outcome of each account when it is finished, with `at_once` accounts read concurrently.

    Raises CallerError, and InputError of the cache folder; then no further calls are made.
    """
    stop = threading.Event()
    return each_account(targets, lambda target: _Reading(target, plan, kept, stop).outcome(), at_once, stop)


class _Reading:
    """The reading of one account."""

    def __init__(self, target: Target, plan: ReadingPlan, kept: KeptParts, stop: threading.Event) -> None:
        self._target = target
        self._plan = plan
        self._kept = kept
        self._stop = stop
        self._session = AccountSession(target, plan.assumption)

    def outcome(self) -> AccountOutcome:
        """Return the outcome, from cached parts and from newly read regions."""
        account = self._target.account
        regions = self._plan.regions or self._kept.find_regions(account)
        kept = {region: part for region in regions if (part := self._kept.find(account, region))}
        reused = len(kept)
        if not regions:
            try:
                regions = self._session.read(lambda session: enabled_regions(self._plan.home, session))
            except CallerError:
                raise
            except ToolError as error:
                return AccountOutcome(self._target, (), (self._session.failure("", error),))
            self._kept.keep_regions(account, regions)
        failures = self._read_left([region for region in regions if region not in kept], kept)
        return AccountOutcome(self._target, tuple(kept.values()), failures, reused)

    def _read_left(self, regions: Sequence[str], kept: dict[str, AccountPart]) -> tuple[ReadingFailure, ...]:
        """Add the parts of regions to the cached ones, and return the failures."""
        if not regions:
            return ()
        answers = self._kept.answers(self._target.account)
        failures: list[ReadingFailure] = []
        for number, region in enumerate(regions):
            try:
                kept[region] = self._session.read(partial(self._part, region, answers.of(region)))
            except RoleError as error:  # noqa: PERF203 -- a request each
                # The next region would fail in the same way.
                failures += (self._session.failure(left, error) for left in regions[number:])
                break
            except CallerError:
                raise
            except ToolError as error:
                failures.append(self._session.failure(region, error))
                if is_contradiction(error):
                    answers.forget()
        if not any(failure.is_temporary for failure in failures):
            answers.forget()
        return tuple(failures)

    def _part(self, region: str, answers: RegionAnswers, session: SessionCredentials | None) -> AccountPart:
        context = Context(self._plan.partition, region, self._target.account)
        reader = Reader(region, answers, session, self._stop.is_set)
        account = read_account(reader, context, ())
        data = json.loads(audit_json(audit(account, self._plan.options_in(context))))
        part = part_of_audit(data, self._target.name)
        self._kept.keep(part)
        return part
