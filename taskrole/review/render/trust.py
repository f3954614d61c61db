"""Trust changes by principal, and both trust policies, which may have any structure."""

from __future__ import annotations

from difflib import unified_diff
from typing import Literal

from taskrole.dataclass import dataclass
from taskrole.policy.documents.statements import Document, policy_text
from taskrole.review.report import Report, RoleReview

_UNKNOWN = "who can assume it is not known from the plan"


@dataclass(frozen=True)
class TrustLine:
    """A clause that is added (`+`), removed (`-`) or changed (`±`), and whether it broadens the trust."""

    sign: Literal["+", "-", "±"]
    text: str
    broadens: bool


@dataclass(frozen=True)
class TrustDifference:
    """The changes of a role's trust, line by line."""

    role: RoleReview
    lines: tuple[TrustLine, ...]
    is_known: bool

    @property
    def broadens(self) -> bool:
        """Whether a line broadens the trust, which needs an approval."""
        return any(line.broadens for line in self.lines)

    def documents(self) -> str:
        """Return a diff of the two trust policies as indented JSON, with unchanged lines; empty if neither is known."""
        before, after = (_lines(document) for document in (self.role.trust.before, self.role.trust.after))
        if before == after or (not after and not self.is_known):
            return "\n".join(f" {line}" for line in before)
        return "\n".join(list(unified_diff(before, after, n=10_000, lineterm=""))[3:])


def trust_differences(report: Report) -> list[TrustDifference]:
    """Return the differences of all roles whose trust changes."""
    unknown = {item.address for item in report.unresolved}
    return [_difference(role, role.address not in unknown) for role in report.roles if role.trust.changed]


def _difference(role: RoleReview, is_known: bool) -> TrustDifference:
    lines = tuple(TrustLine(change.sign, change.sentence, change.broadens) for change in role.trust.changes) or (
        *(_line("+", clause) for clause in role.trust.added),
        *(_line("-", clause) for clause in role.trust.removed),
    )
    return TrustDifference(role, lines or (TrustLine("+", _UNKNOWN, broadens=True),), is_known)


def _line(sign: Literal["+", "-"], clause: str) -> TrustLine:
    return TrustLine(sign, clause, broadens=(sign == "-") == ("cannot assume it" in clause))


def _lines(document: Document | None) -> list[str]:
    return [] if document is None else policy_text(document).split("\n")
