"""Writes a least-privilege roles.yaml from an audit: `taskrole audit --write-roles`.

Each family gets a new execution role with the permissions that its task definitions need, and with a name that is not
in use in the account: running tasks are not affected, and setting the previous role again rolls back. Task definitions
do not contain what an application calls, so task roles are adopted unchanged.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from taskrole.config.load import parse_config
from taskrole.config.roles_file import ADOPT_NOTE, NewRole, NewStack, new_file, write_new
from taskrole.dataclass import dataclass
from taskrole.errors import InputError, Place, Problem
from taskrole.files import create, make_folder
from taskrole.limits import LONGEST_ROLE_NAME
from taskrole.live.account import Account, named_roles
from taskrole.live.adopt import Inherited, adopt
from taskrole.live.audit import exact_document
from taskrole.live.audit_model import Audit
from taskrole.live.reader import Reader
from taskrole.reading import exists, read_found
from taskrole.role import answered_attributes
from taskrole.taskdef import TaskDocument
from taskrole.taskdef.read import parse_document

TASK_FOLDER = "task-definitions"
_STACK = "ecs"
_SUFFIX = "-execution"
_HEADING = """\
Least privilege for the services of account {account}, {region}, written by taskrole audit.

Execution roles are new, with exactly the permissions that their task definitions need. Task roles exist and are adopted
unchanged: remove what the application does not call. Then set the new roles in the task definitions.
"""


@dataclass(frozen=True)
class LeastPrivilegeFiles:
    """A roles.yaml and task definitions to write, the replaced roles, and what is left out."""

    text: str
    task_definitions: Mapping[str, str]
    places: tuple[str, ...]
    left_out: tuple[str, ...]


def read_task_roles(account: Account, reader: Reader) -> Mapping[str, Mapping[str, Any]]:
    """Return the details of the account's task roles, by ARN, that a listing of all roles does not contain.

    Raises ToolError.
    """
    documents = [parse_document(fields, arn) for arn, fields in account.task_definitions.items()]
    named = {arn for document in documents for kind, arn in named_roles(document) if kind == "task"}
    arns = sorted(arn for arn in named if arn in account.roles)
    names = [account.roles[arn].title for arn in arns]
    details = reader.each(lambda name: reader.call("iam", "get_role", RoleName=name)["Role"], names)
    return dict(zip(arns, details, strict=True))


def plan_roles(
    audit: Audit, task_roles: Mapping[str, Mapping[str, Any]], options: Mapping[str, Any]
) -> LeastPrivilegeFiles:
    """Return the roles.yaml of an audit; `options` are those of its task definitions.

    `task_roles` are those of `read_task_roles`. Raises InputError if there is nothing to write.
    """
    context = audit.context
    by_family: dict[str, list[TaskDocument]] = {}
    for document in audit.documents:
        by_family.setdefault(document.family, []).append(document)
    taken, roles, places, left_out = set(audit.account.taken), [], [], []
    files: dict[str, str] = {}
    arns = {task.name: task.arn for task in audit.tasks}
    for family, documents in sorted(by_family.items()):
        exact, why = exact_document(documents, len(audit.documents), audit.report)
        if why:
            left_out.append(f"family {family}: gets no execution role: {why}")
        elif exact:
            role = _execution_role(family, documents, taken, options)
            roles.append(role)
            definitions = audit.account.task_definitions
            files |= {_file_name(document): _text(definitions[arns[document.file]]) for document in documents}
            places.append(f"{family}: executionRoleArn of {role.name}, {role.comments[0]}")
    for task_role in _task_roles(audit, task_roles):
        if isinstance(task_role, NewRole):
            roles.append(task_role)
        else:
            left_out.append(task_role)
    if not roles:
        raise InputError([Problem(Place("--write-roles"), "nothing to write: no service needs a role")])
    heading = _HEADING.format(account=context.account, region=context.region)
    stack = NewStack(_STACK, context.region, context.account or "")
    return LeastPrivilegeFiles(new_file(stack, roles, heading), files, tuple(places), tuple(left_out))


def write_roles(path: Path, files: LeastPrivilegeFiles) -> None:
    """Write task definitions, then roles.yaml, which exists only if all others do. Raises InputError.

    No existing file is overwritten.
    """
    folder = path.parent / TASK_FOLDER
    problems = [] if not path.exists() else [Problem(Place(str(path)), "exists already; choose another file")]
    for name, text in files.task_definitions.items():
        file = folder / name
        if exists(file) and not _holds(file, text):
            problems.append(Problem(Place(str(file)), "exists already, with other content; move or remove it"))
    if problems:
        raise InputError(problems)
    make_folder(folder)
    for name, text in files.task_definitions.items():
        if not (folder / name).exists():
            create(folder / name, text)
    parse_config(files.text.encode(), str(path))
    write_new(path, files.text)


def _holds(file: Path, text: str) -> bool:
    """Return whether a file has this content; False if it is not a regular file or is outside the project."""
    try:
        return read_found(file, file.parent).decode("utf-8", "replace") == text
    except InputError:
        return False


def _execution_role(
    family: str, documents: Sequence[TaskDocument], taken: set[str], options: Mapping[str, Any]
) -> NewRole:
    name = _free_name(family, taken)
    old = sorted(
        {arn.rpartition("/")[2] for document in documents for kind, arn in named_roles(document) if kind == "execution"}
    )
    settings: dict[str, Any] = {
        "kind": "execution",
        "description": f"Prepares the tasks of {family}.",
        "task_definitions": [f"{TASK_FOLDER}/{_file_name(document)}" for document in documents],
        **({"options": dict(options)} if options else {}),
    }
    return NewRole(name, settings, (f"replaces {' and '.join(old)}" if old else "a new role",))


def _free_name(family: str, taken: set[str]) -> str:
    number = 1
    while True:
        end = _SUFFIX if number == 1 else f"{_SUFFIX}-{number}"
        name = f"{family[: LONGEST_ROLE_NAME - len(end)]}{end}"
        if name.lower() not in taken:
            taken.add(name.lower())
            return name
        number += 1


def _file_name(document: TaskDocument) -> str:
    # Families and revisions contain only letters, digits, hyphens and underscores.
    return f"{document.file.replace(':', '-')}.json"


def _text(definition: Mapping[str, Any]) -> str:
    return json.dumps(definition, indent=2, sort_keys=True) + "\n"


def _task_roles(audit: Audit, task_roles: Mapping[str, Mapping[str, Any]]) -> Iterator[NewRole | str]:
    """Yield the task roles, unchanged, or the reason why a role is left out."""
    used = [role for role in audit.roles if "task" in role.kinds and role.arn in audit.account.roles]
    for role_audit in used:
        details = task_roles[role_audit.arn]
        role = replace(audit.account.roles[role_audit.arn], iam_arn=details["Arn"], **answered_attributes(details))
        try:
            adoption = adopt(role, audit.context, Inherited(), "task")
        except InputError as error:
            yield str(error)
            continue
        notes = ["it is also the execution role: remove what only ECS needs"] if len(role_audit.kinds) > 1 else []
        yield NewRole(role_audit.name, adoption.entry, (*notes, *adoption.warnings), {"adopt": ADOPT_NOTE})
