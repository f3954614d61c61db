"""Deny statements that policies lose, and the documents of the managed policies in a plan."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from taskrole.dataclass import dataclass
from taskrole.grant import conditions_clause
from taskrole.plan.known_document import known_document
from taskrole.plan.model import Plan
from taskrole.plan.role_policies import POLICY, text_value_of, value_of
from taskrole.policy.catalogue.managed import managed_policy
from taskrole.policy.comparison.compare import Row, compare
from taskrole.policy.documents.statements import Document, as_list

_MOST_NAMED = 3


@dataclass(frozen=True)
class Denied:
    """What a policy no longer denies; unknown if its document is unknown. Truthy if it is unknown or not empty."""

    is_known: bool
    rows: tuple[Row, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.rows) or not self.is_known

    @property
    def actions(self) -> tuple[str, ...]:
        """The actions that are no longer denied."""
        return tuple(dict.fromkeys(action for row in self.rows for action in row.actions if not row.not_actions))

    @property
    def resources(self) -> tuple[str, ...]:
        """The resources on which they are no longer denied."""
        return tuple(dict.fromkeys(name for row in self.rows for name in row.resources if not row.not_resources))

    @property
    def sentence(self) -> str:
        """What is no longer denied, as a clause."""
        named = [
            f"{_some(row.actions, negated=row.not_actions)} on {_some(row.resources, negated=row.not_resources)}"
            f"{conditions_clause(row.conditions)}"
            for row in self.rows[:_MOST_NAMED]
        ]
        more = len(self.rows) - len(named)
        return f"it denied {'; '.join(named)}{f'; and {more} more' if more else ''}"


NOTHING_DENIED = Denied(is_known=True)


def denied_by(document: Document | None) -> Denied:
    """Return what a policy denies; None stands for a policy with an unknown document."""
    return lost_denials(document, None)


def lost_denials(old: Document | None, new: Document | None) -> Denied:
    """Return what `old` denies and `new`, which replaces it, does not.

    `old` is None if unknown; `new` is None if there is no new policy or it is unknown.
    """
    if old is None:
        return Denied(is_known=False)
    statements = as_list(old.get("Statement", []))
    if not any(isinstance(statement, dict) and statement.get("Effect") == "Deny" for statement in statements):
        return NOTHING_DENIED
    difference = compare([old], [] if new is None else [new])
    rows = tuple(row for row in difference.removed if row.effect == "Deny")
    return Denied(bool(rows) or not difference.unresolved, rows)


def policy_documents(plan: Plan) -> dict[str, Document]:
    """Return the customer managed policies of a plan by ARN, as they were before any drift."""
    documents: dict[str, Document] = {}
    for change in (*plan.changes, *plan.drift):
        for side in ("after", "before") if change.type == POLICY else ():
            arn = text_value_of(change, side, "arn")
            known = known_document(value_of(change, side, "policy")).document
            if arn is not None and known is not None:
                documents[arn] = known
    return documents


def document_of_arn(arn: Any, customer: Mapping[str, Document]) -> Document | None:
    """Return the document of an AWS managed policy or of one in `customer`; None if unknown."""
    if not isinstance(arn, str):
        return None
    known = managed_policy(arn) if ":iam::aws:" in arn else None
    return customer.get(arn) or (known.document if known else None)


def _some(names: tuple[str, ...], *, negated: bool) -> str:
    named = ", ".join(names[:_MOST_NAMED])
    more = len(names) - _MOST_NAMED
    return f"{'all but ' if negated else ''}{named}{f' and {more} more' if more > 0 else ''}"
