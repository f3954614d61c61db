"""Writes Terraform in its native syntax, formatted like `terraform fmt`.

python-hcl2 8.1 is not used for writing: it drops comments, aligns `=` across multi-line values, leaves white space on
empty lines, which `terraform fmt -check` rejects, and takes more than a second to import. The tests parse all output
with it.

Source: https://developer.hashicorp.com/terraform/language/style
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TypeVar

from taskrole.errors import printable
from taskrole.export.terms import Attribute, Block, Expression, FunctionCall, Noted, TextTemplate, Value, Word

_INDENT = "  "
_BARE_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
# `for` begins an expression; the others look like values.
_QUOTED_KEYS = frozenset({"for", "null", "true", "false"})
_Shared = TypeVar("_Shared", FunctionCall, TextTemplate, Block)
_MOST_TEXTS = 64
# By id and depth: the term, so that its id is not reused, and its text. Roles share their trust policy and the ARNs of
# their attachments, the resources of a role their lifecycle.
_texts: dict[tuple[int, int], tuple[object, str]] = {}
_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}


def hcl(blocks: Iterable[Block]) -> str:
    """Return blocks as the text of a .tf file, in the style of `terraform fmt`."""
    return "\n".join("\n".join([*_block(block, 0), ""]) for block in blocks)


def hcl_text(text: str) -> str:
    """Return text as a quoted template that evaluates to it.

    Source: https://developer.hashicorp.com/terraform/language/expressions/strings#escape-sequences
    """
    return f'"{_escaped(text)}"'


def expression(value: Value) -> str:
    """Return a value as an expression, possibly of several lines."""
    return _value(value, 0)


def escape_markers(text: str) -> str:
    """Return text with `${` and `%{`, which begin Terraform expressions, escaped."""
    return text.replace("${", "$${").replace("%{", "%%{")


def template_parts(template: TextTemplate) -> Iterator[tuple[str, bool]]:
    """Yield the parts of a template, each with whether it is an expression.

    Dollars before an expression become an expression themselves, since `$${` would escape what follows.
    """
    for index, part in enumerate(template.parts):
        if isinstance(part, Expression):
            yield part.text, True
            continue
        text = part.rstrip("$") if index + 1 < len(template.parts) else part
        yield text, False
        if text != part:
            yield hcl_text(part[len(text) :]), True


def comment_lines(lines: Iterable[str]) -> list[str]:
    """Return comment lines that their content cannot end."""
    return [f"# {printable(line)}".rstrip() for line in lines]


def _block(block: Block, depth: int) -> list[str]:
    """Return the lines of a block."""
    indent = _INDENT * depth
    head = " ".join((block.kind, *map(hcl_text, block.labels)))
    comment = [f"{indent}{line}" for line in comment_lines(block.comment)] if block.comment else ()
    if not block.body:
        return [*comment, f"{indent}{head} {{}}"]
    return [*comment, f"{indent}{head} {{", *_body(block.body, depth + 1), f"{indent}}}"]


def _body(body: Sequence[Attribute | Block], depth: int) -> list[str]:
    """Return the lines of a body: paragraphs of aligned attributes, with multi-line attributes on their own."""
    lines: list[str] = []
    pairs: list[tuple[str, str]] = []

    def add(paragraph: Iterable[str]) -> None:
        if lines:
            lines.append("")
        lines.extend(paragraph)

    for term in body:
        if isinstance(term, Block):
            own = [_shared(term, depth, _block_text)]
        else:
            value = _value(term.value, depth)
            if "\n" not in value and not term.comment:
                pairs.append((term.name, value))
                continue
            comment = [f"{_INDENT * depth}{line}" for line in comment_lines(term.comment)]
            own = [*comment, f"{_INDENT * depth}{term.name} = {value}"]
        if pairs:
            add(_aligned(pairs, depth))
            pairs = []
        add(own)
    if pairs:
        add(_aligned(pairs, depth))
    return lines


def _aligned(pairs: Sequence[tuple[str, str]], depth: int) -> list[str]:
    if len(pairs) < 2:
        return [f"{_INDENT * depth}{name} = {value}" for name, value in pairs]
    indent = _INDENT * depth
    width = max([len(name) for name, _ in pairs])
    return [f"{indent}{name.ljust(width)} = {value}" for name, value in pairs]


def _value(value: Value, depth: int) -> str:  # noqa: PLR0911 -- a value is one of as many things
    if isinstance(value, str):
        return hcl_text(value)
    if isinstance(value, (Expression, Word)):
        return value.text
    if isinstance(value, TextTemplate):
        return _shared(value, depth, _template)
    if isinstance(value, FunctionCall):
        return _shared(value, depth, _call)
    if isinstance(value, (dict, Mapping)):
        return _object(value, depth)
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return str(value)
    assert not isinstance(value, Noted)  # noqa: S101 -- these stand in lists only
    return _list(value, depth)


def _call(call: FunctionCall, depth: int) -> str:
    return f"{call.function}({', '.join([_value(argument, depth) for argument in call.arguments])})"


def _block_text(block: Block, depth: int) -> str:
    return "\n".join(_block(block, depth))


def _shared(term: _Shared, depth: int, write: Callable[[_Shared, int], str]) -> str:
    """Return the text of a term that several others may share: of the last few, it is kept."""
    key = id(term), depth
    known = _texts.get(key)
    if known is not None and known[0] is term:
        return known[1]
    text = write(term, depth)
    if len(_texts) >= _MOST_TEXTS:
        _texts.clear()
    _texts[key] = (term, text)
    return text


def _template(template: TextTemplate, _depth: int) -> str:
    parts = template_parts(template)
    return '"' + "".join(f"${{{text}}}" if evaluated else _escaped(text) for text, evaluated in parts) + '"'


def _object(pairs: Mapping[str, Value], depth: int) -> str:
    if not pairs:
        return "{}"
    lines: list[str] = []
    run: list[tuple[str, str]] = []
    for key, value in pairs.items():
        entry = (_key(key), _value(value, depth + 1))
        if "\n" not in entry[1]:
            run.append(entry)
            continue
        lines += [*_aligned(run, depth + 1), f"{_INDENT * (depth + 1)}{entry[0]} = {entry[1]}"]
        run = []
    lines += _aligned(run, depth + 1)
    return "\n".join(("{", *lines, f"{_INDENT * depth}}}"))


def _list(items: Sequence[Value], depth: int) -> str:
    if len(items) <= 1 and not any(isinstance(item, (Noted, Mapping, list, tuple)) for item in items):
        return f"[{''.join(_value(item, depth) for item in items)}]"
    indent = _INDENT * (depth + 1)
    lines = []
    for item in items:
        if isinstance(item, Noted):
            lines += [f"{indent}{line}" for line in comment_lines(item.lines)]
        lines.append(f"{indent}{_value(item.value if isinstance(item, Noted) else item, depth + 1)},")
    return "\n".join(("[", *lines, f"{_INDENT * depth}]"))


def _key(key: str) -> str:
    return key if _BARE_KEY.fullmatch(key) and key not in _QUOTED_KEYS else hcl_text(key)


def _escaped(text: str) -> str:
    escaped = escape_markers(text) if "{" in text else text
    # Most texts need no escape.
    if escaped.isascii() and escaped.isprintable() and '"' not in escaped and "\\" not in escaped:
        return escaped
    return "".join(map(_escaped_character, escaped))


def _escaped_character(character: str) -> str:
    if character in _ESCAPES:
        return _ESCAPES[character]
    if printable(character) == character:
        return character
    return f"\\u{ord(character):04x}" if ord(character) <= 0xFFFF else f"\\U{ord(character):08x}"
