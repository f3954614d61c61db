"""JSON: a file that begins with a brace or a bracket, or is empty."""

from __future__ import annotations

from taskrole.taskdef.forms.syntaxes.syntax import Syntax
from taskrole.taskdef.json_text import parse_json

_BEGINNING = 64  # bytes, of which most files have one that is no white space


def _recognizes(content: bytes) -> bool:
    beginning = content[:_BEGINNING].decode("utf-8-sig", "replace").lstrip()
    return (beginning or content.decode("utf-8-sig", "replace").lstrip())[:1] in ("", "{", "[")


SYNTAX = Syntax("JSON", _recognizes, parse_json)
