"""Three-valued logic: True, False, and Unknown with a reason.

A policy read from a plan may be partly unknown, and so may the context of a request. Unknown values propagate to
the decision: False decides a conjunction and True a disjunction, even if other operands are unknown.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeAlias

from taskrole.dataclass import dataclass


@dataclass(frozen=True)
class Unknown:
    """Neither True nor False; `why` is the reason, a clause that can follow a colon."""

    why: str


Truth: TypeAlias = bool | Unknown


def all_of(truths: Iterable[Truth]) -> Truth:
    """Return False if any is False, else the first Unknown, else True; stops at the first False."""
    verdict: Truth = True
    for truth in truths:
        if truth is False:
            return False
        if verdict is True:
            verdict = truth
    return verdict


def any_of(truths: Iterable[Truth]) -> Truth:
    """Return True if any is True, else the first Unknown, else False; stops at the first True."""
    verdict: Truth = False
    for truth in truths:
        if truth is True:
            return True
        if verdict is False:
            verdict = truth
    return verdict


def negate(truth: Truth) -> Truth:
    """Return the negation; Unknown stays Unknown."""
    return truth if isinstance(truth, Unknown) else not truth
