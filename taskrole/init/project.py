"""All files that `taskrole init` writes, as text by their paths, and what is then still to be done."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from taskrole.config.load import Config, parse_config
from taskrole.config.roles_file import SCHEMA_FILE
from taskrole.config.schema import schema_text
from taskrole.dataclass import dataclass
from taskrole.errors import InputError, Place, Problem
from taskrole.init.place import Fact
from taskrole.init.roles import STACK, roles_for_tasks
from taskrole.init.search import Search
from taskrole.lock import lock_text, make_lock
from taskrole.output.lines import count
from taskrole.reading import is_file, read_found
from taskrole.taskdef.values.skeleton import skeleton

VALUES_FILE = "values.yaml"
LOCK_FILE = "grants.lock.json"
_VALUES_HEADING = "# Values for the placeholders of task definitions, which roles.yaml reads. Fill them in."


@dataclass(frozen=True)
class NewFile:
    """A file to be written: its text, and what it is for, in a line.

    Files of one `folder` are named together; it must not exist yet.
    """

    text: str
    purpose: str
    folder: Path | None = None


@dataclass(frozen=True)
class Project:
    """The files by their paths; `config` is what roles.yaml builds, None while something is `open`, a line each."""

    files: Mapping[Path, NewFile]
    config: Config | None
    open: tuple[str, ...]


def plan_project(search: Search, path: Path, region: Fact, account: Fact) -> Project:
    """Return roles.yaml at a path, and what goes beside it. Raises InputError where no role is needed.

    The lock is left out as long as values, the region or the account are open, or an option must be set.
    """
    documents = [definition.document for definition in search.definitions]
    values, number = skeleton(documents, VALUES_FILE)
    roles = roles_for_tasks(search.definitions, region, account, (VALUES_FILE,) if number else ())
    if not roles.roles:
        raise InputError([Problem(Place(str(path)), "is not written: these task definitions need no role")])
    summary = f"{count(roles.roles, 'role')} of {count(roles.families, 'family')}, in stack {STACK}"
    files = {path: NewFile(roles.text, summary)}
    if not _holds(path.with_name(SCHEMA_FILE), schema_text()):
        files[path.with_name(SCHEMA_FILE)] = NewFile(schema_text(), "lets editors complete and check roles.yaml")
    still_open = [f"{name} in {path}: {fact.note}" for name, fact in (("region", region), ("account", account))
                  if fact.value is None]  # fmt: skip
    if number:
        body = values.partition("\n")[2]
        files[path.with_name(VALUES_FILE)] = NewFile(
            f"{_VALUES_HEADING}\n{body}", f"{count(number, 'value')} to fill in"
        )
        still_open.append(f"{count(number, 'value')} in {path.with_name(VALUES_FILE)}")
    still_open += [f"{finding.file}: {finding.source}: {finding.message}" for finding in roles.errors]
    config = None
    if not still_open:
        config, problems = _config(roles.text, path)
        still_open += problems
    if config is not None:
        files[path.with_name(LOCK_FILE)] = NewFile(lock_text(make_lock(config.stacks)), "what these roles may do")
    return Project(files, config, tuple(still_open))


def _config(text: str, path: Path) -> tuple[Config | None, Sequence[str]]:
    try:
        return parse_config(text.encode(), str(path)), ()
    except InputError as error:
        return None, [str(problem) for problem in error.problems]


def _holds(path: Path, text: str) -> bool:
    """Return whether a file has a text already."""
    return is_file(path) and read_found(path, path.parent).decode("utf-8", "replace") == text
