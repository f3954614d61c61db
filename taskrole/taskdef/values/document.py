"""Fills values into a task definition in normal form, and replaces the images of containers."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from taskrole.taskdef.values.values import Filled, Unfilled, Values, fill

# Fields that do not affect the derived permissions.
_NOT_NEEDED = re.compile(
    r"/family|/taskDefinitionArn|/taskRoleArn|/executionRoleArn|.*/(?:environment|secrets|secretOptions|volumes)/\d+/name"
)


def fill_document(
    data: Mapping[str, Any], values: Values, *, file: str = "", own_pointer: Callable[[str], str] | None = None
) -> Filled:
    """Return a task definition with its placeholders filled in, and the images of `values` set by container name.

    The GitHub action amazon-ecs-render-task-definition sets images in the same way.
    """
    filled = fill(data, values, file=file, own_pointer=own_pointer)
    containers = filled.data.get("containerDefinitions")
    if not isinstance(containers, list):
        return filled
    images: dict[int, str] = {}
    used: set[str] = set()
    missing: list[Unfilled] = []
    for index, container in enumerate(containers):
        if not isinstance(container, Mapping):
            continue
        name = container.get("name")
        image = values.images.get(name) if isinstance(name, str) else None
        if image is None and not container.get("image"):
            place = _image_place(index, own_pointer)
            named = next((key for key in (f"{file}#{place.source}", place.source) if key in values.by_name), None)
            if named is None:
                missing.append(place)
            else:
                used.add(named)
                image = values.by_name[named]
        if image is not None:
            images[index] = image
    new = [
        {**container, "image": images[index]} if index in images else container
        for index, container in enumerate(containers)
    ]
    replaced = {_image_place(index, None).pointer for index in images}
    unfilled = (*(text for text in filled.unfilled if text.pointer not in replaced), *missing)
    if not images:
        return filled._replace(used=filled.used | used, unfilled=unfilled)
    return Filled({**filled.data, "containerDefinitions": new}, filled.used | used, unfilled)


def container_images(data: Mapping[str, Any]) -> list[str]:
    """Return the images of the containers, or an empty list if a container has none, or there are no containers."""
    containers = data.get("containerDefinitions")
    if not isinstance(containers, list):
        return []
    images: list[Any] = [container.get("image") if isinstance(container, dict) else None for container in containers]
    return images if all(images) else []


def needed_values(unfilled: tuple[Unfilled, ...], fitted: Mapping[str, Any]) -> tuple[Unfilled, ...]:
    """Return the strings that derivation reads; `fitted` is the task definition fitted to its shape."""
    return tuple(text for text in unfilled if _is_needed(text, fitted))


def _image_place(index: int, own_pointer: Callable[[str], str] | None) -> Unfilled:
    """Return the location of a missing image."""
    pointer = f"/containerDefinitions/{index}/image"
    return Unfilled(own_pointer(pointer) if own_pointer else pointer, pointer, "", is_image=True)


def _is_needed(unfilled: Unfilled, fitted: Mapping[str, Any]) -> bool:
    if _NOT_NEEDED.fullmatch(unfilled.pointer):
        return False
    return not unfilled.text or _is_read(fitted, unfilled.pointer)


def _is_read(fitted: Any, pointer: str) -> bool:
    for step in pointer.split("/")[1:]:
        key = step.replace("~1", "/").replace("~0", "~")
        if isinstance(fitted, Mapping) and key in fitted:
            fitted = fitted[key]
        elif isinstance(fitted, list):
            fitted = fitted[int(key)]
        else:
            return False
    return bool(fitted) and fitted is not True  # of which only the presence is read
