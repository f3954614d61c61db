"""Adds entries to `grants` or `statements` of a role in roles.yaml; comments, order and spacing stay unchanged.

In block style, lines are inserted. In flow style, ruamel.yaml adds the entries without comments. The result is parsed
again and must contain the previous data and the new entries.
"""

from __future__ import annotations

import io
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from taskrole.config.raw import mapping_in
from taskrole.config.roles_file import end_of_block, is_between, yaml_writer
from taskrole.dataclass import dataclass
from taskrole.errors import InputError, Place, Problem
from taskrole.observe.proposals import Proposal
from taskrole.observe.roles_yaml import entry_lines, settings_by_form
from taskrole.observe.sorted_uses import UsesForm
from taskrole.yaml_reader import Keys, Tree, read_yaml

_DASH = re.compile(r"\s*-\s+")


def with_entries(text: str, file: Path, role: tuple[str, str], entries: Sequence[Proposal]) -> str:
    """Return the text of a roles.yaml with entries appended to the lists of a role, named by stack and key.

    Raises InputError if the file cannot be edited.
    """
    before = read_yaml(text.encode(), str(file))
    by_form = settings_by_form(entries)
    edited = text
    for form, added in by_form.items():
        lines = list(entry_lines(entry for entry in entries if entry.form == form))
        tree = read_yaml(edited.encode(), str(file))
        at = _place(edited, tree, role, form)
        edited = _by_ruamel(edited, role, form, added) if at is None else _with_lines(edited, at, lines)
    _require_added(before, read_yaml(edited.encode(), str(file)), role, by_form)
    return edited


@dataclass(frozen=True)
class _Place:
    """The line, from 1, after which to insert entries, their indentation, and their key if it is new."""

    line: int
    indent: int
    key: str = ""


def _place(text: str, tree: Tree, role: tuple[str, str], form: UsesForm) -> _Place | None:
    """Return where to insert entries, or None if the role is not in block style."""
    stack, name = role
    keys: Keys = ("stacks", stack, "roles", name)
    settings = mapping_in(mapping_in(mapping_in(mapping_in(tree.data, "stacks"), stack), "roles"), name)
    if form in settings:
        at = _end_of_list(text, tree, (*keys, form))
        return _Place(*at) if at else None
    at = end_of_block(text, tree, keys)
    return _Place(*at, form) if at else None


def _with_lines(text: str, place: _Place, lines: Sequence[str]) -> str:
    body = [f"{place.key}:", *(f"  {line}" for line in lines)] if place.key else lines
    existing = text.splitlines(keepends=True)
    if not existing[place.line - 1].endswith("\n"):
        existing[place.line - 1] += "\n"
    added = [f"{' ' * place.indent}{line}\n" for line in body]
    return "".join([*existing[: place.line], *added, *existing[place.line :]])


def _end_of_list(text: str, tree: Tree, keys: Keys) -> tuple[int, int] | None:
    """Return the last line of a block-style list and the indentation of its dashes, or None."""
    own = tree.positions.get(keys)
    items = [place for position, place in tree.positions.items() if position[:-1] == keys]
    lines = text.splitlines()
    if own is None or not items or min(items)[0] <= own[0]:
        return None
    if any(not _DASH.fullmatch(lines[line - 1][: column - 1]) for line, column in items):
        return None
    indent = lines[items[0][0] - 1].index("-")
    last = max(line for position, (line, _) in tree.positions.items() if position[: len(keys)] == keys)
    following = [
        line for position, (line, _) in tree.positions.items() if position[: len(keys)] != keys and line > last
    ]
    end = min(following, default=len(lines) + 1) - 1
    while end > last and is_between(lines[end - 1], indent):
        end -= 1
    return end, indent


def _by_ruamel(text: str, role: tuple[str, str], form: UsesForm, added: Sequence[Mapping[str, Any]]) -> str:
    stack, name = role
    yaml = yaml_writer()
    data = yaml.load(text)
    settings = data["stacks"][stack]["roles"][name]
    settings[form] = [*(settings.get(form) or []), *map(dict, added)]
    stream = io.StringIO()
    yaml.dump(data, stream)
    return stream.getvalue()


def _require_added(
    before: Tree, after: Tree, role: tuple[str, str], added: Mapping[UsesForm, Sequence[Mapping[str, Any]]]
) -> None:
    """Raise InputError unless the file contains its previous data and the new entries."""
    stack, name = role
    stacks = dict(before.data["stacks"])
    settings = dict(stacks[stack]["roles"][name])
    for form, entries in added.items():
        settings[form] = [*(settings.get(form) or []), *map(dict, entries)]
    stacks[stack] = {**stacks[stack], "roles": {**stacks[stack]["roles"], name: settings}}
    if after.data != {**before.data, "stacks": stacks}:
        message = "has a form to which entries cannot be added; write each key of the role on a line of its own"
        raise InputError([Problem(Place(before.file, path=f"stacks.{stack}.roles.{name}"), message)])
