"""Writes Terraform in its JSON syntax.

JSON syntax can express objects in function calls, such as the policy in `jsonencode({…})`, only as escaped text. To
keep them readable, each becomes a local value, which the call refers to.

Source: https://developer.hashicorp.com/terraform/language/syntax/json
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from taskrole.errors import BadValueError, printable
from taskrole.export.hcl import escape_markers, expression, template_parts
from taskrole.export.terms import Attribute, Block, Expression, FunctionCall, Noted, TextTemplate, Value, Word, notes
from taskrole.output.indented import indented_unicode

# Terraform does not evaluate these: in them, `$${` would stay two dollars.
_CONSTANT_BLOCKS = frozenset({"terraform", "moved", "import"})
_CONSTANT_ATTRIBUTES = frozenset(
    {("module", "source"), ("output", "description"), ("variable", "default"), ("variable", "description")}
)
# Blocks that can be repeated in a body, which are lists.
_REPEATED = frozenset({"validation", "moved", "import"})


def terraform_json(blocks: Iterable[Block]) -> str:
    """Return blocks, in order, as the text of a .tf.json file with comments as `//` properties."""
    document: dict[str, Any] = {}
    local_values: dict[str, Any] = {}
    for block in blocks:
        body = _Body(block, local_values).json()
        if block.kind == "locals":
            local_values.update(body)
        elif block.kind in _REPEATED:
            document.setdefault(block.kind, []).append(body)
        else:
            _place(document, (block.kind, *block.labels), body)
    whole = {"locals": local_values, **document} if local_values else document
    text = indented_unicode(whole)
    # Some readers treat line separators and similar characters in JSON as line ends.
    return _escaped(text) + "\n"


def _escaped(text: str) -> str:
    if text.isprintable() or all(line.isprintable() for line in text.split("\n")):
        return text
    return "".join(
        character if character == "\n" or printable(character) == character else json.dumps(character)[1:-1]
        for character in text
    )


def _place(document: dict[str, Any], path: tuple[str, ...], body: dict[str, Any]) -> None:
    *folders, name = path
    for folder in folders:
        document = document.setdefault(folder, {})
    document[name] = body


class _Body:
    """The body of a block; the objects of its function calls are added to `local_values`."""

    def __init__(self, block: Block, local_values: dict[str, Any], top: Block | None = None) -> None:
        self.block = block
        self.top = top or block
        self.local_values = local_values

    def json(self) -> dict[str, Any]:
        lines = [*self.block.comment]
        body: dict[str, Any] = {}
        for item in self.block.body:
            if isinstance(item, Block):
                self._add_block(body, item)
            else:
                lines += [*item.comment, *notes(item)]
                body[item.name] = self._attribute(item)
        comment = {"//": [printable(line) for line in lines]} if lines else {}
        return {**comment, **body}

    def _add_block(self, body: dict[str, Any], block: Block) -> None:
        inner = _Body(block, self.local_values, self.top).json()
        if block.kind in _REPEATED:
            body.setdefault(block.kind, []).append(inner)
        else:
            _place(body, (block.kind, *block.labels), inner)

    def _attribute(self, attribute: Attribute) -> Any:
        kind = self.top.kind
        constant = kind in _CONSTANT_BLOCKS or (kind, attribute.name) in _CONSTANT_ATTRIBUTES
        if isinstance(attribute.value, FunctionCall):
            label = self.top.labels[-1] if self.top.labels else "default"
            return f"${{{self._call(attribute.value, f'{label}_{attribute.name}')}}}"
        return _json(attribute.value, constant=constant)

    def _call(self, call: FunctionCall, name: str) -> str:
        arguments = []
        for argument in call.arguments:
            if isinstance(argument, Mapping):
                if name in self.local_values:
                    raise BadValueError(f"two local values would be named {name}")
                self.local_values[name] = _json(argument)
                arguments.append(f"local.{name}")
            elif isinstance(argument, FunctionCall):
                arguments.append(self._call(argument, name))
            else:
                arguments.append(expression(argument).replace("\n", " "))
        return f"{call.function}({', '.join(arguments)})"


def _json(value: Value, *, constant: bool = False) -> Any:  # noqa: PLR0911 -- a value is one of as many things
    if isinstance(value, str):
        return value if constant else _template((value,))
    if isinstance(value, Word):
        return value.text
    if isinstance(value, Expression):
        return f"${{{value.text}}}"
    if isinstance(value, TextTemplate):
        return _template(value.parts)
    if isinstance(value, Noted):
        return _json(value.value, constant=constant)
    if isinstance(value, Mapping):
        return {_json(key, constant=constant): _json(item, constant=constant) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_json(item, constant=constant) for item in value]
    return value


def _template(parts: Iterable[str | Expression]) -> str:
    """Return a template with carriage returns as expressions: after a literal one, `%%%{` is not unescaped."""
    split: list[str | Expression] = []
    for part in parts:
        if isinstance(part, Expression):
            split.append(part)
            continue
        first, *others = part.split("\r")
        split.append(first)
        for other in others:
            split += [Expression('"\\r"'), other]
    pieces = template_parts(TextTemplate(tuple(split)))
    return "".join(f"${{{text}}}" if evaluated else escape_markers(text) for text, evaluated in pieces)
