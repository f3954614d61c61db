"""Values of HCL, as python-hcl2 parses them, and of Terraform's JSON syntax, as templates."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from taskrole.errors import BadValueError

_LABELS = {"resource": 2, "data": 2, "module": 1, "output": 1, "locals": 0}
_HEREDOC = re.compile(r'"?<<-?(\w+)\n(.*)\n\s*\1"?', re.DOTALL)
_JSON = re.compile(r"\$\{\s*jsonencode\((.*)\)\s*\}", re.DOTALL)
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\"}
_ESCAPE = re.compile(r'\\([nrt"\\])')
_LONGEST = 200_000  # characters
_DEEPEST = 40


class JsonText(str):
    """A string of the JSON syntax, which is a template without quotes."""

    __slots__ = ()


def plain_key(key: object) -> str:
    """Return a label or key without its quotes."""
    return str(key).strip('"')


def block_bodies(tree: Any, *, is_json: bool) -> Iterator[tuple[tuple[str, ...], Mapping[str, Any]]]:
    """Yield the blocks of a file by their labels: resources, data sources, module calls, outputs, local values."""
    for kind, depth in _LABELS.items():
        for entry in _entries(tree.get(kind) if isinstance(tree, Mapping) else None):
            yield from _labelled((kind,), entry, depth, is_json=is_json)


def _labelled(
    labels: tuple[str, ...], entry: Any, depth: int, *, is_json: bool
) -> Iterator[tuple[tuple[str, ...], Mapping[str, Any]]]:
    if not isinstance(entry, Mapping):
        return
    if not depth:
        body = {plain_key(key): value for key, value in entry.items() if key not in ("__is_block__", "//")}
        yield labels, _marked(body) if is_json else body
        return
    for label, inner in entry.items():
        for nested in _entries(inner):
            yield from _labelled((*labels, plain_key(label)), nested, depth - 1, is_json=is_json)


def _entries(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _marked(value: Any) -> Any:
    """Return a value of the JSON syntax with its strings marked."""
    if isinstance(value, str):
        return JsonText(value)
    if isinstance(value, Mapping):
        return {key: _marked(item) for key, item in value.items()}
    return [_marked(item) for item in value] if isinstance(value, list) else value


def template_of(value: Any) -> str | None:
    """Return a string value as a template: `${aws_iam_role.web.arn}`; None for other types.

    For a call of jsonencode with a literal object, return the JSON it produces, with templates in it.
    """
    if isinstance(value, JsonText):
        return str(value)
    if not isinstance(value, str) or len(value) > _LONGEST:
        return None
    heredoc = _HEREDOC.fullmatch(value)
    if heredoc:
        return heredoc.group(2)
    if len(value) >= 2 and value[0] == value[-1] == '"':
        return _ESCAPE.sub(lambda match: _ESCAPES[match.group(1)], value[1:-1])
    encoded = _JSON.fullmatch(value)
    if encoded:
        return _encoded(encoded.group(1))
    return value if value.startswith("${") and value.endswith("}") else None


def _encoded(expression: str) -> str | None:
    """Return the JSON of a literal HCL object or list; None if it is uncertain."""
    import hcl2
    from lark.exceptions import LarkError

    try:
        value = hcl2.loads(f"value = {expression}\n")["value"]
        return json.dumps(_data(value, 0))
    except (LarkError, ValueError, KeyError, RecursionError):
        return None


def _data(value: Any, depth: int) -> Any:
    """Return HCL data as JSON data, with strings as templates. Raises ValueError for data that is not literal."""
    if depth > _DEEPEST:
        raise BadValueError("nested too deeply")
    if isinstance(value, Mapping):
        if any("${" in str(key) for key in value):
            raise BadValueError("a key that is an expression")
        return {plain_key(key): _data(item, depth + 1) for key, item in value.items()}
    if isinstance(value, list):
        return [_data(item, depth + 1) for item in value]
    if isinstance(value, str):
        text = template_of(value)
        if text is None:
            raise BadValueError("neither a text nor an expression")
        return text
    return value
