"""Options: what a task definition does not contain and the user knows. A feature declares its options in a class.

    @options
    class EfsOptions:
        efs_secure_transport: bool = option(False, "Add the condition … Default: false")

roles.yaml, --options, the JSON Schema, the checks and the list of unused options are generated from these declarations.
Defaults are closed: without an option, nothing more is allowed.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeAlias, TypeVar

from taskrole.arns import Context
from taskrole.dataclass import dataclass
from taskrole.errors import Problem
from taskrole.taskdef.shape import pointer_step

# Yields the problems of a value: takes its pointer in the options (`/kms_keys`), the value, and where tasks run.
OptionCheck: TypeAlias = Callable[[str, Any, Context], Iterator[Problem]]


_T = TypeVar("_T")


def replaced(value: Any, given: Any, context: Context) -> Any:  # noqa: ARG001 -- the signature of `combine`
    """Return what was given."""
    return given


def added(value: tuple[Any, ...], given: tuple[Any, ...], context: Context) -> tuple[Any, ...]:  # noqa: ARG001
    """Return a list with what was given and is not in it."""
    return (*value, *(item for item in given if item not in value))


@dataclass(frozen=True)
class Flag:
    """The flag of an option on the command line, for options that are used often; `--options FILE` has all of them.

    Its value is any text, described by `metavar`, or one of `choices`; a flag without both is a switch. `bare` is the
    value of a flag that is given without one. A repeatable flag gives a tuple. `combine` returns the option from its
    value so far, what was given, and where tasks run; it raises ValueError for what cannot be read.
    """

    name: str
    help: str
    metavar: str | None = None
    choices: tuple[str, ...] = ()
    bare: str | None = None
    is_repeatable: bool = False
    combine: Callable[[Any, Any, Context], Any] = replaced


def options(kind: type[_T]) -> type[_T]:
    """Make a class of `option()` fields a base of the class of all options. It is not instantiated itself."""
    # Without the methods of instances, which would cost time at every start.
    return dataclasses.dataclass(frozen=True, init=False, repr=False, eq=False)(kind)


def option(  # noqa: PLR0913 -- what a feature says of an option, by name
    default: Any,
    description: str,
    *,
    check: OptionCheck | None = None,
    is_tracked: bool = True,
    key_for_all: str | None = None,
    flag: Flag | None = None,
) -> Any:
    """Return the dataclass field of an option. `description` states the default.

    `check` yields the problems of a value that is not the default. An option that is not tracked is never reported as
    unused: it only narrows other grants. A mapping with a `key_for_all` can also be a single text, the value of that
    key. `flag` sets it on the command line.
    """
    metadata = {
        "description": description,
        "check": check,
        "is_tracked": is_tracked,
        "key_for_all": key_for_all,
        "flag": flag,
    }
    if isinstance(default, Mapping):
        return dataclasses.field(default_factory=lambda: dict(default), metadata=metadata)
    if dataclasses.is_dataclass(default):
        return dataclasses.field(default_factory=lambda: default, metadata=metadata)
    return dataclasses.field(default=default, metadata=metadata)


def option_path(*steps: str) -> str:
    """Return the JSON pointer of an option, from its name and the keys in it."""
    return "".join(f"/{pointer_step(step)}" for step in steps)


def option_problems(options: Any, context: Context, path: str = "") -> Iterator[Problem]:
    """Yield the problems of a dataclass of options, and of nested ones."""
    for field in dataclasses.fields(options):
        value, where, check = getattr(options, field.name), f"{path}/{field.name}", field.metadata["check"]
        if check and value is not None:
            yield from check(where, value, context)
        if dataclasses.is_dataclass(value):
            yield from option_problems(value, context, where)


def given_options(options: Any, *steps: str) -> Iterator[str]:
    """Yield the path of each tracked option that is not at its default.

    A mapping has a path for each key, or for each value in a list under a key; a list has a path for each value.
    """
    for field in dataclasses.fields(options):
        if field.metadata["is_tracked"]:
            yield from _given(getattr(options, field.name), _default(field), (*steps, field.name))


def _given(value: Any, default: Any, steps: tuple[str, ...]) -> Iterator[str]:
    if dataclasses.is_dataclass(default):
        yield from given_options(value, *steps)
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _given(inner, None, (*steps, key))
    elif isinstance(value, tuple):
        for item in value:
            yield option_path(*steps, item)
    elif value and value != default:
        yield option_path(*steps)


def _default(field: dataclasses.Field[Any]) -> Any:
    return field.default if field.default_factory is dataclasses.MISSING else field.default_factory()
