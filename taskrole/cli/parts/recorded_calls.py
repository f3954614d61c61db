"""Recorded calls for the verbs that read them: from files, and from the event history of an account."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Literal

from taskrole.errors import ToolError
from taskrole.output.console import message

if TYPE_CHECKING:
    from taskrole.observe.filters import Filters
    from taskrole.observe.recording import Recording


def read_recorded_files(
    sources: Sequence[str], filters: Filters, engine: Literal["auto", "python", "duckdb"]
) -> Recording:
    """Return the recorded calls of files and folders. Raises InputError, ToolError."""
    from taskrole.observe.read import read_recording

    return read_recording(sources, filters, engine=engine)


def read_history(sources: Sequence[str], filters: Filters, region: str | None, *, fresh: bool) -> Recording:
    """Return the recorded calls of a region's event history, and of files. Raises InputError, ToolError.

    Answers stay cached only if AWS stops responding, so that the next reading continues.
    """
    # Imported late: they load boto3.
    from taskrole.live.account import caller
    from taskrole.live.answer_cache import Answers, default_folder
    from taskrole.live.client import known_region
    from taskrole.live.contradictions import is_contradiction
    from taskrole.live.lookup_events import EventHistory, windows
    from taskrole.observe.read import read_recording

    days = windows(filters.since, filters.until, datetime.now(timezone.utc).replace(microsecond=0))
    identity = caller(known_region(region))
    answers = Answers(default_folder().with_name("observe"), identity.identity)
    if fresh:
        answers.forget()
    history = EventHistory(identity.context.region, answers)
    try:
        recording = read_recording(sources, filters, events=history.read(days, message))
    except ToolError as error:
        if is_contradiction(error):
            answers.forget()
            raise ToolError(f"{error}\ncached answers are removed; run the same command to read all again") from error
        state = (
            f"are not cached: {answers.problem}" if answers.problem else "are cached; run the same command to continue"
        )
        raise ToolError(f"{error}\nanswers {state}") from error
    answers.forget()
    if answers.reused:
        message(f"{answers.reused} answers are from an interrupted reading; use --fresh to read all again")
    return recording


def print_query(name: str, table: str, filters: Filters) -> None:
    """Print the query that reduces a table of events to the rows that are read. Raises InputError."""
    from taskrole.observe.queries import query
    from taskrole.output.console import echo

    echo(query(name, table, filters), nl=False)
