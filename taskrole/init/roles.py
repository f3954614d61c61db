"""The roles.yaml that task definitions ask for: a pair of roles a family, each naming the files of its definitions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from taskrole.arns import Context
from taskrole.config.roles_file import NewRole, NewStack, new_file
from taskrole.dataclass import dataclass
from taskrole.errors import printable
from taskrole.families import Family, derive_families
from taskrole.finding import Finding
from taskrole.grant import ROLE_KINDS, RoleKind
from taskrole.init.place import Fact
from taskrole.init.search import Definition
from taskrole.partitions import partition_of
from taskrole.render.role_names import role_names
from taskrole.taskdef import Options
from taskrole.taskdef.placeholders import find_placeholder

STACK = "ecs"
# Only to sort task definitions into families while their place is open.
_ANY_PLACE = Context("aws", "us-east-1", "000000000000")
_ROLE_KEYS: Mapping[RoleKind, str] = {"execution": "executionRoleArn", "task": "taskRoleArn"}
_HEADING = """\
The IAM roles of this project's Amazon ECS tasks, begun by taskrole init.

An execution role gets exactly what its task definitions need for ECS to start the tasks: images, secrets, logs.
A task role gets what ECS features need of it. What the application itself calls cannot be derived; add it:
  grants:
    - {access: read, resources: "arn:aws:s3:::BUCKET/*", because: WHY}
All keys: `taskrole schema`. What each role may do, and why: `taskrole show`."""


@dataclass(frozen=True)
class Roles:
    """The text of a roles.yaml, its numbers of roles and families, and the errors that stop it from being used."""

    text: str
    roles: int
    families: int
    errors: tuple[Finding, ...]


def roles_for_tasks(
    definitions: Sequence[Definition], region: Fact, account: Fact, values_files: tuple[str, ...]
) -> Roles:
    """Return the roles.yaml of task definitions in a place, of which parts may be open. `roles` is 0 without any."""
    home = partition_of(region.value or "")
    is_known = home is not None and account.value is not None
    context = Context(home.id, region.value or "", account.value) if home and is_known else _ANY_PLACE
    documents = [definition.document for definition in definitions]
    families = derive_families(documents, context, Options(), "family")
    by_file = {definition.document.file: definition for definition in definitions}
    names = role_names([family.name for family in families])
    entries = [
        _entry(names[family.name, kind], kind, family, by_file, definitions)
        for family in families
        for kind in ROLE_KINDS
        if _is_needed(kind, family, by_file)
    ]
    notes = {"region": region.note, "account": account.note}
    stack = NewStack(STACK, region.value, account.value, notes=notes, values_files=values_files)
    unfilled = {(document.file, text.source) for document in documents for text in document.unfilled}
    errors = [
        finding
        for family in families
        for finding in family.located_findings
        if finding.severity == "error" and (finding.file, finding.source) not in unfilled
    ]
    text = new_file(stack, entries, _HEADING)
    return Roles(text, len(entries), len(families), tuple(errors) if is_known else ())


def _is_needed(kind: RoleKind, family: Family, by_file: Mapping[str, Definition]) -> bool:
    """Return whether a family needs a role: for a permission, one that is still open included, or by naming one."""
    documents = [by_file[file].document for file in family.files]
    is_open = kind == "execution" and any(document.unfilled for document in documents)
    is_granted = any(grant.role == kind for grant in family.derivation.grants)
    return is_open or is_granted or any(document.data.get(_ROLE_KEYS[kind]) for document in documents)


def _entry(
    name: str, kind: RoleKind, family: Family, by_file: Mapping[str, Definition], definitions: Sequence[Definition]
) -> NewRole:
    own = [by_file[file] for file in family.files]
    paths = dict.fromkeys(definition.path for definition in own)
    settings: dict[str, Any] = {"kind": kind, "task_definitions": [*paths]}
    others = [definition for definition in definitions if definition.path in paths and definition not in own]
    if others:
        settings["families"] = [*dict.fromkeys(_selector(definition, others) for definition in own)]
    return NewRole(name, settings, tuple(_comments(kind, own)))


def _selector(definition: Definition, others: Sequence[Definition]) -> str:
    """Return what selects a task definition among the others of the files: its family, or its name in the file."""
    document = definition.document
    is_own = document.family and all(document.family != other.document.family for other in others)
    return document.family if is_own else document.name or document.family


def _comments(kind: RoleKind, own: Sequence[Definition]) -> Iterator[str]:
    named = {str(definition.document.data.get(_ROLE_KEYS[kind]) or "") for definition in own}
    today = sorted(name.rpartition("/")[2] for name in named if name and not find_placeholder(name))
    if today:
        yield printable(f"replaces {' and '.join(today)}")
