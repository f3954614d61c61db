"""Rows of a report: grants that are gained or lost, each with its access level, sentence and approval key."""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Literal

from taskrole.canonical_json import canonical_json
from taskrole.errors import printable
from taskrole.grant import Effect, conditions_clause
from taskrole.plan.model import MASK
from taskrole.policy.catalogue.access_levels import ACCESS_LEVELS, access_level
from taskrole.policy.catalogue.actions import all_actions, expand
from taskrole.policy.comparison.boundary import FORBIDDEN
from taskrole.policy.comparison.compare import Row
from taskrole.policy.documents.statements import Document
from taskrole.policy.match import has_wildcard
from taskrole.review.report import AccessRow

UNKNOWN_LEVEL = "Unknown"

_MOST_NAMED = 3
_SUFFIX = re.compile(r"-(?:\?{6}|[A-Za-z0-9]{6})$")

# Why a role needs a grant, and which of its actions; empty if no task is known to need any.
Because = Callable[[Row], str]
# Whether the role's permissions boundary blocks all of a grant.
Forbids = Callable[[Row], bool]


def access_rows(  # noqa: PLR0913 -- the parts of a row
    rows: Iterable[Row],
    role: str,
    sign: str,
    *,
    because: Because | None = None,
    forbids: Forbids | None = None,
    hidden: frozenset[str] = frozenset(),
) -> tuple[AccessRow, ...]:
    """Return the rows of a comparison for a role of this name, the worst access level first; `sign` is + or -.

    A row with a text in `hidden` is masked except for its access level.
    """
    made = [
        _masked(change, role, sign) if hidden and _is_hidden(row, hidden) else change
        for row in rows
        for change in _rows(row, role, sign, because, forbids)
    ]
    return sorted_rows(made)


def sorted_rows(rows: Iterable[AccessRow]) -> tuple[AccessRow, ...]:
    """Return rows with the worst first: every action on every resource, then by access level.

    In addition to every action on every resource, other permissions grant nothing; they become parts of that row.
    """
    ordered = sorted(rows, key=_order)
    whole = next((row for row in ordered if row.is_everything and _is_permission(row)), None)
    if whole is None:
        return tuple(ordered)
    included = tuple(row for row in ordered if row is not whole and _is_permission(row))
    first = replace(whole, parts=(*whole.parts, *included))
    return (first, *(row for row in ordered if not _is_permission(row)))


def texts_of(documents: Iterable[Document]) -> frozenset[str]:
    """Return all strings in documents in lower case, except policy keywords."""
    statements: set[str] = set()
    waiting: list[object] = [document.get("Statement") for document in documents]
    while waiting:
        cause = waiting.pop()
        if isinstance(cause, str):
            statements.add(cause.lower())
        elif isinstance(cause, dict):
            waiting += [value for key, value in cause.items() if key not in ("Effect", "Sid")]
        elif isinstance(cause, list):
            waiting += cause
    return frozenset(statements)


def short_name(resource: str) -> str:
    """Return the short name of a resource: its ARN without the prefix that all ARNs of its type have."""
    parts = resource.split(":", 5)
    if len(parts) < 6 or "${" in ":".join(parts[:5]):
        return resource
    service, name = parts[2], parts[5]
    if service == "secretsmanager" and name.startswith("secret:"):
        return _SUFFIX.sub("", name.removeprefix("secret:"))
    if service == "logs" and name.startswith("log-group:"):
        return name.removeprefix("log-group:")
    if service in ("s3", "sqs", "sns"):
        return name
    kind, slash, rest = name.partition("/")
    return rest if slash and rest and ":" not in kind else name


def _rows(row: Row, role: str, sign: str, because: Because | None, forbids: Forbids | None) -> Iterable[AccessRow]:
    levels: dict[str, list[str]] = defaultdict(list)
    if row.not_actions:
        # Nearly all actions remain, and the worst level is among the first few, so not all are checked.
        excepted = expand(row.actions)
        levels[_worst(action for action in all_actions() if action not in excepted)] += row.actions
    else:
        for action in row.actions:
            levels[_level(action)].append(action)
    asks = because if row.effect == "Allow" and sign == "+" else None
    for level, actions in levels.items():
        part = replace(row, actions=tuple(actions)) if asks or forbids else row
        why = asks(part) if asks else ""
        forbidden = forbids is not None and forbids(part)
        yield AccessRow(
            row.effect,
            level,
            tuple(actions),
            row.resources,
            row.conditions,
            f"{_sentence(row, level, actions, role, sign)}{FORBIDDEN if forbidden else ''}",
            why,
            _key(row, actions),
            origin=row.origin,
            not_actions=row.not_actions,
            not_resources=row.not_resources,
            forbidden=forbidden,
        )


