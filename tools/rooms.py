"""The packages of taskrole ("rooms") in order: a room imports only rooms above it in this table.

tests/test_rooms.py enforces the order, and docs/architecture.md shows it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tools.imports import Imports


@dataclass(frozen=True)
class Room:
    """A folder of taskrole/, or files next to the folders that are used together."""

    name: str
    purpose: str
    files: tuple[str, ...] = ()


_FOUNDATION = (
    "arns",
    "buffered_text",
    "canonical_json",
    "collector",
    "dataclass",
    "errors",
    "exit_codes",
    "extras",
    "file_patterns",
    "grant",
    "limits",
    "nearest",
    "partitions",
    "plain_data",
    "progress",
    "python_version",
    "reading",
    "report_versions",
    "rule",
    "shared_objects",
    "finding",
    "strict_json",
    "symbolic_forms",
    "system",
    "two_processes",
    "yaml_reader",
)

ROOMS = (
    Room("foundation", "ARNs and partitions, Grant and Finding, errors, limits, reading files", _FOUNDATION),
    Room("files", "Writing files and folders, whole or not at all"),
    Room("output", "Text, tables and escapes for every verb"),
    Room("policy", "Documents, conditions, evaluation, comparison, and the catalogue of actions and managed policies"),
    Room("taskdef", "Task definitions in every form, to grants and findings; one file a feature"),
    Room("plan", "A Terraform plan: its changes, references, roles and task definitions"),
    Room("role", "Role, what is declared, and its addresses in Terraform", ("role", "addresses")),
    Room("derived", "From grants to roles, together or by family", ("derived", "families")),
    Room("config", "roles.yaml: read, checked, edited; its JSON Schema"),
    Room("lock", "grants.lock.json", ("lock", "lock_format")),
    Room("sources", "EffectiveRole from roles.yaml, a plan, policy files or the lock"),
    Room(
        "lock_difference", "What has changed since grants.lock.json was written", ("lock_difference", "lock_findings")
    ),
    Room("export", "Modules for Terraform teams"),
    Room("review", "A plan against rules; the renderers of its report"),
    Room("render", "What `derive`, `show` and `--explain` print"),
    Room("observe", "Recorded calls, to grants, unused grants and denials"),
    Room("check", "Roles against task definitions and recorded calls"),
    Room("live", "What needs an account: `verify`, `adopt`, `audit`"),
    Room("catalogue", "Every rule by its id, and what `--explain` prints", ("rule_catalogue", "explain")),
    Room("init", "A project's first files"),
    Room("local", "The embedded AWS, for development"),
    Room("report_schemas", "The JSON Schema of each report"),
    Room("api", "What `import taskrole` offers", ("api",)),
    Room("cli", "The command line: one file a verb, and in `parts/` what verbs share"),
    Room("start", "`python -m taskrole`", ("__main__",)),
)
_OF_FILES = {file: room.name for room in ROOMS for file in room.files}


def room_of(module: str) -> str:
    """Return the room of a module, by its dotted name. Raises KeyError for a file that is not in a room."""
    _, _, below = module.partition(".")
    if not below:
        return ROOMS[0].name
    first = below.partition(".")[0]
    return first if any(room.name == first and not room.files for room in ROOMS) else _OF_FILES[first]


def room_graph(imports: Mapping[str, Imports], *, loaded_only: bool = False) -> dict[str, set[str]]:
    """Return the other rooms that each room imports; `loaded_only` excludes imports inside functions."""
    graph: dict[str, set[str]] = {room.name: set() for room in ROOMS}
    for module, of_module in imports.items():
        used = of_module.loaded if loaded_only else of_module.all
        graph[room_of(module)] |= {room_of(name) for name in used} - {room_of(module)}
    return graph
