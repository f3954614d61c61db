"""Write docs/architecture.md for `make docs`: the data flow, and the rooms with their imports."""

from __future__ import annotations

from collections.abc import Mapping, Set

from tools.imports import ROOT, read_imports
from tools.rooms import ROOMS, room_graph

TARGET = ROOT / "docs" / "architecture.md"

_INTRODUCTION = """\
# Architecture

*Written by `make docs` (`tools/write_architecture_page.py`): the diagrams of the rooms are made from the imports.*

taskrole reads what you have (task definitions, plans, accounts, recorded calls) and produces the roles that those tasks
need, or reports how roles differ from that. `taskrole/` is pure Python without CDKTF; `taskrole_cdktf/` is the
construct library on top of it, and `stacks/` and `main.py` are this project's own CDKTF app.

## How data flows

```mermaid
flowchart LR
  tasks["task definitions<br>JSON, YAML, plan, state, CloudFormation"] -- taskdef --> grant([Grant])
  calls["recorded calls<br>CloudTrail"] -- observe --> grant
  grant -- derived --> role([Role])
  config["roles.yaml"] -- config --> role
  role -- stacks --> terraform["cdk.tf.json"]
  role -- export --> module["HCL or JSON module"]
  role -- lock --> lock["grants.lock.json"]
  role -- sources --> effective([EffectiveRole])
  plan["Terraform plan"] -- plan, sources --> effective
  account["account, policy files"] -- live, sources --> effective
  effective -- check, review, live --> finding([Finding])
  grant -- check, review --> finding
  finding -- output --> report["text, JSON, Markdown, SARIF, JUnit, HTML"]
```

Data flows in one direction, as frozen dataclasses:

- **Grant** (`grant.py`): a permission with its cause: role kind, actions, resources, conditions, the field that needs
  it, and the rule.
- **Role** (`role.py`): a role that is declared: trust policy, policies, attachments.
- **EffectiveRole** (`policy/effective_role.py`): a role as it is or will be, wherever it was read. Each part is known,
  or carries the reason why it is not.
- **Finding** (`finding.py`): the id of a rule, a severity, a place and a message. `rule_catalogue.py` has every
  **Rule** (`rule.py`): its title, why it matters, the fix and the source.

`policy/evaluation` alone decides whether a role allows a call: for `check`, `review`, `audit`, `observe` and `lock`.

Input files are read in `reading.py` alone and written in `files/` alone. boto3, DuckDB, Flask and CDKTF are optional:
each is imported where it is used (`extras.py`).

## Where to look

| to change | look in |
| --- | --- |
| what a field of a task definition needs | `taskdef/features/`, one file a feature |
| a form in which task definitions come | `taskdef/forms/`, one file a form |
| a key of roles.yaml | `config/model.py`, the model of the file |
| where a state is kept | `config/backends/`, one file a backend |
| a setting of a role in IAM | `role.py`, the table of attributes; `config/model.py` |
| a rule of the review, or its severity | `review/rules/`; actions that are dangerous together: `policies.py` in it |
| a rule on task definitions, or its severity | `taskdef/features/`, where the feature yields a finding |
| a format of findings, for every verb | `output/formats/`, one file a format |
| a format of the review's report | `review/render/` |
| where a role can be read from | `sources/`, one file a source; accounts: `live/` |
| the message for a wrong value in roles.yaml | `config/value_checks.py`; type or key: `config/pydantic_messages.py` |
| how messages quote and cut values | `errors.py` |
| how a condition is evaluated or compared | `policy/conditions/`, `policy/comparison/` |
| the resources that a stack has | `stacks/`, `taskrole_cdktf/` |
| an option of a verb | `cli/`, one file a verb; what task definitions lack: `taskdef/features/` |

[CONTRIBUTING.md](../CONTRIBUTING.md) has recipes for most of these.
"""


def page() -> str:
    """Return the page as Markdown."""
    graph = room_graph(read_imports())
    rows = "".join(
        f"| `{room.name}` | {room.purpose} | {', '.join(_in_order(graph[room.name]) or ['-'])} |\n" for room in ROOMS
    )
    files = "".join(
        f"- `{room.name}`: {', '.join(f'`{file}.py`' for file in room.files)}\n" for room in ROOMS if room.files
    )
    return (
        f"{_INTRODUCTION}\n## The rooms\n\n"
        "A room is a folder of `taskrole/`, or files beside the folders. It imports only rooms above it in this\n"
        "table, also inside functions (`tests/test_rooms.py`):\n\n"
        f"| room | what is in it | imports |\n| --- | --- | --- |\n{rows}\n"
        f"Rooms that are files:\n\n{files}\n"
        "As a diagram, without the arrows that others imply:\n\n"
        f"```mermaid\n{diagram(graph)}```\n"
    )


def diagram(graph: Mapping[str, Set[str]]) -> str:
    """Return a Mermaid flowchart of rooms with arrows to their imports, without those that follow from others."""
    lines = ["flowchart TD"]
    for room in reversed(ROOMS):
        direct = graph[room.name]
        implied = {name for other in direct for name in _reached(other, graph)}
        lines += [f"  {room.name} --> {name}" for name in _in_order(direct - implied)]
    return "\n".join([*lines, ""])


def _reached(room: str, graph: Mapping[str, Set[str]]) -> set[str]:
    return {name for other in graph[room] for name in {other, *_reached(other, graph)}}


def _in_order(names: Set[str]) -> list[str]:
    return [room.name for room in ROOMS if room.name in names]
