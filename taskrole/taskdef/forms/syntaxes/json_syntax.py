"""JSON: what begins with a brace or a bracket, and what is empty."""

from __future__ import annotations

from taskrole.taskdef.forms.syntaxes.syntax import Syntax
from taskrole.taskdef.json_text import parse_json


def _recognises(content: bytes) -> bool:
    return content.decode("utf-8-sig", "replace").lstrip()[:1] in ("", "{", "[")


SYNTAX = Syntax("JSON", _recognises, parse_json)
