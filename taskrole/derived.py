"""Builds the roles of a derivation, and selects its findings."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from taskrole.arns import Context
from taskrole.finding import Finding
from taskrole.grant import ROLE_KINDS, RoleKind
from taskrole.policy.documents.build import build_policies
from taskrole.policy.documents.statements import Document
from taskrole.role import DEFAULT_TRUST, Role, trust_policy
from taskrole.taskdef import Derivation


def derived_roles(derivation: Derivation, kinds: Iterable[RoleKind] = ROLE_KINDS) -> tuple[Role, ...]:
    """Return the roles of these kinds that task definitions need, without names.

    Policies are inline, `execution-grants` and `task-grants`, unless they are too large. Raises PolicyTooLargeError if
    they exceed the quotas of a role, PolicyTextError for characters that IAM rejects.
    """
    return tuple(_derived_role(derivation, kind) for kind in kinds)


def _derived_role(derivation: Derivation, kind: RoleKind) -> Role:
    grants = tuple(grant for grant in derivation.grants if grant.role == kind)
    return Role(
        key=kind,
        kind=kind,
        trust=_trust(kind, derivation.context),
        policies=build_policies(grants, kind="inline", base_name=f"{kind}-grants"),
        grants=grants,
    )


# Thousands of roles have the same.
@lru_cache(maxsize=16)
def _trust(kind: RoleKind, context: Context) -> Document:
    return trust_policy(DEFAULT_TRUST[kind], context)


def unseen(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return the findings on unknown needs, which may require more than was derived."""
    # Imported late: it imports the rules of all forms.
    from taskrole.taskdef.rules import UNSEEN

    return tuple(finding for finding in findings if finding.severity == "warning" and finding.code in UNSEEN)
