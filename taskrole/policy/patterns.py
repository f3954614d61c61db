"""Containment and overlap of IAM wildcard patterns.

`*` matches any text, `?` any one character, and a policy variable (`${aws:username}`) an unknown text, the same for
each use of the variable, since both patterns are compared for one request. Results are exact for `*` and `?`; with
variables, `contains` may return False and `overlaps` True if the answer is unknown.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import chain
from typing import TypeAlias

from taskrole.dataclass import dataclass
from taskrole.policy.match import compile_glob, compile_overlap
from taskrole.policy.policy_variables import VARIABLE, PolicyVariable, parse_variable, variables_end
from taskrole.policy.search_budget import BudgetExhaustedError, Steps, add_given_up, has_steps_left, take_steps

_PARTS = re.compile(rf"{VARIABLE.pattern}|([*?])|([^*?$]+|\$)", re.DOTALL)
# For the text after the last variable; the first group stays empty.
_PARTS_BEHIND = re.compile(r"((?!))?([*?])|([^*?]+)", re.DOTALL)

# A character that hardly any pattern contains.
_OTHER = "\0"

# A pattern without any of these is literal text.
OPEN = re.compile(r"[*?${}]")


@dataclass(frozen=True)
class Any1:
    """Any one character except those in `but`."""

    but: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Any0:
    """Any text without the characters in `but`."""

    but: frozenset[str] = frozenset()


# A text token is one literal character.
Token: TypeAlias = str | Any1 | Any0 | PolicyVariable
Tokens: TypeAlias = tuple[Token, ...]


@lru_cache(maxsize=65_536)
def tokens(pattern: str) -> Tokens:
    """Return the tokens of a pattern; `?` precedes an adjacent `*`."""
    return tuple(_ordered(_tokens(pattern)))


def without_variables(pattern: str) -> str:
    """Return a pattern of version 2008-10-17, which has no variables, in the syntax of version 2012-10-17."""
    return pattern.replace("${", "${$}{")


def contains(outer: str, inner: str) -> bool:
    """Return whether every text that matches `inner` is proved to match `outer`."""
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
def overlaps(left: str, right: str) -> bool:
    """Return whether a text can match both patterns; also True if the search exceeds its budget."""
    if "*" in (left, right) or left == right:
        return True
    begin, _, is_open = _plain_ends(left)
    other_begin, _, other_is_open = _plain_ends(right)
    if not (begin.startswith(other_begin) or other_begin.startswith(begin)):
        return False
    for pattern, text, text_is_open in ((left, right, other_is_open), (right, left, is_open)):
        if not text_is_open and "${" not in pattern:
            return all(part in text for part in OPEN.split(pattern)) and compile_glob(pattern).matches(text)
    if "${" not in left and "${" not in right:
        answer = _overlaps_by_ends(left, right, begin, other_begin)
        if answer is not None:
            return answer
    try:
        return overlap_tokens(tokens(left), tokens(right), Steps())
    except BudgetExhaustedError:
        return True


def _overlaps_by_ends(left: str, right: str, begin: str, other_begin: str) -> bool | None:
    """Return the answer for patterns without variables whose literal beginnings agree; None if it requires a search."""
    for pattern, shape, shape_begin in ((left, right, other_begin), (right, left, begin)):
        if _meets_beginning(pattern, shape, shape_begin):
            return True
        if "*" not in shape:
            return compile_overlap(pattern).matches(shape)
    return None


def _meets_beginning(pattern: str, other: str, other_begin: str) -> bool:
    """Return whether a pattern is literal text with a final `*`, and texts that match `other` can begin with it."""
    begin = pattern[:-1]
    if not pattern.endswith("*") or OPEN.search(begin):
        return False
    return len(begin) <= len(other_begin) or other[len(other_begin)] == "*"


@lru_cache(maxsize=65_536)
def _without_search(outer: str, inner: str) -> bool | None:
    """Return the answer if it needs no automaton, such as for a literal text; None otherwise."""
    if outer in ("*", inner):
        return True
    begin, end, is_open = _plain_ends(outer)
    # The literal ends of `outer` cannot match the wildcards and variables of `inner`. This decides most comparisons of
    # different resources.
    if not inner.startswith(begin) or not inner.endswith(end):
        return False
    if is_open and outer == f"{begin}*":
        return True
    # The wildcards of `inner` also match characters that are not in `outer`.
    if "${" not in outer and not all(part in inner for part in OPEN.split(outer)):
        return False
    if "*" not in inner and "${" not in inner and "${" not in outer and ("?" not in inner or _OTHER not in outer):
        # A wildcard of `inner` also matches a character that is not in `outer`, which is the hardest one to contain.
        return compile_glob(outer).matches(inner.replace("?", _OTHER))
    return None


@lru_cache(maxsize=16_384)
def _plain_ends(pattern: str) -> tuple[str, str, bool]:
    """Return the literal beginning and end of a pattern, and whether it has wildcards or variables."""
    begin, *others = OPEN.split(pattern)
    return begin, others[-1] if others else begin, bool(others)


@lru_cache(maxsize=65_536)
def _search(outer: str, inner: str) -> tuple[bool | None, int]:
    """Return the answer, None if the budget is exceeded, and the number of steps."""
    outer_tokens, inner_tokens, steps = tokens(outer), tokens(inner), Steps()
    try:
        return contains_tokens(outer_tokens, inner_tokens, steps), steps.taken + len(outer_tokens) + len(inner_tokens)
    except BudgetExhaustedError:
        return None, steps.taken


def contains_tokens(outer: Tokens, inner: Tokens, steps: Steps) -> bool:
    """Return `contains` for tokens; raises BudgetExhaustedError.

    `inner` is read as a text whose wildcards are characters that are not in `outer`, a `*` any number of them. The
    states of `outer` that the text can reach are the bits of a number; a `*` leads to several such sets, and all of
    them must reach the end.
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


