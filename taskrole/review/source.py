"""Locations of findings in the configuration: the file and line of a resource, which a plan does not contain.

A Terraform folder and its local modules are searched for the block of the resource; a roles.yaml is searched for the
role that the resource belongs to. A resource with no match, or several, has no location.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from taskrole.addresses import identifier
from taskrole.dataclass import dataclass
from taskrole.errors import InputError, Place, Problem, quote
from taskrole.finding import Finding, SourceLocation
from taskrole.plan.configuration import Configuration, SourceExpressions
from taskrole.plan.configuration_files import ConfigurationFiles
from taskrole.plan.model import ROLE, Change
from taskrole.plan.roles import PlannedRole
from taskrole.reading import is_file, is_folder, read_found

if TYPE_CHECKING:
    from taskrole.yaml_reader import Tree

Locate: TypeAlias = Callable[[str], "SourceLocation | None"]

_BLOCK = re.compile(r'^[ \t]*resource[ \t]+"?([\w-]+)"?[ \t]+"?([\w-]+)"?[ \t]*\{', re.MULTILINE)
_YAML = (".yaml", ".yml")
_MOST_FILES = 1_000


def located(findings: Iterable[Finding], locate: Locate) -> list[Finding]:
    """Return findings with the file and line of their resources, where these are known."""
    return [_located(finding, locate(finding.source)) for finding in findings]


def _located(finding: Finding, place: SourceLocation | None) -> Finding:
    return replace(finding, file=place.file, line=place.line) if place else finding


def find_whole(source: Path) -> SourceLocation:
    """Return the location of a source as a whole: the file itself, or the main file of a folder.

    Raises InputError unless it is a roles.yaml or a Terraform folder in the working folder.
    """
    if is_folder(source):
        files = _files(source)
        main = next((file for file in files if file.name == "main.tf"), files[0] if files else None)
        problem = "holds no .tf or .tf.json file"
    else:
        main, problem = (
            (source if source.suffix in _YAML else None),
            "must be a roles.yaml, or a folder of .tf or .tf.json files",
        )
    if main is None:
        raise InputError([Problem(Place("--source"), f"{problem}; got {quote(str(source))}")])
    place = _place(main, 1)
    if place is None:
        raise InputError([Problem(Place("--source"), f"must be inside the working folder; got {quote(str(source))}")])
    return place


def default_source() -> SourceLocation:
    """Return the file for findings without a location: a file of the working folder, else roles.yaml.

    Code scanning and Code Quality ignore findings in files that are not in the repository.
    """
    folder = Path()
    usual = [Path("roles.yaml"), Path("main.tf"), *_files(folder), Path("cdktf.json"), Path("README.md")]
    place = next((place for file in usual if is_file(file) and (place := _place(file, 1))), None)
    return place or SourceLocation("roles.yaml", 1)


def source_expressions(source: Path, configuration: Configuration) -> SourceExpressions:
    """Return the expressions of a plan's values in its configuration. Raises InputError for an invalid source."""
    find_whole(source)
    if is_folder(source):
        return ConfigurationFiles(source, configuration.module_sources)
    return RolesFile(source, _roles_tree(source))


@dataclass(frozen=True)
class RolesFile:
    """The roles of a roles.yaml, whose stacks declare them without dynamic blocks."""

    file: Path
    tree: Tree

    @cached_property
    def names(self) -> frozenset[str]:
        """The names of the resources of the roles."""
        return frozenset(_declared(self.tree))

    def value(self, change: Change, *path: str | int) -> None:
        """Return None: a roles.yaml has no expressions."""

    def argument(self, module: str, name: str) -> None:
        """Return None: its stacks have no modules."""

    def output(self, module: str, name: str) -> None:
        """Return None: its stacks have no modules."""

    def local(self, module: str, name: str) -> None:
        """Return None: its stacks have no local values."""

    def is_dynamic(self, change: Change, block: str) -> bool | None:  # noqa: ARG002 -- of no block
        """Return False for a declared role, which has no dynamic blocks; None for other resources."""
        return False if change.type == ROLE and not change.module and change.name in self.names else None


