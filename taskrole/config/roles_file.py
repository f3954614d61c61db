"""Adding roles to a roles.yaml, or creating one, with comments, order and spacing preserved.

In block style, lines are inserted and no others changed. Roles in flow style are written with ruamel.yaml, which keeps
comments and order but may change spacing. In both cases the result is parsed again: unless it has the previous data and
the new roles, nothing is written.
"""

from __future__ import annotations

import io
import re
import textwrap
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import field, replace
from pathlib import Path
from typing import Any

from taskrole.config.raw import mapping_in
from taskrole.dataclass import dataclass
from taskrole.errors import InputError, Place, Problem
from taskrole.files import ChangedError, create
from taskrole.partitions import partition_of
from taskrole.role import Role
from taskrole.yaml_reader import Keys, Tree, read_yaml

SCHEMA_FILE = "roles.schema.json"
# The comment on `adopt: true`, which is needed only once.
ADOPT_NOTE = "until the first apply; then remove this line"
_STEP = 2
_NO_FOLDING = 1_000_000  # columns


@dataclass(frozen=True)
class NewRole:
    """An entry of roles.yaml: the settings in output order, and comments on the entry and on its keys."""

    name: str
    settings: Mapping[str, Any]
    comments: tuple[str, ...] = ()
    notes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class NewStack:
    """A stack for new roles; `partition` is written if it is not the region's.

    A region or account of None becomes a comment to complete. `notes` are comments on keys. `values_files` are the
    names of values files.
    """

    name: str
    region: str | None
    account: str | None
    partition: str | None = None
    notes: Mapping[str, str] = field(default_factory=dict)
    values_files: tuple[str, ...] = ()


def new_file(stack: NewStack, roles: Sequence[NewRole], heading: str) -> str:
    """Return a roles.yaml, whose first line refers editors to the schema."""
    body = f"version: 1\n\nstacks:\n{_stack_text(stack, roles, _STEP)}"
    comment = textwrap.indent(heading, "# ", lambda _: True).replace("# \n", "#\n")
    return f"# yaml-language-server: $schema=./{SCHEMA_FILE}\n#\n{comment}\n{body}"


def with_roles(text: str, file: Path, stack: NewStack, roles: Sequence[NewRole]) -> str:
    """Return the text of a roles.yaml with new roles at the end of a stack, which is added if it does not exist.

    Raises InputError if the file cannot be read or its style does not permit the edit.
    """
    tree = read_yaml(text.encode(), str(file))
    inside = stack.name in mapping_in(tree.data, "stacks")
    keys: Keys = ("stacks", stack.name, "roles") if inside else ("stacks",)
    at = end_of_block(text, tree, keys)
    if at is None:
        edited = _edited(text, stack, roles, inside=inside)
    else:
        line, indent = at
        added = _roles_text(roles, indent) if inside else f"\n{_stack_text(stack, roles, indent)}"
        lines = text.splitlines(keepends=True)
        if lines and not lines[line - 1].endswith("\n"):
            lines[line - 1] += "\n"
        edited = "".join([*lines[:line], added, *lines[line:]])
    _require_same(tree, read_yaml(edited.encode(), str(file)), stack, roles, inside=inside)
    return edited


def write_new(path: Path, text: str) -> None:
    """Write a new roles.yaml, and its schema if that does not exist.

    Raises ChangedError if the file exists, InputError if it cannot be written.
    """
    from taskrole.config.schema import schema_text

    with suppress(ChangedError):
        create(path.with_name(SCHEMA_FILE), schema_text())
    create(path, text)


def declares(role: Role, name: str) -> bool:
    """Return whether a declared role has this name in IAM, possibly as its name prefix with Terraform's suffix."""
    if role.name is not None:
        return role.name == name
    return name.startswith(role.name_prefix or "") and len(name) == len(role.name_prefix or "") + 26


def end_of_block(text: str, tree: Tree, keys: Keys) -> tuple[int, int] | None:
    """Return the last line, counted from 1, of a block mapping, and the indentation of its keys.

    None for a mapping in flow style, an alias, or an empty mapping.
    """
    lines = text.splitlines()
    inner = [
        tree.positions[position]
        for position in tree.positions
        if position[:-1] == keys and len(position) == len(keys) + 1
    ]
    own = tree.positions.get(keys)
    if not inner or own is None or any(lines[line - 1][: column - 1].strip() for line, column in (*inner, own)):
        return None
    last, column = max(inner)
    if min(inner) < own:
        return None
    following = [line for line, other in tree.positions.values() if line > last and other < column]
    end = min(following, default=len(lines) + 1) - 1
    indent = column - 1
    while end > last and is_between(lines[end - 1], indent):
        end -= 1
    return end, indent


