"""EffectiveRole: a role as it is or will be, wherever it was read; each part is known or carries why it is not."""

from __future__ import annotations

from dataclasses import dataclass

from taskrole.grant import Grant
from taskrole.policy.documents.policy import Policy
from taskrole.policy.documents.statements import Document


@dataclass(frozen=True)
class EffectiveRole:
    """A role with all documents that decide what it may do, and what of them is not known.

    `policies` are all whose documents are known, at least in part, attached ones included. `unknown_policies` is a
    clause for each whose document is not, or not all, known: its name and the reason. `boundary_problem` is the same
    clause for the permissions boundary, of which `boundary` is the known part; both are empty where there is none.
    `trust` is None where it is not known, and `trust_problem` then is the reason. `arn` is None where it is not known.
    `needed` is what the role is declared to need beside what task definitions ask for. `is_hidden` says that a text of
    its policies is sensitive, so that no message may quote them.
    """

    name: str
    policies: tuple[Policy, ...] = ()
    unknown_policies: tuple[str, ...] = ()
    boundary: Document | None = None
    boundary_problem: str = ""
    trust: Document | None = None
    trust_problem: str = ""
    arn: str | None = None
    needed: tuple[Grant, ...] = ()
    is_hidden: bool = False

    @property
    def documents(self) -> list[Document]:
        """The known documents of its policies, without the boundary."""
        return [policy.document for policy in self.policies]
