"""Notes on files without a task definition in folders and patterns: one for all, and details on some."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from taskrole.errors import Problem, printable
from taskrole.output.lines import count
from taskrole.taskdef.forms.registry import EXPECTED

_MOST_NAMED = 5


def skipped_lines(skipped: Sequence[Problem]) -> Iterator[str]:
    """Yield a note on each file in a recognised form, and one on all others together."""
    others = [problem for problem in skipped if problem.message.startswith(EXPECTED)]
    for problem in skipped:
        if problem not in others:
            yield f"note: {problem}; skipped"
    if others:
        names = ", ".join(printable(problem.place.file) for problem in others[:_MOST_NAMED])
        more = ", …" if len(others) > _MOST_NAMED else ""
        yield f"note: skipped {count(len(others), 'file')} without a task definition: {names}{more}"
