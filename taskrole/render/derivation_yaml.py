"""Formats derived roles as roles.yaml, from which roles can be copied to another file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import MISSING, Field, fields, is_dataclass
from pathlib import PurePath
from typing import Any

from taskrole.config.roles_file import NewRole, NewStack, new_file
from taskrole.errors import printable
from taskrole.families import Family
from taskrole.policy.documents.build import statement_grants
from taskrole.policy.documents.statements import statements_of
from taskrole.reading import STANDARD_INPUT
from taskrole.render.role_names import role_names
from taskrole.role import Role
from taskrole.taskdef import Options

_STACK = "ecs"
_HEADING = "Derived by taskrole. Copy the roles to your roles.yaml, or use this file."


def derivation_yaml(
    families: Sequence[Family], roles: Mapping[str, Sequence[Role]], options: Options, *, is_filled: bool
) -> str:
    """Return the roles of families, by name, as the text of a roles.yaml; roles without permissions are left out.

    A role names its task definitions. If roles.yaml cannot read them (standard input, one of several in a file, a file
    outside the folder; or filled placeholders, `is_filled`), it contains their statements.
    """
    settings = _non_default(options)
    names = role_names([family.name for family in families])
    entries = [
        _entry(role, names[family.name, role.kind], family, settings, by_name=not is_filled)
        for family in families
        for role in roles[family.name]
        if role.policies
    ]
    context = families[0].derivation.context
    return new_file(NewStack(_STACK, context.region, str(context.account), context.partition), entries, _HEADING)


def _entry(role: Role, name: str, family: Family, options: Mapping[str, Any], *, by_name: bool) -> NewRole:
    source = f"{family.name}, of {', '.join(family.files)}"
    if by_name and all(map(_is_readable, family.files)):
        settings: dict[str, Any] = {"kind": role.kind, "task_definitions": [*family.files]}
        if options:
            settings["options"] = options
        return NewRole(name, settings, (printable(source),))
    statements = [dict(statement) for policy in role.policies for statement in statements_of(policy.document)]
    settings = {"kind": role.kind, "statements": statements}
    if any(policy.kind == "managed" for policy in role.policies):
        settings["policy_delivery"] = "managed"
    return NewRole(name, settings, (printable(source), *_reasons(role)))


def _is_readable(file: str) -> bool:
    path = PurePath(file)
    return file != STANDARD_INPUT and "#" not in file and not path.is_absolute() and ".." not in path.parts


def _reasons(role: Role) -> tuple[str, ...]:
    """Return the reasons for each statement, one per line."""
    traced = statement_grants(role.policies, role.grants)
    return tuple(
        printable(f"{statement.sid}: {because}")
        for statements in traced.values()
        for statement in statements
        for because in sorted({grant.because for grant in statement.grants})
    )


def _non_default(value: Any) -> Any:
    """Return options as in roles.yaml, without those at their defaults."""
    if is_dataclass(value):
        return {
            field.name: _non_default(getattr(value, field.name))
            for field in fields(value)
            if getattr(value, field.name) != _default(field)
        }
    if isinstance(value, Mapping):
        return {key: _non_default(item) for key, item in value.items()}
    return [*value] if isinstance(value, tuple) else value


def _default(field: Field[Any]) -> Any:
    return field.default if field.default_factory is MISSING else field.default_factory()
