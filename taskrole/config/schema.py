"""The JSON Schema of roles.yaml, for editors."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from taskrole.config.model import File


@cache
def schema_text() -> str:
    """Return the JSON Schema (draft 2020-12) of roles.yaml as indented JSON."""
    schema = _simplified(File.model_json_schema(by_alias=True))
    heading = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "taskrole roles.yaml"}
    return json.dumps({**schema, **heading}, indent=2, sort_keys=True) + "\n"


def _simplified(node: Any) -> Any:
    """Return the schema without pydantic's key titles and without null, which is equivalent to an absent key."""
    if isinstance(node, list):
        return [_simplified(item) for item in node]
    if not isinstance(node, dict):
        return node
    alternatives = [arm for arm in node.get("anyOf", []) if arm != {"type": "null"}]
    if len(alternatives) == 1 and len(node["anyOf"]) > 1:
        node = {**{key: value for key, value in node.items() if key != "anyOf"}, **alternatives[0]}
    elif alternatives:
        node = {**node, "anyOf": alternatives}
    is_property_map = "properties" not in node and all(isinstance(value, dict) for value in node.values())
    dropped = () if is_property_map else ("title", "default" if node.get("default", 0) is None else "title")
    return {key: _simplified(value) for key, value in node.items() if key not in dropped}