def _roles_tree(file: Path) -> Tree:
    # Imported late: a Terraform folder needs no YAML.
    from taskrole.yaml_reader import read_file, read_yaml

    return read_yaml(read_file(file, "name another with --source"), str(file))


def _declared(tree: Tree) -> Iterator[str]:
    stacks = tree.data.get("stacks") if isinstance(tree.data, dict) else None
    for body in stacks.values() if isinstance(stacks, dict) else ():
        roles = body.get("roles") if isinstance(body, dict) else None
        yield from map(identifier, roles if isinstance(roles, dict) else ())


def locator(source: Path, stack: str, configuration: Configuration, roles: Iterable[PlannedRole]) -> Locate:
    """Return a function from the address of a resource to its location in the source of the configuration.

    `stack` is the stack of roles.yaml that the plan belongs to; empty for any.
    """
    declared = configuration.source
    if isinstance(declared, RolesFile):
        return _in_roles_file(declared, stack, roles)
    return _in_folder(source, configuration)


def _in_folder(folder: Path, configuration: Configuration) -> Locate:
    @cache
    def blocks(module: Path) -> Mapping[tuple[str, str], list[SourceLocation]]:
        locations: dict[tuple[str, str], list[SourceLocation]] = {}
        for key, place in _blocks(module):
            locations.setdefault(key, []).append(place)
        return locations

    def locate(address: str) -> SourceLocation | None:
        change = configuration.at(address)
        if change is None:
            return None
        module = folder
        for call in configuration.module_sources(change.module):
            # Only local modules are part of the user's files; others are in a cache.
            if not call.startswith(("./", "../")):
                return None
            module = module / call
        places = blocks(module).get((change.type, change.name), [])
        return places[0] if len(places) == 1 else None

    return locate


def _in_roles_file(source: RolesFile, stack: str, roles: Iterable[PlannedRole]) -> Locate:
    file, tree = source.file, source.tree
    stacks = tree.data.get("stacks") if isinstance(tree.data, dict) else None
    keys: dict[str, list[tuple[str, str]]] = {}
    for name, body in stacks.items() if isinstance(stacks, dict) else ():
        declared = body.get("roles") if isinstance(body, dict) and stack in (name, "") else None
        for key in declared if isinstance(declared, dict) else ():
            keys.setdefault(identifier(key), []).append((name, key))
    owners: dict[str, set[str]] = {}
    for role in roles:
        if role.change is not None and not role.change.module:
            for address in {role.address, *role.addresses}:
                owners.setdefault(address, set()).add(role.change.name)

    def locate(address: str) -> SourceLocation | None:
        candidates = [location for name in owners.get(address, ()) for location in keys.get(name, ())]
        if len(candidates) != 1:
            return None
        (name, key) = candidates[0]
        return _place(file, tree.place(("stacks", name, "roles", key)).line or 1)

    return locate


def _blocks(folder: Path) -> Iterator[tuple[tuple[str, str], SourceLocation]]:
    for file in _files(folder):
        begin = _place(file, 1)
        if file.suffix != ".tf" or begin is None:
            continue
        try:
            text = read_found(file).decode("utf-8", "replace")
        except InputError:
            continue
        line, counted = 1, 0
        for match in _BLOCK.finditer(text):
            line += text.count("\n", counted, match.start())
            counted = match.start()
            yield (match[1], match[2]), replace(begin, line=line)


def _files(folder: Path) -> list[Path]:
    # A plan can name any folder as a module; nothing outside the working folder is read.
    if not folder.resolve().is_relative_to(Path.cwd().resolve()) or not is_folder(folder):
        return []
    files = (file for pattern in ("*.tf", "*.tf.json") for file in folder.glob(pattern))
    return sorted(file for file in files if is_file(file))[:_MOST_FILES]


def _place(file: Path, line: int) -> SourceLocation | None:
    """Return a location relative to the working folder; None for a file outside it."""
    here, whole = Path.cwd().resolve(), file.resolve()
    return SourceLocation(whole.relative_to(here).as_posix(), line) if whole.is_relative_to(here) else None
