"""From sources to roles: which role each task definition gets, as its execution role and as its task role."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from taskrole.arns import Context
from taskrole.check.report import Assignment
from taskrole.errors import InputError, Place, Problem
from taskrole.grant import RoleKind
from taskrole.sources.config import configured_role
from taskrole.sources.effective_role import EffectiveRole
from taskrole.sources.files import Parts, role_of_parts, with_parts
from taskrole.taskdef import TaskDocument
from taskrole.taskdef.features.roles import ROLE_FIELDS, role_problem
from taskrole.taskdef.placeholders import find_placeholder

if TYPE_CHECKING:
    from taskrole.config import StackSpec


@dataclass(frozen=True)
class Wanted:
    """What was asked for: the parts of each kind of role, and whether the documents' own roles are read live."""

    parts: dict[RoleKind, Parts]
    config: Path
    stacks: dict[str, StackSpec]
    is_live: bool = False


def assign(documents: Sequence[TaskDocument], context: Context, wanted: Wanted) -> list[Assignment]:
    """Return the roles of task definitions, each read once.

    Raises InputError with all that is wrong with plans, stacks and live roles; ToolError where AWS does not answer.
    """
    assignments: list[Assignment] = []
    for kind, parts in wanted.parts.items():
        role = read_role(kind, parts, context, wanted)
        assignments += [Assignment(document.file, kind, role) for document in documents]
    if wanted.is_live:
        assignments += _named_roles(documents, context, wanted)
    return assignments


def stack_of(source: tuple[str, str] | None) -> tuple[str, str] | None:
    """Return the names of stack and role, which may be empty, of a whole role that is one of roles.yaml."""
    if source is None or source[0] != "stack":
        return None
    name, _, key = source[1].partition("/")
    return name, key


def read_role(kind: RoleKind, parts: Parts, context: Context, wanted: Wanted) -> EffectiveRole:
    """Return the role that the sources of a kind of role name. Raises InputError; ToolError for a live one."""
    if parts.whole is None:
        return role_of_parts(parts)
    scheme, rest = parts.whole
    if scheme == "stack":
        from taskrole.check.stacks import role_of

        name, _, key = rest.partition("/")
        declared = role_of(wanted.stacks[name], key, kind, wanted.config)
        role = configured_role(declared, wanted.stacks[name].context, documents=parts.documents)
    elif scheme == "plan":
        from taskrole.sources.plan import planned_role

        role = planned_role(rest, context, parts.documents)
    else:
        from taskrole.live.effective_role import live_role

        role = live_role(rest, context, parts.documents, f"{parts.option} live:{rest}")
    return with_parts(role, parts)


def _named_roles(documents: Sequence[TaskDocument], context: Context, wanted: Wanted) -> Iterator[Assignment]:
    """Yield the live roles that task definitions name, for the kinds that no other source was given for."""
    from taskrole.live.effective_role import live_role

    read: dict[str, EffectiveRole] = {}
    problems: list[Problem] = []
    for document in documents:
        for kind, field in ROLE_FIELDS.items():
            name = document.data.get(field)
            if kind in wanted.parts or not isinstance(name, str) or not name:
                continue
            if find_placeholder(name) or role_problem(name):
                continue  # told among the findings
            if name not in read:
                try:
                    read[name] = live_role(name, context, {}, f"{document.file} /{field}")
                except InputError as error:
                    problems += error.problems
                    continue
            yield Assignment(document.file, kind, read[name])
    if not read and not problems:
        fields = " or ".join(ROLE_FIELDS.values())
        problems.append(
            Problem(Place("--live"), f"no task definition names a role in {fields}; name it: --role live:NAME")
        )
    if problems:
        raise InputError(problems)
