"""Recorded calls from the event histories of several accounts and regions: `taskrole observe --live`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

from taskrole.cli.parts.accounts import AccountsToRead, chosen_reach
from taskrole.errors import ToolError
from taskrole.output.console import message

if TYPE_CHECKING:
    from taskrole.live.answer_cache import Answers
    from taskrole.live.fleet.failures import ReadingFailure
    from taskrole.observe.filters import Filters
    from taskrole.observe.recording import Recording


def read_histories_of(sources: Sequence[str], filters: Filters, arguments: Mapping[str, Any]) -> Recording:
    """Return the recorded calls in the selected histories and in files. Raises InputError, ToolError.

    Accounts and regions that could not be read are listed as skipped in the recording. If AWS stops responding, answers
    stay cached, so that the same command continues from there.
    """
    from taskrole.live.fleet.histories import HistoryPlan, read_histories
    from taskrole.live.lookup_events import windows
    from taskrole.observe.read import read_recording

    days = windows(filters.since, filters.until, datetime.now(timezone.utc).replace(microsecond=0))
    reach = chosen_reach(arguments, "observe")
    kept = _KeptAnswers(reach, is_fresh=arguments["fresh"])
    plan = HistoryPlan(reach.home, reach.regions, days, reach.assumption, kept.of, message)
    failures: list[ReadingFailure] = []
    try:
        with closing(read_histories(reach.targets, plan, arguments["concurrency"], failures)) as events:
            recording = read_recording(sources, filters, events=events)
    except (ToolError, KeyboardInterrupt):
        message("answers are cached; run the same command to continue")
        raise
    if any(failure.is_temporary for failure in failures):
        message("run the same command to read the rest; the others are cached for a day, unless --fresh is used")
    else:
        kept.forget()
    return replace(recording, skipped=(*recording.skipped, *_not_read(reach, failures)))


def _not_read(reach: AccountsToRead, failures: Sequence[ReadingFailure]) -> list[str]:
    left_out = [
        f"account {skipped.account} {skipped.name}".rstrip() + f": left out: {skipped.because}"
        for skipped in reach.skipped
    ]
    return [
        *(
            f"account {failure.account} {failure.name}".rstrip()
            + (f", {failure.region}" if failure.region else "")
            + f": not read: {failure.reason}: {failure.message}"
            for failure in sorted(failures)
        ),
        *left_out,
    ]


class _KeptAnswers:
    """The caches of all accounts and regions that are read."""

    def __init__(self, reach: AccountsToRead, *, is_fresh: bool) -> None:
        self._caller = (reach.identity.arn, reach.assumption.role if reach.assumption else "")
        self._is_fresh = is_fresh
        self._all: list[Answers] = []

    def of(self, account: str, region: str) -> Answers:
        """Return the cache of an account and region."""
        from taskrole.live.answer_cache import Answers, default_folder

        answers = Answers(default_folder().with_name("observe"), (*self._caller, account, region))
        if self._is_fresh:
            answers.forget()
        self._all.append(answers)
        return answers

    def forget(self) -> None:
        """Remove all of them."""
        for answers in self._all:
            answers.forget()
