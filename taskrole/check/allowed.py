"""What Allow statements say of an action, conditions and Deny left aside: material for reasons, never for a verdict."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from taskrole.policy.comparison.permissions import Permission, read_permissions
from taskrole.policy.match import compile_glob
from taskrole.role import Policy


def allowed_resources(action: str, policies: Sequence[Policy]) -> Iterator[str]:
    """Yield the resources, as they are written, of all Allow statements about an action."""
    for one in _allowed(policies):
        if not one.resources.negated and _is_about(action, one):
            yield from one.resources.patterns


def is_allowed_somewhere(action: str, policies: Sequence[Policy]) -> bool:
    """Tell whether any Allow statement is about an action."""
    return any(_is_about(action, one) for one in _allowed(policies))


def _allowed(policies: Sequence[Policy]) -> Iterator[Permission]:
    permissions, _ = read_permissions([policy.document for policy in policies])
    yield from (one for one in permissions if one.effect == "Allow")


def _is_about(action: str, permission: Permission) -> bool:
    found = any(compile_glob(pattern).matches(action.lower()) for pattern in permission.actions.patterns)
    return found != permission.actions.negated
