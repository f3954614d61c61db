"""Who may assume a role, as lines that can be compared. A plan may hold a trust policy of any shape."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import unified_diff
from typing import Any

from taskrole.policy.documents import Document, as_list
from taskrole.review.report import Report, RoleReview, TrustChange

GONE = "nobody: the role goes"
UNKNOWN = "not known from the plan"


@dataclass(frozen=True)
class TrustDifference:
    """Whom a role's trust policy comes to name, and whom it no longer does, a line each."""

    role: RoleReview
    gained: tuple[str, ...]
    lost: tuple[str, ...]


def trust_differences(report: Report) -> list[TrustDifference]:
    """Return the differences of all roles whose trust changes."""
    unresolved = {one.address for one in report.unresolved}
    return [
        _difference(role, UNKNOWN if role.address in unresolved else GONE)
        for role in report.roles
        if role.trust.changed
    ]


def trust_lines(document: Document) -> Iterator[str]:
    """Yield who may assume a role, and under which conditions: one line for each principal of each statement."""
    for statement in as_list(document.get("Statement", [])):
        if not isinstance(statement, Mapping):
            yield f"a statement that is none: {_json(statement)}"
            continue
        conditions = " and ".join(_conditions(statement.get("Condition")))
        suffix = f" if {conditions}" if conditions else ", without conditions"
        effect = "" if statement.get("Effect") == "Allow" else f"{statement.get('Effect')} "
        actions = [action for action in _actions(statement) if action != "sts:AssumeRole"]
        for principal in _principals(statement):
            yield f"{effect}{principal}{_bracketed(', '.join(actions))}{suffix}"


def document_diff(trust: TrustChange) -> str:
    """Return the two trust policies as one diff of indented JSON, unchanged lines included."""
    before, after = (_lines(document) for document in (trust.before, trust.after))
    return "\n".join(line.rstrip("\n") for line in list(unified_diff(before, after, n=10_000, lineterm=""))[3:])


def _difference(role: RoleReview, without: str) -> TrustDifference:
    before, after = role.trust.before, role.trust.after
    old = tuple(trust_lines(before)) if before is not None else ()
    new = tuple(trust_lines(after)) if after is not None else (without,)
    gained, lost = _missing(new, old), _missing(old, new)
    if not gained and not lost:
        # The same principals, differently: what differs is in the documents.
        gained, lost = (_json(after),), (_json(before),)
    return TrustDifference(role, gained, lost)


def _missing(lines: Iterable[str], others: Iterable[str]) -> tuple[str, ...]:
    known = set(others)
    return tuple(line for line in lines if line not in known)


def _principals(statement: Mapping[str, Any]) -> Iterator[str]:
    for key, prefix in (("Principal", ""), ("NotPrincipal", "all but ")):
        if key not in statement:
            continue
        principal = statement[key]
        for kind, values in principal.items() if isinstance(principal, Mapping) else (("", principal),):
            for value in as_list(values):
                named = value if isinstance(value, str) else _json(value)
                shown = f"anyone ({named})" if named == "*" else named
                yield f"{prefix}{shown}{_bracketed('' if kind in ('Service', 'AWS') else kind)}"


def _bracketed(text: str) -> str:
    return f" ({text})" if text else ""


def _conditions(block: Any) -> Iterator[str]:
    if block is None:
        return
    if not isinstance(block, Mapping) or not all(isinstance(pairs, Mapping) for pairs in block.values()):
        yield _json(block)
        return
    for operator, pairs in block.items():
        for key, value in pairs.items():
            yield f"{key} {operator} {', '.join(str(one) for one in as_list(value))}"


def _actions(statement: Mapping[str, Any]) -> Iterator[str]:
    yield from (str(action) for action in as_list(statement.get("Action", [])))
    yield from (f"all but {action}" for action in as_list(statement.get("NotAction", [])))


def _lines(document: Document | None) -> list[str]:
    return [] if document is None else json.dumps(document, indent=2, ensure_ascii=False).split("\n")


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
