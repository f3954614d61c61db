"""Adding roles to a roles.yaml, or beginning one: what stands there stays, its comments, order and spacing too.

Where the file's mappings stand in block style, lines are put in and none is touched. Only roles that stand in braces
are written by way of ruamel.yaml, which keeps comments and order but may set the spacing of the file anew. Either way
the result is read again, and must hold what it held before and the new roles, or nothing is written.
"""

from __future__ import annotations

import io
import re
import textwrap
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from taskrole.config.raw import mapping_in
from taskrole.errors import InputError, Place, Problem
from taskrole.files import ChangedError, create
from taskrole.partitions import partition_of
from taskrole.role import Role
from taskrole.yaml_reader import Keys, Tree, read_yaml

SCHEMA_FILE = "roles.schema.json"
# Beside `adopt: true`, which has done its work then.
ADOPT_NOTE = "until the first apply; then take this line out"
_STEP = 2
_NO_FOLDING = 1_000_000  # columns


@dataclass(frozen=True)
class NewRole:
    """An entry of roles.yaml: the settings in the order to be written, and comments on it and on its keys."""

    name: str
    settings: Mapping[str, Any]
    comments: tuple[str, ...] = ()
    notes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class NewStack:
    """A stack that begins with these roles; `partition` is written where it is not the region's.

    A region or account of None becomes a comment, to be filled in. `notes` are comments on keys. `values_files` are
    the names of files of values.
    """

    name: str
    region: str | None
    account: str | None
    partition: str | None = None
    notes: Mapping[str, str] = field(default_factory=dict)
    values_files: tuple[str, ...] = ()


def new_file(stack: NewStack, roles: Sequence[NewRole], heading: str) -> str:
    """Return a whole roles.yaml, its first line naming the schema for editors."""
    body = f"version: 1\n\nstacks:\n{_stack_text(stack, roles, _STEP)}"
    comment = textwrap.indent(heading, "# ", lambda _: True).replace("# \n", "#\n")
    return f"# yaml-language-server: $schema=./{SCHEMA_FILE}\n#\n{comment}\n{body}"


def with_roles(text: str, file: Path, stack: NewStack, roles: Sequence[NewRole]) -> str:
    """Return the text of a roles.yaml with new roles at the end of a stack, which is added where it is not there.

    Raises InputError when the file cannot be read, or its form does not let it be edited.
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
    """Write a new roles.yaml, and the schema that its first line names, unless it is there.

    Raises ChangedError where the file exists; InputError where it cannot be written.
    """
    from taskrole.config.schema import schema_text

    with suppress(ChangedError):
        create(path.with_name(SCHEMA_FILE), schema_text())
    create(path, text)


def declares(role: Role, name: str) -> bool:
    """Tell whether a declared role is the one of this name in IAM, which may be a prefix and Terraform's suffix."""
    if role.name is not None:
        return role.name == name
    return name.startswith(role.name_prefix or "") and len(name) == len(role.name_prefix or "") + 26


def end_of_block(text: str, tree: Tree, keys: Keys) -> tuple[int, int] | None:
    """Return the line, counted from 1, behind which a block mapping ends, and the indentation of its keys.

    None for a mapping in braces, one that an alias stands for, or an empty one.
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
    """Tell whether a line behind the last role is not part of it: blank, a comment further out, an end of document."""
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
    # Without comments, which have no place in braces.
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
    """Return ruamel.yaml as roles.yaml is written with it: comments, order and quotes stay, lines are not folded."""
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


# YAML takes these for ends of lines; in double quotes they are escaped.
_BREAKS = re.compile("[\x85\u2028\u2029]")


def _plain(value: Any) -> Any:
    """Return data as ruamel writes it: texts that could be read as something else in double quotes, as people do."""
    if isinstance(value, Mapping):
        return {key: _plain(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(one) for one in value]
    return _quoted(value) if isinstance(value, str) and (value[:1].isdigit() or _BREAKS.search(value)) else value


def _quoted(text: str) -> Any:
    from ruamel.yaml.scalarstring import DoubleQuotedScalarString

    return DoubleQuotedScalarString(text)


def _require_same(before: Tree, after: Tree, stack: NewStack, roles: Sequence[NewRole], *, inside: bool) -> None:
    """Raise InputError unless the file says what it said, and the new roles."""
    settings = {role.name: dict(role.settings) for role in roles}
    stacks = dict(before.data["stacks"])
    if inside:
        stacks[stack.name] = {**stacks[stack.name], "roles": {**mapping_in(stacks[stack.name], "roles"), **settings}}
    else:
        stacks[stack.name] = {"region": stack.region, "account": stack.account, "roles": settings}
    if after.data != {**before.data, "stacks": stacks}:
        message = "is of a form in which roles cannot be added to it; write stacks and roles a key a line"
        raise InputError([Problem(Place(before.file), message)])