def overlap_tokens(left: Tokens, right: Tokens, steps: Steps | None = None) -> bool:
    """Return `overlaps` for tokens; a variable may be any text. Raises BudgetExhaustedError if `steps` are used up."""
    seen = {(0, 0)}
    waiting = [(0, 0)]
    while waiting:
        here, there = waiting.pop()
        if steps:
            steps.take()
        if here == len(left) and there == len(right):
            return True
        for place in _onward(left, right, here, there):
            if place not in seen:
                seen.add(place)
                waiting.append(place)
    return False


def _tokens(pattern: str) -> Iterator[Token]:
    end = variables_end(pattern)
    for part in chain(_PARTS.finditer(pattern, 0, end), _PARTS_BEHIND.finditer(pattern, end)):
        name, wildcard, text = part.groups()
        if wildcard:
            yield Any0() if wildcard == "*" else Any1()
        elif name is None:
            yield from text
        else:
            yield parse_variable(name)


def _ordered(given: Iterator[Token]) -> Iterator[Token]:
    """Yield tokens with adjacent `*` merged and moved after adjacent `?`: `*?*` and `?*` are equivalent."""
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
    """A pattern as an automaton whose states are bits: bit n means that n tokens are matched."""

    def __init__(self, pattern: Tokens) -> None:
        self.end = 1 << len(pattern)
        self.stars = sum(1 << place for place, token in enumerate(pattern) if isinstance(token, Any0))
        self.singles = sum(1 << place for place, token in enumerate(pattern) if isinstance(token, Any1))
        self.named: dict[Token, int] = {}
        for place, token in enumerate(pattern):
            if not isinstance(token, (Any0, Any1)):
                self.named[token] = self.named.get(token, 0) | 1 << place
            if isinstance(token, PolicyVariable) and token.default is not None:
                # Both are the key's value; without a value, the variable without a default matches nothing.
                bare = PolicyVariable(token.key)
                self.named[bare] = self.named.get(bare, 0) | 1 << place
        self.start = self._past_stars(1)

    def step(self, places: int, token: Token) -> int:
        """Return the states after a token; a wildcard of the other pattern is a character that is not in this one."""
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
    """Return the minimal sets: if they reach the end, so do their supersets."""
    if len(reached) == 1:
        return reached
    kept: list[int] = []
    for places in sorted(reached, key=int.bit_count):
        steps.take(len(kept))
        if not any(smaller & places == smaller for smaller in kept):
            kept.append(places)
    return set(kept)


def _onward(left: Tokens, right: Tokens, here: int, there: int) -> Iterator[tuple[int, int]]:
    token = left[here] if here < len(left) else None
    other_token = right[there] if there < len(right) else None
    if _is_open(token):
        yield here + 1, there
    if _is_open(other_token):
        yield here, there + 1
    if token is not None and other_token is not None and _can_meet(token, other_token):
        yield here + (not _is_open(token)), there + (not _is_open(other_token))


def _is_open(token: Token | None) -> bool:
    return isinstance(token, (Any0, PolicyVariable))


def _can_meet(left: Token, right: Token) -> bool:
    """Return whether one character can match both tokens."""
    if isinstance(left, str) and isinstance(right, str):
        return left == right
    if isinstance(left, str):
        return left not in _but(right)
    return not isinstance(right, str) or right not in _but(left)


def _but(token: Token) -> frozenset[str]:
    return token.but if isinstance(token, (Any0, Any1)) else frozenset()
