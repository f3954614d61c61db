"""The changes between two lock files, in sentences: the trust of each role, and the permissions it gains and loses.

Permissions are compared, not texts. Permissions that a role gains but its permissions boundary forbids are marked.
Unknown policies are compared by ARN.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from taskrole.errors import printable
from taskrole.grant import conditions_clause
from taskrole.lock import Lock, RoleEntry
from taskrole.policy.catalogue.managed import managed_policy
from taskrole.policy.comparison.boundary import FORBIDDEN, is_forbidden
from taskrole.policy.comparison.compare import Row, compare
from taskrole.policy.documents.statements import Document
from taskrole.policy.evaluation.coverage import Judge
from taskrole.role import NOT, assumers
from taskrole.sources.lock import locked_role


class LockDifference(NamedTuple):
    """A difference: `stack NAME, role NAME` or `stack NAME`, and what changed, as the rest of a sentence."""

    subject: str
    change: str

    def __str__(self) -> str:
        return printable(f"{self.subject}: {self.change}")


def lock_differences(before: Lock, after: Lock) -> Iterator[LockDifference]:
    """Yield each difference between the lock and the declared roles."""
    for stack, key in sorted({*_keys(before), *_keys(after)}):
        who = f"stack {stack}, role {key}"
        old, new = _role(before, stack, key), _role(after, stack, key)
        if new is None:
            yield LockDifference(who, "was removed")
        elif old is None:
            yield LockDifference(who, f"is new, a role of kind {new.kind}")
            yield from (LockDifference(who, change) for change in _role_differences(_nothing(new), new))
        else:
            yield from (LockDifference(who, change) for change in _role_differences(old, new))
    for stack in sorted(before.stacks.keys() & after.stacks.keys()):
        was, is_ = before.stacks[stack], after.stacks[stack]
        for name in ("partition", "region", "account"):
            if getattr(was, name) != getattr(is_, name):
                yield LockDifference(f"stack {stack}", f"{name} was {getattr(was, name)}, is {getattr(is_, name)}")


def _keys(lock: Lock) -> Iterator[tuple[str, str]]:
    for name, stack in lock.stacks.items():
        for key in stack.roles:
            yield name, key


def _role(lock: Lock, stack: str, key: str) -> RoleEntry | None:
    locked = lock.stacks.get(stack)
    return locked.roles.get(key) if locked else None


def _nothing(role: RoleEntry) -> RoleEntry:
    """Return a role without trust and permissions, with the same limits."""
    return role.model_copy(
        update={"trust": {"Version": "2012-10-17", "Statement": []}, "managed_policies": {}, "allow": [], "deny": []}
    )


def _role_differences(old: RoleEntry, new: RoleEntry) -> Iterator[str]:
    if old.kind != new.kind:
        yield f"was of kind {old.kind}, is of kind {new.kind}"
    yield from _trust_differences(old.trust, new.trust)
    if old.permissions_boundary != new.permissions_boundary:
        yield f"permissions boundary was {_or_none(old.permissions_boundary)}, is {_or_none(new.permissions_boundary)}"
    yield from _attachment_differences(old.managed_policies, new.managed_policies)
    yield from _permission_differences(old, new)


def _trust_differences(old: Document, new: Document) -> Iterator[str]:
    if old == new:
        return
    was, is_ = list(assumers(old)), list(assumers(new))
    yield from (_trust_sentence(who, "can be assumed by", "cannot be assumed by") for who in is_ if who not in was)
    yield from (
        _trust_sentence(who, "can no longer be assumed by", "is no longer denied to") for who in was if who not in is_
    )
    if sorted(was) == sorted(is_):
        yield "its trust policy changed"


def _trust_sentence(who: str, allowed: str, denied: str) -> str:
    name = who.removeprefix(NOT)
    return printable(f"{allowed if name == who else denied} {name}")


def _attachment_differences(old: Mapping[str, str | None], new: Mapping[str, str | None]) -> Iterator[str]:
    for arn in sorted({*old, *new}):
        if arn not in old:
            yield f"gains managed policy {printable(arn)}{_unknown(arn)}"
        elif arn not in new:
            yield f"loses managed policy {printable(arn)}{_unknown(arn)}"
        elif old[arn] != new[arn]:
            yield f"managed policy {printable(arn)} was {_or_none(old[arn])}, is {_or_none(new[arn])}"


def _permission_differences(old: RoleEntry, new: RoleEntry) -> Iterator[str]:
    if _permissions(old) == _permissions(new):
        # Equal statements are equivalent, even if they cannot be compared with others.
        return
    before, after = locked_role("before", old), locked_role("after", new)
    comparison = compare(before.documents, after.documents)
    judge = Judge(after)
    for row in comparison.added:
        yield f"{_sentence(row, 'gains', 'is now denied')}{FORBIDDEN if is_forbidden(row, judge) else ''}"
    yield from (_sentence(row, "loses", "is no longer denied") for row in comparison.removed)
    yield from (f"cannot be compared: {reason}" for reason in comparison.unresolved)


def _permissions(role: RoleEntry) -> tuple[object, ...]:
    """Return a locked role for the comparison of its permissions."""
    return role.allow, role.deny, role.managed_policies, role.permissions_boundary


def _sentence(row: Row, allowed: str, denied: str) -> str:
    actions = f"all actions except {', '.join(row.actions)}" if row.not_actions else ", ".join(row.actions)
    resources = ", ".join(row.resources)
    where = f"all except {resources}" if row.not_resources else resources
    what = f"{actions} on {where}{conditions_clause(row.conditions)}"
    return printable(f"{allowed if row.effect == 'Allow' else denied} {what}")


def _unknown(arn: str) -> str:
    return "" if managed_policy(arn) else ", whose permissions are unknown"


def _or_none(value: str | None) -> str:
    return "none" if value is None else printable(value)
