"""Reads the role that options name: a whole role of roles.yaml, a plan or an account, or one composed of parts."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from taskrole.arns import Context
from taskrole.dataclass import dataclass
from taskrole.grant import RoleKind
from taskrole.policy.documents.statements import Document
from taskrole.policy.effective_role import EffectiveRole
from taskrole.sources.arguments import Parts, role_of_parts, with_parts
from taskrole.sources.declared import configured_role

if TYPE_CHECKING:
    from taskrole.config import StackSpec

# Reads a role in an account: its name or ARN, the given documents, and the option to name in errors.
LiveReader: TypeAlias = Callable[[str, Context, dict[str, Document], str], EffectiveRole]


@dataclass(frozen=True)
class Wanted:
    """The requested sources: the parts of each kind of role, and whether to read the documents' own roles live."""

    parts: dict[RoleKind, Parts]
    config: Path
    stacks: dict[str, StackSpec]
    read_live: LiveReader
    is_live: bool = False


def stack_of(source: tuple[str, str] | None) -> tuple[str, str] | None:
    """Return the stack and role names, which may be empty, if the source is a role of roles.yaml."""
    if source is None or source[0] != "stack":
        return None
    name, _, key = source[1].partition("/")
    return name, key


def read_role(kind: RoleKind, parts: Parts, context: Context, wanted: Wanted) -> EffectiveRole:
    """Return the role that the sources name for a kind of role. Raises InputError; ToolError for a live role."""
    if parts.whole is None:
        return role_of_parts(parts)
    scheme, rest = parts.whole
    if scheme == "stack":
        from taskrole.config.stack_lookup import role_of

        name, _, key = rest.partition("/")
        declared = role_of(wanted.stacks[name], key, kind, wanted.config)
        role = configured_role(declared, wanted.stacks[name].context, documents=parts.documents)
    elif scheme == "plan":
        from taskrole.sources.plan import planned_role

        role = planned_role(rest, context, parts.documents)
    elif scheme == "live":
        role = wanted.read_live(rest, context, parts.documents, f"{parts.option} live:{rest}")
    else:
        raise AssertionError(f"{scheme} is a scheme of whole roles that is never read")
    return with_parts(role, parts)
