"""The options about FireLens: those of its plugins, declared by each plugin, and one about all names."""

from __future__ import annotations

from typing import TypeVar

from taskrole.dataclass import dataclass
from taskrole.taskdef.features.firelens.plugins.registry import OPTIONS
from taskrole.taskdef.option import option, options

_T = TypeVar("_T")


def _frozen(options_of_all: type[_T]) -> type[_T]:
    # Hidden from type checkers, which cannot know fields of bases that are determined at run time.
    return dataclass(frozen=True)(options_of_all)


# Reversed, since a dataclass takes the fields of its bases from the last to the first.
@_frozen
class FireLens(*reversed(OPTIONS)):  # type: ignore[misc]
    """What the outputs of FireLens do not specify."""

    templated_values: bool = option(
        False, "Allow * for the variables in a name, as in /app/$(ecs_task_id). Default: false, refused"
    )


@options
class FireLensOptions:
    """FireLens' options under a key of their own."""

    firelens: FireLens = option(
        FireLens(), "Settings of FireLens outputs that task definitions do not contain. Default: none"
    )
