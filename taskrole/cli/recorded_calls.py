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
    """Return what files and folders record. Raises InputError, ToolError."""
    from taskrole.observe.read import read_recording

    return read_recording(sources, filters, engine=engine)


def read_history(sources: Sequence[str], filters: Filters, region: str | None, *, fresh: bool) -> Recording:
    """Return what the event history of an account's region records, and files beside it. Raises InputError, ToolError.

    What was read is kept where AWS stops answering, so that the next reading goes on from there, and nowhere else.
    """
    # Only now: these load boto3.
    from taskrole.live.account import caller
    from taskrole.live.answer_cache import Answers, default_folder
    from taskrole.live.client import known_region
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
        kept = f"is not kept: {answers.problem}" if answers.problem else "is kept; the same command goes on from there"
        raise ToolError(f"{error}\nwhat was read {kept}") from error
    answers.forget()
    if answers.reused:
        message(f"{answers.reused} answers are of a reading that was interrupted; --fresh reads all anew")
    return recording


def print_query(name: str, table: str, filters: Filters) -> None:
    """Print the query that reduces a table of events to what is read of them. Raises InputError."""
    from taskrole.observe.queries import query
    from taskrole.output.console import echo

    echo(query(name, table, filters), nl=False)
