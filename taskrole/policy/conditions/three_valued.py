"""Three-valued logic: yes, no, and not known, with the reason why not.

A policy read from a plan, or a request of which only some context keys are known, leaves questions open. They stay
open up to the decision instead of being guessed at on the way: a no settles a conjunction, a yes settles a
disjunction, whatever else is unknown in it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True)
class Unknown:
    """Neither yes nor no; `why` is the reason, the part of a sentence after a colon."""

    why: str


Truth: TypeAlias = bool | Unknown


def all_of(truths: Iterable[Truth]) -> Truth:
    """Return False if one is, else the first Unknown, else True; stops at the first False."""
    verdict: Truth = True
    for truth in truths:
        if truth is False:
            return False
        if verdict is True:
            verdict = truth
    return verdict


def any_of(truths: Iterable[Truth]) -> Truth:
    """Return True if one is, else the first Unknown, else False; stops at the first True."""
    verdict: Truth = False
    for truth in truths:
        if truth is True:
            return True
        if verdict is False:
            verdict = truth
    return verdict


def negate(truth: Truth) -> Truth:
    """Return the opposite; that of what is unknown is unknown."""
    return truth if isinstance(truth, Unknown) else not truth
