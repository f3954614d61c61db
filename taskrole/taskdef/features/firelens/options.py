"""The options for FireLens: those that each plugin declares, and one for all names."""

from __future__ import annotations

from typing import TypeVar

from taskrole.dataclass import dataclass
from taskrole.taskdef.features.firelens.plugins.registry import OPTIONS
from taskrole.taskdef.option import option, options

_T = TypeVar("_T")


def _frozen(options_of_all: type[_T]) -> type[_T]:
    # Hidden from type checkers, which cannot know fields of bases that are determined at run time.
    return dataclass(frozen=True)(options_of_all)


# Reversed, since a dataclass collects the fields of its bases from last to first.
@_frozen
class FireLens(*reversed(OPTIONS)):  # type: ignore[misc]
    """What the outputs of FireLens do not specify."""

    templated_values: bool = option(
        False, "Allow * for the variables in a name, as in /app/$(ecs_task_id). Default: false, refused"
    )


@options
class FireLensOptions:
    """The FireLens options, under their own key."""

    firelens: FireLens = option(
        FireLens(), "Settings of FireLens outputs that task definitions do not contain. Default: none"
    )
