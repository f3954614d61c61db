"""Looks up stacks and roles of roles.yaml, and the options and values for their task definitions."""

from __future__ import annotations

from pathlib import Path

from taskrole.config import StackSpec, load_config
from taskrole.config.model import RoleSettings
from taskrole.config.options_model import options_model, to_options
from taskrole.config.raw import mapping_in, read_stack
from taskrole.errors import InputError, Place, Problem, quote
from taskrole.grant import RoleKind
from taskrole.role import Role
from taskrole.taskdef import Options
from taskrole.taskdef.values.values import Values
from taskrole.yaml_reader import read_file, read_yaml


def find_stack(config: Path, name: str) -> StackSpec:
    """Return a stack of roles.yaml. Raises InputError."""
    stacks = load_config(config).stacks
    spec = next((stack for stack in stacks if stack.name == name), None)
    if spec is None:
        names = ", ".join(stack.name for stack in stacks)
        raise InputError([Problem(Place(str(config)), f"there is no stack {quote(name)}; there are {names}")])
    return spec


def role_of(stack: StackSpec, key: str, kind: RoleKind, config: Path) -> Role:
    """Return a role of a stack by its key or, for an empty key, the only role of a kind. Raises InputError."""
    roles = [role for role in stack.roles if (role.key == key if key else role.kind == kind)]
    if len(roles) == 1:
        return roles[0]
    names = ", ".join(f"stack:{stack.name}/{role.key}" for role in stack.roles)
    what = f"has no role {quote(key)}" if key else f"has {len(roles)} {kind} roles, and a task definition has one"
    raise InputError([Problem(Place(str(config), path=f"stacks.{stack.name}"), f"{what}; name it: {names}")])


def options_of(stack: StackSpec, role: Role, config: Path) -> Options:
    """Return the options that roles.yaml has for a role's task definitions."""
    data = read_yaml(read_file(config), str(config)).data
    settings = mapping_in(mapping_in(mapping_in(mapping_in(data, "stacks"), stack.name), "roles"), role.key)
    return to_options(options_model().model_validate(mapping_in(settings, "options")))


def values_of(stack: StackSpec, role: Role, config: Path) -> Values:
    """Return the values that roles.yaml has for the placeholders of a role's task definitions."""
    from taskrole.config.placeholder_values import role_values

    tree = read_yaml(read_file(config), str(config))
    raw = read_stack(stack.name, mapping_in(mapping_in(tree.data, "stacks"), stack.name), tree)
    return role_values(raw, RoleSettings.model_validate(mapping_in(mapping_in(raw.data, "roles"), role.key)))
