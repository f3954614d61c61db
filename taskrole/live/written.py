"""From an audit to a roles.yaml of least privilege, in one step: `taskrole audit --write-roles`.

Each family of task definitions gets an execution role of its own, made of the task definitions alone, under a name
that the account does not have yet: no running task is touched, and going back is naming the old role again. What an
application calls nobody can read in a task definition, so that task roles are taken over as they are.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from taskrole.config.load import parse_config
from taskrole.config.roles_file import ADOPT_NOTE, NewRole, NewStack, new_file, write_new
from taskrole.errors import InputError, Place, Problem
from taskrole.files import create, make_folder
from taskrole.limits import LONGEST_ROLE_NAME
from taskrole.live.account import Account, named_roles
from taskrole.live.adopt import Inherited, adopt
from taskrole.live.audit import exact_document
from taskrole.live.audit_model import Audit
from taskrole.live.reader import Reader
from taskrole.live.roles import LiveRole
from taskrole.reading import exists, read_found
from taskrole.taskdef import TaskDocument
from taskrole.taskdef.read import parse_document

TASK_FOLDER = "task-definitions"
_STACK = "ecs"
_SUFFIX = "-execution"
_HEADING = """\
Least privilege for the services of account {account}, {region}: taskrole audit wrote it.

Execution roles are new and exact: what their task definitions need, and no more. Task roles exist, and are taken over
as they are: take out of them what the application does not call. Then name the new roles in the task definitions.
"""


@dataclass(frozen=True)
class Written:
    """A roles.yaml and the task definitions beside it, to be written; what takes which place, and what is left out."""

    text: str
    task_definitions: Mapping[str, str]
    places: tuple[str, ...]
    left_out: tuple[str, ...]


def read_task_roles(account: Account, reader: Reader) -> Mapping[str, Mapping[str, Any]]:
    """Return what IAM says of the account's task roles, by ARN, that a listing of all roles leaves out.

    Raises ToolError.
    """
    documents = [parse_document(fields, arn) for arn, fields in account.task_definitions.items()]
    named = {arn for document in documents for kind, arn in named_roles(document) if kind == "task"}
    arns = sorted(arn for arn in named if arn in account.roles)
    names = [account.roles[arn].title for arn in arns]
    details = reader.each(lambda name: reader.call("iam", "get_role", RoleName=name)["Role"], names)
    return dict(zip(arns, details, strict=True))


def plan_roles(audit: Audit, task_roles: Mapping[str, Mapping[str, Any]], options: Mapping[str, Any]) -> Written:
    """Return the roles.yaml of an audit; `options` are those of its task definitions.

    `task_roles` are those of `read_task_roles`. Raises InputError where there is nothing to write.
    """
    context = audit.context
    by_family: dict[str, list[TaskDocument]] = {}
    for document in audit.documents:
        by_family.setdefault(document.family, []).append(document)
    taken, roles, places, left_out = set(audit.account.taken), [], [], []
    files: dict[str, str] = {}
    for family, documents in sorted(by_family.items()):
        exact, why = exact_document(documents, len(audit.documents), audit.report)
        if why:
            left_out.append(f"family {family}: gets no execution role: {why}")
        elif exact:
            role = _execution_role(family, documents, taken, options)
            roles.append(role)
            files |= {_file_name(one): _text(one, audit) for one in documents}
            places.append(f"{family}: executionRoleArn of {role.name}, {role.comments[0]}")
    for found in _task_roles(audit, task_roles):
        if isinstance(found, NewRole):
            roles.append(found)
        else:
            left_out.append(found)
    if not roles:
        raise InputError([Problem(Place("--write-roles"), "there is nothing to write: no service needs a role")])
    heading = _HEADING.format(account=context.account, region=context.region)
    stack = NewStack(_STACK, context.region, context.account or "")
    return Written(new_file(stack, roles, heading), files, tuple(places), tuple(left_out))


def write_roles(path: Path, written: Written) -> None:
    """Write task definitions and roles.yaml, this last: it is not there unless all is. Raises InputError.

    Nothing that exists is overwritten.
    """
    folder = path.parent / TASK_FOLDER
    problems = [] if not path.exists() else [Problem(Place(str(path)), "exists already; name another file")]
    for name, text in written.task_definitions.items():
        file = folder / name
        if exists(file) and not _holds(file, text):
            problems.append(Problem(Place(str(file)), "exists already, with something else in it; move it away"))
    if problems:
        raise InputError(problems)
    make_folder(folder)
    for name, text in written.task_definitions.items():
        if not (folder / name).exists():
            create(folder / name, text)
    parse_config(written.text.encode(), str(path))
    write_new(path, written.text)


def _holds(file: Path, text: str) -> bool:
    """Return whether a file has a text; False for what is not a regular file, or is outside of the project."""
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
        "task_definitions": [f"{TASK_FOLDER}/{_file_name(one)}" for one in documents],
        **({"options": dict(options)} if options else {}),
    }
    return NewRole(name, settings, (f"in the place of {' and '.join(old)}" if old else "where there was none",))


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
    # Families and revisions hold letters, digits, hyphens and underscores only.
    return f"{document.file.replace(':', '-')}.json"


def _text(document: TaskDocument, audit: Audit) -> str:
    arn = next(task.arn for task in audit.tasks if task.name == document.file)
    return json.dumps(audit.account.task_definitions[arn], indent=2, sort_keys=True) + "\n"


def _task_roles(audit: Audit, task_roles: Mapping[str, Mapping[str, Any]]) -> Iterator[NewRole | str]:
    """Yield the task roles as they are, or why one is left out."""
    used = [role for role in audit.roles if "task" in role.kinds and role.arn in audit.account.roles]
    for one in used:
        found = task_roles[one.arn]
        role = replace(
            audit.account.roles[one.arn],
            description=found.get("Description", ""),
            max_session_duration=found.get("MaxSessionDuration", 3_600),
        )
        try:
            adoption = adopt(LiveRole(found["Arn"], role), audit.context, Inherited(), "task")
        except InputError as error:
            yield str(error)
            continue
        both = ["it was the execution role, too: take out what only ECS needed"] if len(one.kinds) > 1 else []
        yield NewRole(one.name, adoption.entry, (*both, *adoption.warnings), {"adopt": ADOPT_NOTE})
