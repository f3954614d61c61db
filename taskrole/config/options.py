"""`options` of a role as they are written: in roles.yaml, or in a file of their own (--options)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import ValidationError

from taskrole.arns import Context
from taskrole.config.options_model import options_model, to_options
from taskrole.errors import InputError, Place, Problem
from taskrole.yaml_reader import Keys, Tree, read_file, read_yaml

if TYPE_CHECKING:
    from taskrole.taskdef import Options


def problems_of_options(options: Options, context: Context, tree: Tree, keys: Keys = ()) -> Iterator[Problem]:
    """Yield what is wrong with the values of options, each at its place in a file; `keys` lead to the options there."""
    from taskrole.taskdef.options import check_options

    for problem in check_options(options, context):
        yield Problem(tree.place((*keys, *pointed_keys(problem.place.path, tree, keys))), problem.message)


def pointed_keys(pointer: str, tree: Tree, keys: Keys = ()) -> Keys:
    """Return the keys that a pointer such as `/kms_keys/NAME` names below `keys`, as far as they are in the file.

    NAME may be escaped as in a JSON pointer or not, and itself hold slashes.
    """
    data = tree.data
    for key in keys:
        data = data[key]
    found: list[str] = []
    rest = pointer.removeprefix("/")
    while rest and isinstance(data, Mapping):
        plain = rest.replace("~1", "/").replace("~0", "~")
        step = next((one for one in sorted(data, key=len, reverse=True) if f"{plain}/".startswith(f"{one}/")), None)
        if step is None:
            break
        found.append(step)
        data, rest = data[step], plain[len(step) + 1 :]
    return tuple(found)


def load_options(path: Path, context: Context) -> Options:
    """Return the options of a YAML file that holds what stands under `options` in roles.yaml.

    Raises InputError with all that is wrong, each at its line and column.
    """
    return parse_options(read_file(path, "name another with --options"), str(path), context)


def parse_options(content: bytes, file: str, context: Context) -> Options:
    """Return the options that the text of such a file holds; `file` is what messages call it. Raises InputError."""
    from taskrole.config.messages import problems_of

    tree = read_yaml(content, file)
    data = {} if tree.data is None else tree.data
    if not isinstance(data, dict):
        raise InputError([Problem(Place(file, 1, 1), "must be a mapping of options, such as kms_keys")])
    try:
        options = to_options(options_model().model_validate(data))
    except ValidationError as error:
        raise InputError(problems_of(error, tree, options_model())) from None
    problems = list(problems_of_options(options, context, replace(tree, data=data)))
    if problems:
        raise InputError(problems)
    return options
