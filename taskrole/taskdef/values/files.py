"""Files of values: YAML, JSON or dotenv, detected by their content.

    REPOSITORY_URI: 111122223333.dkr.ecr.eu-west-1.amazonaws.com/web      YAML
    {"REPOSITORY_URI": "111122223333.dkr.ecr.eu-west-1.amazonaws.com/web"}    JSON
    export REPOSITORY_URI="111122223333.dkr.ecr.eu-west-1.amazonaws.com/web"  dotenv

The keys of nested mappings are joined with dots: `db: {secret: …}` fills `{{ db.secret }}`. A null in YAML or JSON
counts as a value that has not been entered yet.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from taskrole.errors import InputError, Place, Problem, quote
from taskrole.reading import read_declared
from taskrole.yaml_reader import Keys, Tree, YamlDialect, read_yaml

_DIALECT = YamlDialect(shared="write each value")
_DOTENV = re.compile(r"\s*(?:export\s+)?(?P<name>[A-Za-z_][A-Za-z0-9_.-]*)\s*=(?P<value>.*)")
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t"}
_QUOTED = re.compile(r"""(?P<quote>['"])(?P<text>(?:\\.|(?!(?P=quote)).)*)(?P=quote)\s*(?:#.*)?""")
_WHOLE_NUMBER = re.compile(r"0|-?[1-9][0-9]*")

NamedValue = tuple[str, str, Place]


def read_values_file(file: str) -> list[NamedValue]:
    """Return the names, values and locations in a file of values. Raises InputError with all problems."""
    content = read_declared(Path(file), missing="no such file; name another with --values")
    if b"\0" in content:
        raise InputError([Problem(Place(file), "must be a text of values, YAML, JSON or dotenv; it is binary")])
    text = content.decode("utf-8-sig", "replace")
    if _is_dotenv(text) and "\ufffd" not in text:
        return _dotenv(text, file)
    tree = _json(content, file) if text.lstrip().startswith("{") else None
    return _flattened(tree or read_yaml(content, file, _DIALECT))


def _is_dotenv(text: str) -> bool:
    lines = (line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#"))
    first = next(lines, "")
    return _DOTENV.fullmatch(first) is not None


def _dotenv(text: str, file: str) -> list[NamedValue]:
    values: dict[str, NamedValue] = {}
    problems: list[Problem] = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        match = _DOTENV.fullmatch(line)
        place = Place(file, number, 1, match["name"] if match else "")
        value = _unquoted(match["value"].strip()) if match else None
        if match is None:
            problems.append(Problem(place, "must be NAME=VALUE, a comment or an empty line"))
        elif value is None:
            problems.append(Problem(place, "begins with a quote that does not end on the line"))
        elif match["name"] in values:
            first = values[match["name"]][2].line
            problems.append(Problem(place, f"is a duplicate of line {first}; remove one"))
        else:
            values[match["name"]] = match["name"], value, place
    if problems:
        raise InputError(problems)
    return list(values.values())


def _unquoted(text: str) -> str | None:
    """Return the value after `=`, or None if a quote is not closed."""
    if not text.startswith(("'", '"')):
        return re.split(r"\s#", f" {text}", maxsplit=1)[0].strip()
    match = _QUOTED.fullmatch(text)
    if match is None:
        return None
    if match["quote"] == "'":
        return match["text"]
    return re.sub(r"\\(.)", lambda escape: _ESCAPES.get(escape[1], escape[1]), match["text"])


def _json(content: bytes, file: str) -> Tree | None:
    """Return the parsed JSON, or None if it is not JSON, since YAML can also begin with a brace."""
    from taskrole.taskdef.json_text import parse_json

    try:
        json.loads(content)
    except (ValueError, RecursionError):
        return None
    return Tree(file, parse_json(content, file))


def _flattened(tree: Tree) -> list[NamedValue]:
    if not isinstance(tree.data, dict):
        kind = "is empty" if tree.data is None else "is not one"
        raise InputError([Problem(Place(tree.file, 1, 1), f"must be a mapping of names to values; it {kind}")])
    values: list[NamedValue] = []
    problems: list[Problem] = []
    seen: dict[str, Keys] = {}
    for keys, value in _leaves(tree.data):
        name, place = ".".join(map(str, keys)), tree.place(keys)
        problem = _problem(value, tree.source_texts.get(keys, str(value)))
        if name in seen:
            problems.append(Problem(place, f"is also given as {quote('.'.join(map(str, seen[name])))}; remove one"))
        elif problem:
            problems.append(Problem(place, problem))
        else:
            seen[name] = keys
            if value is not None:
                values.append((name, _text(value, tree.source_texts.get(keys, "")), place))
    if problems:
        raise InputError(problems)
    return values


def _leaves(data: dict[str, Any], keys: Keys = ()) -> Iterator[tuple[Keys, Any]]:
    for key, value in data.items():
        if isinstance(value, dict):
            yield from _leaves(value, (*keys, key))
        else:
            yield (*keys, key), value


def _problem(value: Any, source_text: str) -> str | None:
    """Return why a value is not a string and cannot be converted unambiguously, or None."""
    if value is None or isinstance(value, str):
        return None
    if isinstance(value, list):
        return "must be text; it is a list"
    is_plain = (
        source_text.lower() in ("true", "false") if isinstance(value, bool) else _WHOLE_NUMBER.fullmatch(source_text)
    )
    if is_plain:
        return None
    return f'must be text; write it in quotes: "{source_text}"'


def _text(value: Any, source_text: str) -> str:
    if isinstance(value, bool):
        return source_text or str(value).lower()
    return source_text or str(value)
