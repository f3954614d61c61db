"""A budget of steps for comparing patterns; counting steps instead of time makes results independent of the machine.

A question that exceeds its budget has no answer, which never counts as a proof. `given_up_questions` collects such
questions for a report.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TypeAlias

# The patterns in AWS managed policies take less than a tenth of it.
MOST_STEPS = 20_000

# The budget for all questions of a comparison, and the number of questions that are kept for the report.
MOST_STEPS_TOGETHER = 400_000
MOST_QUESTIONS_KEPT = 1_000

# The two patterns of a question.
Question: TypeAlias = tuple[str, str]

_collected: ContextVar[list[Question] | None] = ContextVar("given_up_questions", default=None)
_together: ContextVar[Steps | None] = ContextVar("steps_together", default=None)


class BudgetExhaustedError(Exception):
    """A question exceeded its budget of steps."""


class Steps:
    """Counts the steps of one question."""

    def __init__(self, most: int = MOST_STEPS) -> None:
        self.most = most
        self.taken = 0

    def take(self, number: int = 1) -> None:
        """Count steps; raises BudgetExhaustedError when the budget is exceeded."""
        self.taken += number
        if self.taken > self.most:
            raise BudgetExhaustedError


@contextmanager
def given_up_questions() -> Iterator[list[Question]]:
    """Yield a list that collects the questions that exceed their budget within the context."""
    questions: list[Question] = []
    token, steps = _collected.set(questions), _together.set(Steps(MOST_STEPS_TOGETHER))
    try:
        yield questions
    finally:
        _collected.reset(token)
        _together.reset(steps)


def has_steps_left() -> bool:
    """Return whether the shared budget has steps left; always True outside `given_up_questions`."""
    together = _together.get()
    return together is None or together.taken < together.most


def take_steps(number: int) -> None:
    """Count the steps of a question, even if its answer is cached, so that the result does not depend on the cache."""
    together = _together.get()
    if together is not None:
        together.taken += number


def add_given_up(questions: Iterable[Question]) -> None:
    """Add questions to the current collection, if any."""
    collected = _collected.get()
    if collected is not None and len(collected) < MOST_QUESTIONS_KEPT:
        collected.extend(questions)
