"""A role as it is or will be, from any source; each part is known or has a reason why it is unknown."""

from __future__ import annotations

from taskrole.dataclass import dataclass
from taskrole.grant import Grant
from taskrole.policy.documents.policy import Policy
from taskrole.policy.documents.statements import Document


@dataclass(frozen=True)
class EffectiveRole:
    """A role with all documents that determine its permissions.

    `policies` are the inline and attached policies whose documents are known, at least in part. `unknown_policies` has
    a clause (name and reason) for each policy that is not fully known. `boundary` is the known part of the permissions
    boundary, `boundary_problem` the reason if it is not fully known; both are empty if there is none. `trust` is None
    if unknown, for the reason in `trust_problem`. `arn` is None if unknown. `needed` are the grants declared for the
    role in addition to those of its task definitions. `is_hidden`: a policy is sensitive; messages must not quote it.
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
        """The known policy documents, without the boundary."""
        return [policy.document for policy in self.policies]
