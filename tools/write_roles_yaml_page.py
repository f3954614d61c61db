"""Write docs/roles-yaml.md, every key of roles.yaml, from the model, for `make docs`."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from taskrole.config.backends.registry import BACKENDS
from taskrole.config.schema import schema_text

ROOT = Path(__file__).parent.parent
TARGET = ROOT / "docs" / "roles-yaml.md"

_INTRODUCTION = """\
# roles.yaml, key by key

*Written by `make docs` (`tools/write_roles_yaml_page.py`) from the model that reads the file. Editors show the same
while you type: the first line of the file names the JSON Schema.*

A file is right or it is refused as a whole: `taskrole validate` names every problem with line, column, rule and value.
An unknown key is a problem, and gets its nearest neighbour named. `off`, `on`, `yes` and `no` are words here, as in
YAML 1.2. Numbers that are names, accounts above all, stand in quotes. This is the file of this repository:

"""

# In the order in which a person meets them.
_SECTIONS = {
    "": "The file",
    "DefaultSettings": "`defaults`",
    "StackSettings": "`stacks.STACK`",
    "RoleSettings": "`stacks.STACK.roles.ROLE`",
    "TrustSettings": "`trust`, in full",
    "Principals": "`trust.principals`",
    "StatementSettings": "`statements[]`",
    "AccessSettings": "`grants[]` and `deny[]`",
    "OptionsSettings": "`options`",
    "EcsExecSettings": "`options.ecs_exec`",
    "FireLensSettings": "`options.firelens`",
    **{
        model.__name__: f"`backend.{key}`" if key else f"`backend`, `type: {name}`"
        for name, backend in BACKENDS.items()
        for model, key in backend.sections()
    },
    "ProviderSettings": "`provider`",
}


def page() -> str:
    """Return the page's text. Raises KeyError for a part of the model that has no section yet."""
    schema: dict[str, Any] = json.loads(schema_text())
    models = {"": schema, **schema["$defs"]}
    absent = set(models) - set(_SECTIONS)
    if absent:
        raise KeyError(f"no section for {', '.join(sorted(absent))}")
    example = (ROOT / "roles.yaml").read_text("utf-8")
    sections = "\n".join(_section(title, models[name]) for name, title in _SECTIONS.items())
    return f"{_INTRODUCTION}```yaml\n{example}```\n\n{sections}"


def _section(title: str, model: dict[str, Any]) -> str:
    rows = "".join(_rows(model))
    return f"## {title}\n\n{model['description']}\n\n| key | value | what it is |\n| --- | --- | --- |\n{rows}"


def _rows(model: dict[str, Any]) -> Iterator[str]:
    required = model.get("required", [])
    properties = model["properties"]
    for key in sorted(properties, key=lambda key: (key not in required, key)):
        value = properties[key]
        text = value.get("description", "")
        default = value.get("default")
        if default not in (None, "") and "Default:" not in text:
            text = f"{text} Default: {json.dumps(default).strip(chr(34))}".strip()
        mark = " (required)" if key in required else ""
        yield f"| `{key}`{mark} | {_cell(_kind(value))} | {_cell(text)} |\n"


def _kind(value: dict[str, Any]) -> str:
    if "$ref" in value:
        return _link(value["$ref"])
    if "const" in value or "enum" in value:
        return ", ".join(f"`{word}`" for word in value.get("enum", [value.get("const")]))
    alternatives = value.get("oneOf", value.get("anyOf"))
    if alternatives:
        return " or ".join(dict.fromkeys(map(_kind, alternatives)))
    return _type(value)


def _type(value: dict[str, Any]) -> str:
    inner = value.get("items", value.get("additionalProperties"))
    of = _kind(inner) if isinstance(inner, dict) and inner else ""
    words = {
        "string": "text",
        "integer": "number",
        "boolean": "`true`, `false`",
        "array": f"list of {of}",
        "object": f"map to {of}" if of else "map",
    }
    return words[value["type"]]


def _link(reference: str) -> str:
    title = _SECTIONS[reference.rsplit("/", 1)[-1]]
    anchor = re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")
    return f"[{title}](#{anchor})"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