def is_between(line: str, indent: int) -> bool:
    """Return whether a line after the last role is not part of it: blank, a less indented comment, or `...`."""
    stripped = line.lstrip()
    if not stripped:
        return True
    return (stripped.startswith("#") and len(line) - len(stripped) <= indent) or line.rstrip() == "..."


def _stack_text(stack: NewStack, roles: Sequence[NewRole], indent: int) -> str:
    home = partition_of(stack.region or "")
    is_own = stack.partition is None or (home is not None and home.id == stack.partition)
    lines = [
        f"{stack.name}:",
        *_place_lines("region", stack.region, stack),
        *_place_lines("account", stack.account and f'"{stack.account}"', stack),
        *([] if is_own else [f"  partition: {stack.partition}"]),
        *([f"  values_files: [{', '.join(stack.values_files)}]"] if stack.values_files else []),
        "  roles:",
    ]
    head = "".join(f"{line}\n" for line in lines)
    return textwrap.indent(f"{head}{_roles_text(roles, 2 * _STEP)}", " " * indent)


def _place_lines(key: str, value: str | None, stack: NewStack) -> Sequence[str]:
    note = [f"  # {stack.notes[key]}"] if stack.notes.get(key) else []
    return [*note, f"  {key}: {value}" if value else f"  # {key}:"]


def _roles_text(roles: Sequence[NewRole], indent: int) -> str:
    return textwrap.indent("".join(map(_role_text, roles)), " " * indent)


def _role_text(role: NewRole) -> str:
    stream = io.StringIO()
    yaml_writer().dump({role.name: _commented(role)}, stream)
    return "".join(f"# {comment}\n" for comment in role.comments) + stream.getvalue()


def _edited(text: str, stack: NewStack, roles: Sequence[NewRole], *, inside: bool) -> str:
    from ruamel.yaml.comments import CommentedMap

    yaml = yaml_writer()
    data = yaml.load(text)
    # Without comments, which flow style does not permit.
    added = {role.name: _commented(replace(role, notes={})) for role in roles}
    if inside:
        data["stacks"][stack.name]["roles"].update(added)
    else:
        data["stacks"][stack.name] = CommentedMap(
            {"region": stack.region, "account": stack.account and _quoted(stack.account), "roles": CommentedMap(added)}
        )
    stream = io.StringIO()
    yaml.dump(data, stream)
    return stream.getvalue()


def yaml_writer() -> Any:
    """Return ruamel.yaml with the settings for roles.yaml: comments, order and quotes kept, lines not folded."""
    from ruamel.yaml import YAML

    yaml = YAML()
    yaml.indent(mapping=_STEP, sequence=2 * _STEP, offset=_STEP)
    yaml.width = _NO_FOLDING
    yaml.preserve_quotes = True
    return yaml


def _commented(role: NewRole) -> Any:
    from ruamel.yaml.comments import CommentedMap

    settings = CommentedMap({key: _plain(value) for key, value in role.settings.items()})
    for key, note in role.notes.items():
        settings.yaml_add_eol_comment(note, key)
    return settings


# YAML treats these as line breaks; double quotes escape them.
_BREAKS = re.compile("[\x85\u2028\u2029]")


def _plain(value: Any) -> Any:
    """Return data for ruamel, with double quotes around strings that could be read as another type."""
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return _quoted(value) if isinstance(value, str) and (value[:1].isdigit() or _BREAKS.search(value)) else value


def _quoted(text: str) -> Any:
    from ruamel.yaml.scalarstring import DoubleQuotedScalarString

    return DoubleQuotedScalarString(text)


def _require_same(before: Tree, after: Tree, stack: NewStack, roles: Sequence[NewRole], *, inside: bool) -> None:
    """Raise InputError unless the file has its previous data and the new roles."""
    settings = {role.name: dict(role.settings) for role in roles}
    stacks = dict(before.data["stacks"])
    if inside:
        stacks[stack.name] = {**stacks[stack.name], "roles": {**mapping_in(stacks[stack.name], "roles"), **settings}}
    else:
        stacks[stack.name] = {"region": stack.region, "account": stack.account, "roles": settings}
    if after.data != {**before.data, "stacks": stacks}:
        message = "has a style in which roles cannot be added; write stacks and roles in block style"
        raise InputError([Problem(Place(before.file), message)])
