"""The causes that a roles.yaml declares for its roles: fields of its task definitions, and its own `grants`."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Mapping
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from taskrole.addresses import identifier
from taskrole.errors import InputError, Problem, printable, quote
from taskrole.grant import Grant
from taskrole.plan.roles import PlannedRole
from taskrole.policy.evaluation.grant_calls import regions_of
from taskrole.review.causes import Cause
from taskrole.review.source import find_whole
from taskrole.role import Role

if TYPE_CHECKING:
    from taskrole.config.load import Config, StackSpec
    from taskrole.yaml_reader import Tree

_OWN_GRANTS = "grants:/"


def declared_causes(file: Path, stack: str, roles: Iterable[PlannedRole]) -> Mapping[str, list[Cause]]:
    """Return the causes of each role of a plan in a roles.yaml, by the role's address.

    `stack` is the stack of the file that the plan belongs to; empty for any. A role that several stacks declare has no
    causes, unless only one of them is in its account. Raises InputError with all problems of the file, and for task
    definitions outside the working folder.
    """
    at = find_whole(file).file
    config = _loaded(file)
    stacks = [candidate for candidate in config.stacks if stack in (candidate.name, "")]
    causes: dict[str, list[Cause]] = {}
    for planned in roles:
        declared = _declared(planned, stacks)
        if declared is not None:
            spec, role = declared
            regions = regions_of(role.grants)
            causes[planned.address] = [
                Cause(grant, _why(grant, role, PurePosixPath(at)), spec.context, regions) for grant in role.grants
            ]
    return causes


def _loaded(file: Path) -> Config:
    # Imported late: a review without a roles.yaml needs neither YAML nor the reader of task definitions.
    from taskrole.config.load import parse_config
    from taskrole.yaml_reader import read_file, read_yaml

    content = read_file(file, "name another with --source")
    problems = list(_outside(read_yaml(content, str(file)), file.parent))
    if problems:
        raise InputError(problems)
    return parse_config(content, str(file))


def _outside(tree: Tree, folder: Path) -> Iterable[Problem]:
    """Yield a problem for each task definition outside the working folder, which a review does not read."""
    from taskrole.config.raw import list_in, mapping_in, read_stack
    from taskrole.config.task_definitions import find_files

    here = Path.cwd().resolve()
    for name, data in mapping_in(tree.data, "stacks").items():
        for _, keys, role in read_stack(name, data, tree).roles:
            patterns = [pattern for pattern in list_in(role, "task_definitions") if isinstance(pattern, str)]
            for path in find_files(patterns, folder):
                if isinstance(path, str) and not (folder / path).resolve().is_relative_to(here):
                    message = f"must be inside the working folder; got {quote(path)}"
                    yield Problem(tree.place((*keys, "task_definitions")), message)


def _declared(planned: PlannedRole, stacks: Iterable[StackSpec]) -> tuple[StackSpec, Role] | None:
    """Return the declaration of a role in a plan, by its resource name in the root module or by its role name."""
    change = planned.change
    resource = change.name if change is not None and not change.module else ""
    matches = [
        (spec, role)
        for spec in stacks
        for role in spec.roles
        if identifier(role.key) == resource or role.name == planned.name
    ]
    if len(matches) > 1:
        matches = [match for match in matches if planned.account and match[0].context.account == planned.account]
    return matches[0] if len(matches) == 1 else None


def _why(grant: Grant, role: Role, file: PurePosixPath) -> str:
    """Return why a role has a grant, with its source, in one clause; paths are relative to the working folder."""
    if grant.source.startswith(_OWN_GRANTS):
        return printable(f"grants[{grant.source.removeprefix(_OWN_GRANTS)}] of role {role.key}: {grant.because}")
    where = posixpath.normpath(file.parent / grant.file) if grant.file else str(file)
    return printable(f"{grant.because} ({where} {grant.source})")
