"""A task definition in its normal form, with values filled in and the images of containers replaced."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from taskrole.taskdef.values.values import Filled, Unfilled, Values, fill

# Which role a task has is for the result to say, and the family says nothing about permissions.
# The names of variables and volumes do not, either.
_NOT_NEEDED = re.compile(
    r"/family|/taskDefinitionArn|/taskRoleArn|/executionRoleArn|.*/(?:environment|secrets|secretOptions|volumes)/\d+/name"
)


def fill_document(
    data: Mapping[str, Any], values: Values, *, file: str = "", own_pointer: Callable[[str], str] | None = None
) -> Filled:
    """Return a task definition with its placeholders filled in, and the images of the containers that `values` name.

    As GitHub's render action does it, an image replaces that of the container with its name.
    """
    filled = fill(data, values, file=file, own_pointer=own_pointer)
    containers = filled.data.get("containerDefinitions")
    if not values.images or not isinstance(containers, list):
        return filled
    images = {index: image for index, one in enumerate(containers) if (image := _image(one, values.images))}
    new = [{**one, "image": images[index]} if index in images else one for index, one in enumerate(containers)]
    replaced = {f"/containerDefinitions/{index}/image" for index in images}
    unfilled = tuple(one for one in filled.unfilled if one.pointer not in replaced)
    return Filled({**filled.data, "containerDefinitions": new}, filled.used, unfilled)


def needed_values(unfilled: tuple[Unfilled, ...], fitted: Mapping[str, Any]) -> tuple[Unfilled, ...]:
    """Return those texts that derivation reads: `fitted` is the task definition reduced to its shape."""
    return tuple(one for one in unfilled if not _NOT_NEEDED.fullmatch(one.pointer) and _is_read(fitted, one.pointer))


def _image(container: Any, images: Mapping[str, str]) -> str | None:
    name = container.get("name") if isinstance(container, Mapping) else None
    return images.get(name) if isinstance(name, str) else None


def _is_read(fitted: Any, pointer: str) -> bool:
    for step in pointer.split("/")[1:]:
        key = step.replace("~1", "/").replace("~0", "~")
        if isinstance(fitted, Mapping) and key in fitted:
            fitted = fitted[key]
        elif isinstance(fitted, list):
            fitted = fitted[int(key)]
        else:
            return False
    return bool(fitted)
