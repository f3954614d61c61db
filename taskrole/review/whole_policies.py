"""AWS managed policies that a role gains or loses as a whole: a row for each, with its grants.

AWS owns the document, so a reviewer approves the policy as a whole, by its key, not each of its grants.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from taskrole.dataclass import dataclass
from taskrole.errors import printable
from taskrole.plan.role_policies import Attached
from taskrole.plan.roles import RoleState
from taskrole.policy.comparison.boundary import FORBIDDEN
from taskrole.policy.comparison.compare import Row, compare
from taskrole.policy.documents.statements import Document, as_list
from taskrole.review.managed import allowed_actions
from taskrole.review.report import AccessRow
from taskrole.review.rows import Because, Forbids, access_rows, in_order, listed, managed_policy_key, sorted_rows


@dataclass(frozen=True)
class Split:
    """The rows of one side of a comparison: the rows of each whole policy, and all others."""

    others: tuple[Row, ...]
    wholes: tuple[tuple[Attached, tuple[Row, ...]], ...] = ()


def whole_policies(side: RoleState | None, other: RoleState | None) -> list[Attached]:
    """Return the AWS managed policies with a known document that a role has on one side and not on the other."""
    also = {policy.key for policy in other.policies} if other else set()
    return [
        policy
        for policy in (side.policies if side else ())
        if policy.kind == "aws"
        and policy.key not in also
        and policy.document is not None
        and not (policy.problem or policy.is_secret)
    ]


def split_rows(
    rows: Sequence[Row], base: Sequence[Document], documents: Sequence[Document], wholes: Sequence[Attached]
) -> Split:
    """Return rows of a comparison split by the whole policies that they come from.

    `rows` are what the `documents` of a role allow or deny beyond `base`, the documents of its other side; `documents`
    include the whole policies. Rows of a permissions boundary belong to no policy.
    """
    if not wholes or not any(row.origin == "policy" for row in rows):
        return Split(tuple(rows))
    own = [policy.document for policy in wholes if policy.document is not None]
    rest = [document for document in documents if not any(document is own_document for own_document in own)]
    beyond = [(policy, _beyond(base, policy.document, documents)) for policy in wholes if policy.document is not None]
    boundary = tuple(row for row in rows if row.origin == "boundary")
    others = _rows_beyond(base, rest, documents) if rest else ()
    return Split((*others, *boundary), tuple((policy, some) for policy, some in beyond if some))


def split_access_rows(  # noqa: PLR0913 -- what a row says
    split: Split,
    role: str,
    sign: Literal["+", "-"],
    *,
    because: Because | None = None,
    forbids: Forbids | None = None,
    hidden: frozenset[str],
) -> tuple[AccessRow, ...]:
    """Return the rows of a report for a role of this name, the worst first."""
    made = list(access_rows(split.others, role, sign, because=because, forbids=forbids, hidden=hidden))
    for policy, rows in split.wholes:
        parts = access_rows(rows, role, sign, because=because, forbids=forbids, hidden=hidden)
        for effect in ("Allow", "Deny"):
            some = tuple(part for part in parts if part.effect == effect)
            if some:
                made.append(_policy_row(policy, some, role, sign))
    return sorted_rows(made)


def _policy_row(policy: Attached, parts: tuple[AccessRow, ...], role: str, sign: str) -> AccessRow:
    first = parts[0]
    resources = in_order(resource for part in parts for resource in part.resources)
    if any(part.not_resources for part in parts):
        resources = ("*",)
    count = allowed_actions(policy.document) if first.effect == "Allow" and policy.document is not None else None
    deny = "Deny by " if first.effect == "Deny" else ""
    actions = f"{count:,} action{'' if count == 1 else 's'} on " if count is not None else ""
    forbidden = all(part.forbidden for part in parts)
    text = f"{deny}AWS managed policy `{policy.name}`: {actions}{listed(resources)}"
    return AccessRow(
        effect=first.effect,
        access_level=first.access_level,
        actions=(),
        resources=resources,
        conditions=(),
        sentence=printable(
            f"{sign} {text} {'to' if sign == '+' else 'from'} role {role}{FORBIDDEN if forbidden else ''}"
        ),
        because=_because(parts),
        key=managed_policy_key(policy.key, first.effect),
        policy=policy.key,
        count=count,
        parts=parts,
        forbidden=forbidden,
    )


def _because(parts: Sequence[AccessRow]) -> str:
    """Return why a policy is needed: its distinct reasons."""
    actions: dict[str, list[str]] = {}
    for part in parts:
        if part.because:
            actions.setdefault(part.because, []).extend(part.actions)
    return "; ".join(actions)


def _beyond(base: Sequence[Document], document: Document, documents: Sequence[Document]) -> tuple[Row, ...]:
    return _rows_beyond(base, [document], documents)


def _rows_beyond(
    base: Sequence[Document], documents: Sequence[Document], all_documents: Sequence[Document]
) -> tuple[Row, ...]:
    """Return the rows of documents beyond a base, without permissions that a document of the same side denies."""
    denials = [denial for document in all_documents if (denial := _denials(document)) is not None]
    added = compare(base, [*documents, *denials]).added
    allowed = [row for row in added if row.effect == "Allow"]
    own_denials = any(_denials(document) is not None for document in documents)
    denied = [row for row in compare(base, documents).added if row.effect == "Deny"] if own_denials else []
    return (*allowed, *denied)


def _denials(document: Document) -> Document | None:
    """Return a document with the Deny statements of a document, or None if it has none."""
    statements: list[Any] = [
        statement
        for statement in as_list(document.get("Statement"))
        if isinstance(statement, Mapping) and statement.get("Effect") == "Deny"
    ]
    return {**document, "Statement": statements} if statements else None
