"""More than one policy holds: statements shared out among managed policies of at most 6,144 characters.

Where a piece goes is decided by a hash of the piece and the policy's number (rendezvous hashing, with a bound on the
load), not by its rank among the others: adding a grant changes one policy, and what is there already stays where it
is, so that hardly an apply takes a permission out of one policy while it is not yet in the other.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from hashlib import sha256

from taskrole.errors import TaskroleError
from taskrole.policy.documents.merge import Statement
from taskrole.policy.documents.statements import LARGEST_MANAGED_POLICY, policy_document, policy_size

_EMPTY = policy_size({**policy_document([]), "Statement": []})
CAPACITY = LARGEST_MANAGED_POLICY - _EMPTY

# A statement up to this size goes whole; of a larger one every resource may go another way.
_LARGEST_WHOLE = CAPACITY // 4
# How full the policies are planned to be: what grows a little then needs no new policy, which would move things.
_PLANNED_LOAD = 5 / 6


class PolicyTooLargeError(TaskroleError):
    """What a role may do does not fit into the policies it can have; `excess` characters are too many."""

    def __init__(self, name: str, excess: int, most: int) -> None:
        self.excess = excess
        super().__init__(
            f"{name}: needs {excess} characters more than a role can have: {most} managed policies of "
            f"{LARGEST_MANAGED_POLICY} beside its attachments, white space not counted; grant fewer resources, "
            "detach policies, or give some tasks a role of their own"
        )


@dataclass(frozen=True)
class _Piece:
    """A statement, or what one resource has of a large one. Parts with one head share it within a policy.

    `key` decides where it goes; it names no more than the statement and the resource, so that gaining an action,
    or a whole statement gaining a resource, moves nothing.
    """

    statement: Statement
    key: str
    whole: bool
    head_size: int
    tail_size: int

    @property
    def head(self) -> tuple[str, tuple[str, ...]]:
        return self.statement.sid, self.statement.actions


@dataclass
class _Bin:
    number: int
    used: int = 0
    pieces: list[_Piece] = field(default_factory=list)
    heads: set[tuple[str, tuple[str, ...]]] = field(default_factory=set)

    def size_with(self, piece: _Piece) -> int:
        return self.used + piece.tail_size + (0 if piece.head in self.heads else piece.head_size)

    def add(self, piece: _Piece) -> None:
        self.used = self.size_with(piece)
        self.pieces.append(piece)
        self.heads.add(piece.head)

    def statements(self) -> tuple[Statement, ...]:
        parts: dict[tuple[str, tuple[str, ...]], list[Statement]] = {}
        for piece in self.pieces:
            parts.setdefault(piece.head, []).append(piece.statement)
        return tuple(_numbered(_joined(parts[head]) for head in sorted(parts)))


def split_statements(statements: Sequence[Statement], *, most: int, name: str) -> tuple[tuple[Statement, ...], ...]:
    """Return the statements of each of several managed policies, at most `most`; together they allow the same.

    A large statement is cut by its resources, and by its actions where those are large too. Raises
    PolicyTooLargeError, whose message calls the policies by `name`.
    """
    pieces = [piece for statement in statements for piece in _pieces(statement)]
    pieces.sort(key=lambda piece: (not piece.whole, piece.key, piece.statement.actions))
    planned = sum(_head_size(one) + _tail_size(one) for one in statements) / (CAPACITY * _PLANNED_LOAD)
    count = max(1, math.ceil(planned))
    while True:
        bins, excess = _shared_out(pieces, min(count, most))
        if not excess:
            return tuple(one.statements() for one in bins if one.pieces)
        if count >= most:
            raise PolicyTooLargeError(name, excess, most)
        count += 1


def _shared_out(pieces: Sequence[_Piece], count: int) -> tuple[list[_Bin], int]:
    """Return `count` policies, and how many characters of the pieces found no room in them."""
    bins = [_Bin(number) for number in range(count)]
    overflow = _Bin(count)
    smallest = min((piece.tail_size for piece in pieces), default=0)
    unfilled = bins
    for piece in pieces:
        unfilled = [one for one in unfilled if one.used + smallest <= CAPACITY]
        fitting = (one for one in unfilled if one.size_with(piece) <= CAPACITY)
        min(fitting, key=lambda one: _rank(piece.key, one.number), default=overflow).add(piece)
    return bins, overflow.used


@cache
def _rank(key: str, number: int) -> bytes:
    return sha256(f"{number}\0{key}".encode()).digest()


def _pieces(statement: Statement) -> Iterator[_Piece]:
    head_size, tail_size = _head_size(statement), _tail_size(statement)
    if head_size + tail_size <= _LARGEST_WHOLE:
        yield _Piece(statement, statement.sid, True, head_size, tail_size)
        return
    for actions in _chunks(statement.actions):
        head_size = _head_size(replace(statement, actions=actions))
        for resource in statement.resources:
            part = replace(statement, actions=actions, resources=(resource,))
            yield _Piece(part, f"{statement.sid}\0{resource}", False, head_size, _tail_size(part))


def _chunks(actions: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """Yield parts of at most `_LARGEST_WHOLE` characters, cut where hashes say and not where a count does."""
    if len(actions) == 1 or _list_size(actions) <= _LARGEST_WHOLE:
        yield actions
        return
    hashes = {action: int.from_bytes(sha256(action.encode()).digest(), "big") for action in actions}
    bit = next(bit for bit in range(256) if len({one >> bit & 1 for one in hashes.values()}) == 2)
    for side in (0, 1):
        yield from _chunks(tuple(action for action in actions if hashes[action] >> bit & 1 == side))


def _joined(parts: Sequence[Statement]) -> Statement:
    return replace(parts[0], resources=tuple(sorted({resource for one in parts for resource in one.resources})))


def _numbered(statements: Iterable[Statement]) -> Iterator[Statement]:
    """Yield statements, parts of one that have different actions numbered: Sids are unique within a policy."""
    taken: set[str] = set()
    for one in statements:
        sid, number = one.sid, 1
        while sid in taken:
            number += 1
            sid = f"{one.sid}{number}"
        taken.add(sid)
        yield replace(one, sid=sid)


def _head_size(statement: Statement) -> int:
    """Return how many characters a statement takes without its resources, with a comma after it."""
    return policy_size({**statement.element(), "Resource": []}) + 1


def _tail_size(statement: Statement) -> int:
    return sum(len(json.dumps(resource, ensure_ascii=False)) + 1 for resource in statement.resources)


def _list_size(texts: Iterable[str]) -> int:
    return sum(len(text) + 3 for text in texts)
