"""The algebra of IAM's wildcards: whether one pattern takes in another, and whether two can fit one text.

`*` is any text, `?` any one character, and a policy variable (`${aws:username}`) one unknown text: the same one
wherever the same variable stands, since both patterns are held against one request. Both answers are exact for `*`
and `?`; with variables `contains` may say no and `overlaps` yes where the truth is not known.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from typing import TypeAlias

from taskrole.policy.match import compile_glob, compile_overlap
from taskrole.policy.policy_variables import VARIABLE, PolicyVariable, parse_variable, variables_end
from taskrole.policy.search_budget import BudgetExhaustedError, Steps, add_given_up, has_steps_left, take_steps

_PARTS = re.compile(rf"{VARIABLE.pattern}|([*?])|([^*?$]+|\$)", re.DOTALL)
# Where no variable can be any more; the first group stays empty.
_PARTS_BEHIND = re.compile(r"((?!))?([*?])|([^*?]+)", re.DOTALL)

# A pattern is plain text where none of these is.
OPEN = re.compile(r"[*?${}]")


@dataclass(frozen=True)
class Any1:
    """Any one character but those in `but`."""

    but: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Any0:
    """Any text, of none of the characters in `but`."""

    but: frozenset[str] = frozenset()


# Characters stand for themselves.
Token: TypeAlias = str | Any1 | Any0 | PolicyVariable
Tokens: TypeAlias = tuple[Token, ...]


@lru_cache(maxsize=65_536)
def tokens(pattern: str) -> Tokens:
    """Return a pattern in tokens, `?` before `*` where they meet."""
    return tuple(_ordered(_tokens(pattern)))


def without_variables(pattern: str) -> str:
    """Return what a pattern of version 2008-10-17, which has no variables, is in a version that has."""
    return pattern.replace("${", "${$}{")


def contains(outer: str, inner: str) -> bool:
    """Return whether every text that fits `inner` is proved to fit `outer`."""
    answer = _without_search(outer, inner)
    if answer is not None:
        return answer
    if has_steps_left():
        answer, steps = _search(outer, inner)
        take_steps(steps)
    if answer is None:
        add_given_up([(outer, inner)])
    return answer is True


@lru_cache(maxsize=65_536)
def overlaps(one: str, other: str) -> bool:
    """Return whether there can be a text that fits both patterns; True also where the search is given up."""
    if "*" in (one, other) or one == other:
        return True
    begin, _, is_open = _plain_ends(one)
    other_begin, _, other_is_open = _plain_ends(other)
    if not (begin.startswith(other_begin) or other_begin.startswith(begin)):
        return False
    for pattern, text, text_is_open in ((one, other, other_is_open), (other, one, is_open)):
        if not text_is_open and "${" not in pattern:
            return compile_glob(pattern).matches(text)
    if "${" not in one and "${" not in other:
        answer = _overlaps_by_ends(one, other, begin, other_begin)
        if answer is not None:
            return answer
    try:
        return overlap_tokens(tokens(one), tokens(other), Steps())
    except BudgetExhaustedError:
        return True


def _overlaps_by_ends(one: str, other: str, begin: str, other_begin: str) -> bool | None:
    """Return the answer for patterns without variables whose plain beginnings agree; None where it takes a search."""
    for pattern, shape, shape_begin in ((one, other, other_begin), (other, one, begin)):
        if _meets_beginning(pattern, shape, shape_begin):
            return True
        if "*" not in shape:
            return compile_overlap(pattern).matches(shape)
    return None


def _meets_beginning(pattern: str, other: str, other_begin: str) -> bool:
    """Return whether a pattern is plain text and one `*` at its end, and that text can begin what fits the other."""
    begin = pattern[:-1]
    if not pattern.endswith("*") or OPEN.search(begin):
        return False
    return len(begin) <= len(other_begin) or other[len(other_begin)] == "*"


@lru_cache(maxsize=65_536)
def _without_search(outer: str, inner: str) -> bool | None:
    """Return the answer to a question that needs no automaton, such as one about a literal text; None for others."""
    if outer in ("*", inner):
        return True
    begin, end, is_open = _plain_ends(outer)
    # What `outer` begins and ends with is plain text, which the wildcards and variables of `inner` are not. Most
    # questions are about different resources, and end here.
    if not inner.startswith(begin) or not inner.endswith(end):
        return False
    if is_open and outer == f"{begin}*":
        return True
    if not _plain_ends(inner)[2] and "${" not in outer:
        return compile_glob(outer).matches(inner)
    # The wildcards of `inner` stand for characters, too, that `outer` does not name.
    if "${" not in outer and not all(part in inner for part in OPEN.split(outer)):
        return False
    return None


@lru_cache(maxsize=16_384)
def _plain_ends(pattern: str) -> tuple[str, str, bool]:
    """Return the plain text that a pattern begins with and that it ends with, and whether it is no plain text."""
    begin, *others = OPEN.split(pattern)
    return begin, others[-1] if others else begin, bool(others)


@lru_cache(maxsize=65_536)
def _search(outer: str, inner: str) -> tuple[bool | None, int]:
    """Return the answer to a question, None where it is given up, and the steps that it takes."""
    one, other, steps = tokens(outer), tokens(inner), Steps()
    try:
        return contains_tokens(one, other, steps), steps.taken + len(one) + len(other)
    except BudgetExhaustedError:
        return None, steps.taken


def contains_tokens(outer: Tokens, inner: Tokens, steps: Steps) -> bool:
    """Return the same of tokens; raises BudgetExhaustedError.

    `inner` is read as a text in which its own wildcards are characters that `outer` does not name, a `*` any number
    of them. The places of `outer` that the text can have led to are bits of a number; where a `*` leaves several such
    sets open, all of them must come out.
    """
    if not any(isinstance(token, Any0) for token in outer) and any(isinstance(token, Any0) for token in inner):
        return False
    machine = _Machine(outer)
    reached = {machine.start}
    for token in inner:
        if isinstance(token, Any0):
            reached = _smallest(_repeated(machine, reached, steps), steps)
        else:
            steps.take(len(reached))
            reached = _smallest({machine.step(places, token) for places in reached}, steps)
        if 0 in reached:
            return False
    return all(places & machine.end for places in reached)


def overlap_tokens(one: Tokens, other: Tokens, steps: Steps | None = None) -> bool:
    """Return the same of tokens; raises BudgetExhaustedError where there is a budget. A variable may be any text."""
    seen = {(0, 0)}
    waiting = [(0, 0)]
    while waiting:
        here, there = waiting.pop()
        if steps:
            steps.take()
        if here == len(one) and there == len(other):
            return True
        for place in _onward(one, other, here, there):
            if place not in seen:
                seen.add(place)
                waiting.append(place)
    return False


def _tokens(pattern: str) -> Iterator[Token]:
    end = variables_end(pattern)
    for found in chain(_PARTS.finditer(pattern, 0, end), _PARTS_BEHIND.finditer(pattern, end)):
        name, wildcard, text = found.groups()
        if wildcard:
            yield Any0() if wildcard == "*" else Any1()
        elif name is None:
            yield from text
        else:
            yield parse_variable(name)


def _ordered(given: Iterator[Token]) -> Iterator[Token]:
    """Yield tokens with one `*` for several, after the `?` beside it: `*?*` and `?*` are the same."""
    star = False
    for token in given:
        if token == Any0():
            star = True
            continue
        if star and token != Any1():
            yield Any0()
            star = False
        yield token
    if star:
        yield Any0()


class _Machine:
    """A pattern as an automaton whose places are bits: bit n says that n tokens are behind."""

    def __init__(self, pattern: Tokens) -> None:
        self.end = 1 << len(pattern)
        self.stars = sum(1 << place for place, token in enumerate(pattern) if isinstance(token, Any0))
        self.singles = sum(1 << place for place, token in enumerate(pattern) if isinstance(token, Any1))
        self.named: dict[Token, int] = {}
        for place, token in enumerate(pattern):
            if not isinstance(token, (Any0, Any1)):
                self.named[token] = self.named.get(token, 0) | 1 << place
            if isinstance(token, PolicyVariable) and token.default is not None:
                # Both are the key's value; where it has none, the variable without a default fits nothing.
                bare = PolicyVariable(token.key)
                self.named[bare] = self.named.get(bare, 0) | 1 << place
        self.start = self._past_stars(1)

    def step(self, places: int, token: Token) -> int:
        """Return where a token leads; a wildcard of the other pattern is a character that this one does not name."""
        takers = self.named.get(token, 0)
        if not isinstance(token, PolicyVariable):
            takers |= self.singles
        return self._past_stars((places & takers) << 1 | places & self.stars)

    def _past_stars(self, places: int) -> int:
        while True:
            further = places | (places & self.stars) << 1
            if further == places:
                return places
            places = further


def _repeated(machine: _Machine, reached: set[int], steps: Steps) -> set[int]:
    every, new = set(reached), set(reached)
    while new:
        steps.take(len(new))
        new = {machine.step(places, Any1()) for places in new} - every
        every |= new
    return every


def _smallest(reached: set[int], steps: Steps) -> set[int]:
    """Return the sets that no other is part of: where they come out, so do the larger ones."""
    if len(reached) == 1:
        return reached
    kept: list[int] = []
    for places in sorted(reached, key=int.bit_count):
        steps.take(len(kept))
        if not any(smaller & places == smaller for smaller in kept):
            kept.append(places)
    return set(kept)


def _onward(one: Tokens, other: Tokens, here: int, there: int) -> Iterator[tuple[int, int]]:
    left = one[here] if here < len(one) else None
    right = other[there] if there < len(other) else None
    if _is_open(left):
        yield here + 1, there
    if _is_open(right):
        yield here, there + 1
    if left is not None and right is not None and _can_meet(left, right):
        yield here + (not _is_open(left)), there + (not _is_open(right))


def _is_open(token: Token | None) -> bool:
    return isinstance(token, (Any0, PolicyVariable))


def _can_meet(left: Token, right: Token) -> bool:
    """Tell whether one character can be the next of both."""
    if isinstance(left, str) and isinstance(right, str):
        return left == right
    if isinstance(left, str):
        return left not in _but(right)
    return not isinstance(right, str) or right not in _but(left)


def _but(token: Token) -> frozenset[str]:
    return token.but if isinstance(token, (Any0, Any1)) else frozenset()
