"""Reads HCL with python-hcl2, independent of the writer."""

from __future__ import annotations

import json
import re
from typing import Any

import hcl2
from hcl2.utils import SerializationOptions

_ESCAPE = re.compile(r'\\(["\\nrt]|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8})|\$\$\{|%%\{')
_NAMED = {'"': '"', "\\": "\\", "n": "\n", "r": "\r", "t": "\t"}


def read_hcl(text: str) -> Any:
    """Return a file's blocks as data: quoted strings unescaped, blocks below their labels, a list for each kind."""
    return _plain(hcl2.loads(text, serialization_options=SerializationOptions(with_comments=False)))


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {_unquoted(key): _plain(item) for key, item in value.items() if key != "__is_block__"}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return _unquoted(value) if isinstance(value, str) else value


def _unquoted(text: str) -> str:
    """Return the value of a quoted string; expressions, as hcl2 gives them, stay `${…}`."""
    if not (len(text) >= 2 and text[0] == text[-1] == '"'):
        return text
    return _ESCAPE.sub(_character, text[1:-1])


def _character(match: re.Match[str]) -> str:
    if match.group(1) is None:
        return match.group()[1:]
    if match.group(1) in _NAMED:
        return _NAMED[match.group(1)]
    return chr(int(match.group(1)[1:], 16))


def blocks_of(document: Any, kind: str) -> dict[str, Any]:
    """Return the blocks of a kind by their last label, from HCL or from JSON as data."""
    blocks = document.get(kind, {})
    return {name: body for block in (blocks if isinstance(blocks, list) else [blocks]) for name, body in block.items()}


def read_module(files: dict[str, str]) -> dict[str, Any]:
    """Return the files of a module as data, by their names without ending."""
    return {
        name.partition(".")[0]: json.loads(text) if name.endswith(".json") else read_hcl(text)
        for name, text in files.items()
        if name.endswith((".tf", ".tf.json"))
    }
