"""The role under check: all documents that decide what it may do, and what of them is not known."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from taskrole.arns import Context
from taskrole.grant import Grant
from taskrole.policy.catalogue.managed import managed_policy, nearest_managed_policy
from taskrole.policy.documents.statements import Document
from taskrole.role import Policy, Role


@dataclass(frozen=True)
class Subject:
    """A role as `taskrole check` sees it.

    `policies` are all that count, attached ones included. `unknown` are those whose documents are not known: a clause
    each, with the name and the reason; `boundary_problem` is the same for the permissions boundary. `trust` is None
    where it is not known, and `trust_problem` then says why. `needed` is what the role is declared to need beside
    what task definitions ask for.
    """

    name: str
    policies: tuple[Policy, ...] = ()
    unknown: tuple[str, ...] = ()
    boundary: Document | None = None
    boundary_problem: str = ""
    trust: Document | None = None
    trust_problem: str = ""
    arn: str | None = None
    needed: tuple[Grant, ...] = ()


def subject_of_role(
    role: Role, context: Context, *, arn: str | None = None, documents: Mapping[str, Document] | None = None
) -> Subject:
    """Return a role with the documents of its attachments and boundary: those of AWS's snapshot, or of `documents`.

    `documents` are those of customer managed policies, by ARN. What is in neither is unknown, and said to be.
    """
    known = documents or {}
    attached = {policy: _document(policy, known) for policy in role.attachments}
    boundary = role.permissions_boundary
    limit = _document(boundary, known) if boundary else None
    managed = (Policy(policy, "managed", document) for policy, document in attached.items() if document is not None)
    return Subject(
        role.title if role.name or role.name_prefix else role.key,
        (*role.policies, *managed),
        tuple(unknown_policy(policy) for policy, document in attached.items() if document is None),
        limit,
        unknown_policy(boundary) if boundary and limit is None else "",
        role.trust,
        arn=arn or role.arn(context),
        needed=tuple(_declared(role)),
    )


def _document(arn: str, known: Mapping[str, Document]) -> Document | None:
    if arn in known:
        return known[arn]
    found = managed_policy(arn)
    return found.document if found else None


def unknown_policy(arn: str) -> str:
    """Return a clause on a policy whose document is not known: which, why, and the way out."""
    if ":iam::aws:" in arn:
        near = nearest_managed_policy(arn)
        hint = f"; did you mean {near}?" if near else ""
        return f"policy {arn} is not in the snapshot of AWS's managed policies{hint}"
    return f"policy {arn} is not read here; give its document, too: {arn}=FILE"


def _declared(role: Role) -> Iterator[Grant]:
    """Yield what a role's own declaration grants beside what is derived of task definitions."""
    yield from (one for one in role.grants if one.source.startswith("grants:"))
