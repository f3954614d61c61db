"""A budget of steps for comparing patterns, so that no pattern takes long, on whatever machine: steps are counted.

A question that uses up its budget has no answer, which is never taken for a proof. `given_up_questions` collects such
questions, for a report to name.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TypeAlias

# No pattern of AWS's own policies takes a tenth of it.
MOST_STEPS = 20_000

# Of all questions of one comparison together; and of how many of them one is named in the end.
MOST_STEPS_TOGETHER = 400_000
MOST_QUESTIONS_KEPT = 1_000

# The two patterns of a question.
Question: TypeAlias = tuple[str, str]

_collected: ContextVar[list[Question] | None] = ContextVar("given_up_questions", default=None)
_together: ContextVar[Steps | None] = ContextVar("steps_together", default=None)


class BudgetExhaustedError(Exception):
    """A question took more steps than its budget has."""


class Steps:
    """Counts the steps of one question."""

    def __init__(self, most: int = MOST_STEPS) -> None:
        self.most = most
        self.taken = 0

    def take(self, number: int = 1) -> None:
        """Count steps; raises BudgetExhaustedError when there are more than the budget has."""
        self.taken += number
        if self.taken > self.most:
            raise BudgetExhaustedError


@contextmanager
def given_up_questions() -> Iterator[list[Question]]:
    """Yield a list to which the questions are added that are given up in the meantime."""
    questions: list[Question] = []
    token, steps = _collected.set(questions), _together.set(Steps(MOST_STEPS_TOGETHER))
    try:
        yield questions
    finally:
        _collected.reset(token)
        _together.reset(steps)


def has_steps_left() -> bool:
    """Return whether one more question may be looked into; always, where none are collected."""
    together = _together.get()
    return together is None or together.taken < together.most


def take_steps(number: int) -> None:
    """Count the steps of a question, those too that an earlier one like it took: the answer depends on no other."""
    together = _together.get()
    if together is not None:
        together.taken += number


def add_given_up(questions: Iterable[Question]) -> None:
    """Add questions to what is being collected, if anything is."""
    collected = _collected.get()
    if collected is not None and len(collected) < MOST_QUESTIONS_KEPT:
        collected.extend(questions)
