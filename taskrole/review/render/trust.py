"""Who may assume a role, as lines that can be compared. A plan may hold a trust policy of any shape."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import unified_diff
from typing import Any, Literal

from taskrole.policy.documents import Document, as_list
from taskrole.review.report import Report, RoleReview

GONE = "nobody: the role goes"
UNKNOWN = "not known from the plan"


@dataclass(frozen=True)
class TrustLine:
    """A line that comes (`+`) or goes (`-`), and whether that lets more principals assume the role."""

    sign: Literal["+", "-"]
    text: str
    broadens: bool


@dataclass(frozen=True)
class TrustDifference:
    """What changes in a role's trust, line by line, and the two policies as a diff of indented JSON."""

    role: RoleReview
    lines: tuple[TrustLine, ...]
    documents: str


def trust_differences(report: Report) -> list[TrustDifference]:
    """Return the differences of all roles whose trust changes."""
    unresolved = {one.address for one in report.unresolved}
    return [_difference(role, is_known=role.address not in unresolved) for role in report.roles if role.trust.changed]


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


def _difference(role: RoleReview, is_known: bool) -> TrustDifference:
    before, after = role.trust.before, role.trust.after
    old = list(trust_lines(before)) if before is not None else []
    if after is None:
        lost = [_line("-", text) for text in old] if is_known else []
        lines = [*lost, TrustLine("+", GONE, broadens=False) if is_known else TrustLine("+", UNKNOWN, broadens=True)]
        return TrustDifference(role, tuple(lines), _diff(before, after if is_known else before))
    new = list(trust_lines(after))
    lines = [
        *(_line("+", text) for text in new if text not in old),
        *(_line("-", text) for text in old if text not in new),
    ]
    if not lines:
        # The same principals under the same conditions: what differs is told by the documents alone.
        lines = [TrustLine("+", _json(after), broadens=True), TrustLine("-", _json(before), broadens=False)]
    return TrustDifference(role, tuple(lines), _diff(before, after))


def _line(sign: Literal["+", "-"], text: str) -> TrustLine:
    return TrustLine(sign, text, broadens=(sign == "-") == text.startswith("Deny "))


def _diff(before: Document | None, after: Document | None) -> str:
    old, new = _lines(before), _lines(after)
    if old == new:
        return "\n".join(f" {line}" for line in old)
    return "\n".join(list(unified_diff(old, new, n=10_000, lineterm=""))[3:])


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
