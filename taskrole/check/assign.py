"""Reads the roles to check from their sources, and assigns execution and task roles to task definitions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from taskrole.arns import Context
from taskrole.check.report import Assignment
from taskrole.errors import InputError, Place, Problem
from taskrole.policy.effective_role import EffectiveRole
from taskrole.sources.named_role import Wanted, read_role
from taskrole.taskdef import TaskDocument
from taskrole.taskdef.features.roles import ROLE_FIELDS, role_problem
from taskrole.taskdef.placeholders import find_placeholder


def assign(documents: Sequence[TaskDocument], context: Context, wanted: Wanted) -> list[Assignment]:
    """Return the roles of task definitions, each read once.

    Raises InputError with all problems of plans, stacks and live roles; ToolError if AWS does not answer.
    """
    assignments: list[Assignment] = []
    for kind, parts in wanted.parts.items():
        role = read_role(kind, parts, context, wanted)
        assignments += [Assignment(document.file, kind, role) for document in documents]
    if wanted.is_live:
        assignments += _named_roles(documents, context, wanted)
    return assignments


def _named_roles(documents: Sequence[TaskDocument], context: Context, wanted: Wanted) -> Iterator[Assignment]:
    """Yield the live roles that task definitions name, for the kinds without another source."""
    read: dict[str, EffectiveRole] = {}
    problems: list[Problem] = []
    for document in documents:
        for kind, field in ROLE_FIELDS.items():
            name = document.data.get(field)
            if kind in wanted.parts or not isinstance(name, str) or not name:
                continue
            if find_placeholder(name) or role_problem(name):
                continue  # Reported as a finding.
            if name not in read:
                try:
                    read[name] = wanted.read_live(name, context, {}, f"{document.file} /{field}")
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
