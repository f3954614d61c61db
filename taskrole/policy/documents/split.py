"""Distributes statements among managed policies of at most 6,144 characters.

Rendezvous hashing (with a bounded load) of a piece and the policy's number decides where the piece goes, not its
position: adding a grant changes one policy and moves nothing else, so an apply almost never removes a permission
from one policy before adding it to another.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import field, replace
from functools import lru_cache

from taskrole.dataclass import dataclass
from taskrole.errors import TaskroleError
from taskrole.policy.documents.merge import Statement
from taskrole.policy.documents.statements import LARGEST_MANAGED_POLICY, policy_document, policy_size

_EMPTY = policy_size({**policy_document([]), "Statement": []})
CAPACITY = LARGEST_MANAGED_POLICY - _EMPTY

# Statements up to this size are not split; the resources of larger ones may go to different policies.
_LARGEST_WHOLE = CAPACITY // 4
# Planned fill level: room to grow before another policy is needed, which would move pieces.
_PLANNED_LOAD = 5 / 6

_ENCODE = json.JSONEncoder(ensure_ascii=False).encode


class PolicyTooLargeError(TaskroleError):
    """The permissions of a role exceed the capacity of its policies by `excess` characters."""

    def __init__(self, name: str, excess: int, most: int) -> None:
        self.excess = excess
        super().__init__(
            f"{name}: needs {excess} characters more than a role can have: {most} managed policies of "
            f"{LARGEST_MANAGED_POLICY} beside its attachments, white space not counted; grant fewer resources, "
            "detach policies, or give some tasks a role of their own"
        )


@dataclass(frozen=True, eq=False)
class _Head:
    """A statement without its resources, shared by its pieces within a policy.

    Compared by identity, since comparing hundreds of actions is slow.
    """

    statement: Statement
    size: int

    @property
    def order(self) -> tuple[str, tuple[str, ...]]:
        return self.statement.sid, self.statement.actions


@dataclass(frozen=True)
class _Piece:
    """A complete statement, or the part of a large statement for one resource.

    `key` decides where it goes. It consists of the Sid and the resource only, so that an added action, or a resource
    added to a whole statement, moves nothing.
    """

    head: _Head
    resources: tuple[str, ...]
    key: str
    whole: bool
    size: int

    @property
    def order(self) -> tuple[bool, str, tuple[str, ...]]:
        return not self.whole, self.key, self.head.statement.actions


@dataclass
class _Bin:
    number: int
    used: int = 0
    pieces: list[_Piece] = field(default_factory=list)
    heads: set[_Head] = field(default_factory=set)

    def add(self, piece: _Piece) -> None:
        self.used += piece.size + (0 if piece.head in self.heads else piece.head.size)
        self.pieces.append(piece)
        self.heads.add(piece.head)

    def statements(self) -> tuple[Statement, ...]:
        resources: dict[_Head, set[str]] = {head: set() for head in self.heads}
        for piece in self.pieces:
            resources[piece.head].update(piece.resources)
        heads = sorted(resources, key=lambda head: head.order)
        return tuple(_numbered(replace(head.statement, resources=tuple(sorted(resources[head]))) for head in heads))


def split_statements(statements: Sequence[Statement], *, most: int, name: str) -> tuple[tuple[Statement, ...], ...]:
    """Return the statements of each of at most `most` managed policies, which together allow exactly the same.

    A large statement is split by resource, and by action if its actions are large too. Raises PolicyTooLargeError,
    whose message begins with `name`.
    """
    pieces = [piece for statement in statements for piece in _pieces(statement)]
    pieces.sort(key=lambda piece: piece.order)
    total = sum(_head_size(statement) + sum(_tail_sizes(statement)) for statement in statements)
    if total > CAPACITY * most:
        raise PolicyTooLargeError(name, total - CAPACITY * most, most)
    count = max(1, math.ceil(total / (CAPACITY * _PLANNED_LOAD)))
    while True:
        bins, excess = _shared_out(pieces, min(count, most))
        if not excess:
            return tuple(policy.statements() for policy in bins if policy.pieces)
        if count >= most:
            raise PolicyTooLargeError(name, excess, most)
        count += 1


def _shared_out(pieces: Sequence[_Piece], count: int) -> tuple[list[_Bin], int]:
    """Return `count` policies, and the size of the pieces that do not fit, in characters."""
    bins = [_Bin(number) for number in range(count)]
    overflow = _Bin(count)
    smallest = min((piece.size for piece in pieces), default=0)
    unfilled = bins
    for piece in pieces:
        unfilled = [policy for policy in unfilled if policy.used + smallest <= CAPACITY]
        head, key, room = piece.head, piece.key, CAPACITY - piece.size
        fitting = [policy for policy in unfilled if policy.used <= (room if head in policy.heads else room - head.size)]
        min(fitting, key=lambda policy: _rank(key, policy.number), default=overflow).add(piece)
    return bins, overflow.used


@lru_cache(maxsize=131_072)
def _rank(key: str, number: int) -> bytes:
    return _sha256(f"{number}\0{key}")


def _sha256(text: str) -> bytes:
    # Imported late: most policies are small enough.
    from hashlib import sha256

    return sha256(text.encode()).digest()


def _pieces(statement: Statement) -> Iterator[_Piece]:
    head_size, tail_sizes = _head_size(statement), _tail_sizes(statement)
    if head_size + sum(tail_sizes) <= _LARGEST_WHOLE:
        yield _Piece(_Head(statement, head_size), statement.resources, statement.sid, True, sum(tail_sizes))
        return
    for actions in _chunks(statement.actions):
        part = replace(statement, actions=actions)
        head = _Head(part, _head_size(part))
        for resource, size in zip(statement.resources, tail_sizes, strict=True):
            yield _Piece(head, (resource,), f"{statement.sid}\0{resource}", False, size)


def _chunks(actions: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """Yield parts of at most `_LARGEST_WHOLE` characters, split by hash so that parts stay stable."""
    if len(actions) == 1 or _list_size(actions) <= _LARGEST_WHOLE:
        yield actions
        return
    hashes = {action: int.from_bytes(_sha256(action), "big") for action in actions}
    bit = next(bit for bit in range(256) if len({digest >> bit & 1 for digest in hashes.values()}) == 2)
    for side in (0, 1):
        yield from _chunks(tuple(action for action in actions if hashes[action] >> bit & 1 == side))


def _numbered(statements: Iterable[Statement]) -> Iterator[Statement]:
    """Yield statements with unique Sids: parts of one statement with different actions are numbered."""
    taken: set[str] = set()
    for statement in statements:
        sid, number = statement.sid, 1
        while sid in taken:
            number += 1
            sid = f"{statement.sid}{number}"
        taken.add(sid)
        yield replace(statement, sid=sid)


def _head_size(statement: Statement) -> int:
    """Return the size of a statement without its resources, in characters, with a trailing comma."""
    return policy_size({**statement.element(), "Resource": []}) + 1


def _tail_sizes(statement: Statement) -> list[int]:
    """Return the size of each resource of a statement, in characters, with a trailing comma."""
    return [len(_ENCODE(resource)) + 1 for resource in statement.resources]


def _list_size(texts: Iterable[str]) -> int:
    return sum(len(text) + 3 for text in texts)