def _level(action: str) -> str:
    if action == "*":
        return ACCESS_LEVELS[0]
    if not has_wildcard(action):
        return access_level(action) or UNKNOWN_LEVEL
    return _worst(expand([action]))


def _worst(actions: Iterable[str]) -> str:
    """Return the worst access level of actions; stops at the worst possible level."""
    levels = set()
    for action in actions:
        level = access_level(action)
        if level == ACCESS_LEVELS[0]:
            return level
        levels.add(level)
    return next((level for level in ACCESS_LEVELS if level in levels), UNKNOWN_LEVEL)


def grant_text(row: Row | AccessRow, level: str, actions: Sequence[str]) -> str:
    """Return a grant in words, without its role: Read `s3:GetObject` on `exports/*`."""
    named, where = _listed(actions), listed(row.resources)
    named = f"all actions but {named}" if row.not_actions else named
    where = f"everything but {where}" if row.not_resources else where
    deny = "Deny " if row.effect == "Deny" else ""
    level = "" if level == UNKNOWN_LEVEL else f"{level} "
    return printable(f"{deny}{level}{named} on {where}{conditions_clause(row.conditions)}")


def _sentence(row: Row, level: str, actions: Sequence[str], role: str, sign: str) -> str:
    what = grant_text(row, level, actions)
    if row.origin == "boundary":
        return printable(f"{sign} Permissions boundary: {what}, role {role}")
    return printable(f"{sign} {what} {'to' if sign == '+' else 'from'} role {role}")


def in_order(names: Iterable[str]) -> tuple[str, ...]:
    """Return distinct names, `*` first."""
    return tuple(sorted(set(names), key=lambda name: (name != "*", name)))


def listed(resources: Sequence[str]) -> str:
    """Return the names of the first few resources, and the number of the others, for a sentence."""
    return _listed([short_name(resource) for resource in resources])


def _is_permission(row: AccessRow) -> bool:
    return row.effect == "Allow" and row.origin == "policy"


def _listed(names: Sequence[str]) -> str:
    quoted = [f"`{name.replace('`', chr(39))}`" for name in names[:_MOST_NAMED]]
    more = f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
    return f"{', '.join(quoted)}{more}"


def _key(row: Row, actions: Sequence[str]) -> str:
    return row_key([row.origin, row.effect, actions, row.resources, row.conditions, row.not_actions, row.not_resources])


def row_key(grant: Sequence[object]) -> str:
    """Return the key of a normalised grant, 16 hexadecimal digits: the same in every plan with this grant."""
    return hashlib.sha256(canonical_json(grant).encode()).hexdigest()[:16]


def managed_policy_key(arn: str, effect: Effect) -> str:
    """Return the key of everything that an AWS managed policy allows, or denies."""
    return row_key(["aws-managed-policy", arn, effect])


def keyed(rows: Iterable[AccessRow], owner: Sequence[str], sign: Literal["+", "-"]) -> tuple[AccessRow, ...]:
    """Return rows with the keys for an owner, such as a role as role_identity returns it.

    Gaining and losing the same grant have different keys: approving its removal does not approve its return.
    """
    return tuple(
        replace(row, key=row_key([*owner, sign, row.key]), parts=keyed(row.parts, owner, sign)) for row in rows
    )


def change_key(kind: str, owner: Sequence[str], rows: Iterable[AccessRow], known: Sequence[object] = ()) -> str:
    """Return the key of a whole change, such as that of a policy or a workload.

    `owner` identifies whose change it is, independent of what is displayed; `rows` are all gained and lost rows, with
    keys; `known` is what else the approval depends on, such as the known parts of an unknown value.
    """
    return row_key([kind, *owner, sorted(row.key for row in rows), *known])


def _is_hidden(row: Row, hidden: frozenset[str]) -> bool:
    texts = (*row.actions, *row.resources, *(value for _, key, values in row.conditions for value in (key, *values)))
    return any(text.lower() in hidden for text in texts)


def _masked(row: AccessRow, role: str, sign: str) -> AccessRow:
    preposition = "to" if sign == "+" else "from"
    sentence = printable(f"{sign} {row.access_level} {MASK} {preposition} role {role}")
    return AccessRow(row.effect, row.access_level, (MASK,), (MASK,), (), sentence, "", row.key, origin=row.origin)


def _order(row: AccessRow) -> tuple[bool, int, tuple[str, ...], tuple[str, ...], str]:
    levels = (*ACCESS_LEVELS, UNKNOWN_LEVEL)
    level = levels.index(row.access_level) if row.access_level in levels else 0
    return not row.is_everything, level, row.actions, row.resources, row.key
