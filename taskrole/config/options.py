"""Reading the `options` of a role, from roles.yaml or from a file (--options)."""

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
    """Yield problems with the values of options, each with its location in a file; `keys` is the options' path."""
    from taskrole.taskdef.options import check_options

    for problem in check_options(options, context):
        yield Problem(tree.place((*keys, *pointed_keys(problem.place.path, tree, keys))), problem.message)


def pointed_keys(pointer: str, tree: Tree, keys: Keys = ()) -> Keys:
    """Return the keys of a pointer such as `/kms_keys/NAME`, relative to `keys`, as far as they are in the file.

    NAME may be escaped as in a JSON pointer or not, and may contain slashes.
    """
    data = tree.data
    for key in keys:
        data = data[key]
    steps: list[str] = []
    rest = pointer.removeprefix("/")
    while rest and isinstance(data, Mapping):
        plain = rest.replace("~1", "/").replace("~0", "~")
        step = next((key for key in sorted(data, key=len, reverse=True) if f"{plain}/".startswith(f"{key}/")), None)
        if step is None:
            break
        steps.append(step)
        data, rest = data[step], plain[len(step) + 1 :]
    return tuple(steps)


def load_options(path: Path, context: Context) -> Options:
    """Return the options in a YAML file, which has the keys of `options` in roles.yaml.

    Raises InputError with all problems, each with its line and column.
    """
    return parse_options(read_file(path, "set another with --options"), str(path), context)


def parse_options(content: bytes, file: str, context: Context) -> Options:
    """Return the options in the content of such a file; `file` is its name in messages. Raises InputError."""
    from taskrole.config.pydantic_messages import problems_of

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
