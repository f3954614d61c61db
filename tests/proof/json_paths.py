"""Reads and changes JSON data by paths of keys and indexes."""

from __future__ import annotations

import json
import random
from typing import Any

Path = tuple[str | int, ...]


def paths_of(data: Any, path: Path = ()) -> list[Path]:
    """Return the paths of data and of all values in it."""
    paths = [path]
    items = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for key, value in items:
        paths += paths_of(value, (*path, key))
    return paths


def value_at(data: Any, path: Path) -> Any:
    """Return the value at a path."""
    for key in path:
        data = data[key]
    return data


def with_value(data: Any, path: Path, value: Any) -> Any:
    """Set the value at a path, and return the data; the empty path is all of it."""
    if not path:
        return value
    value_at(data, path[:-1])[path[-1]] = value
    return data


def copied(value: Any) -> Any:
    """Return a deep copy of JSON data."""
    return json.loads(json.dumps(value))


def moved(data: Any, rng: random.Random) -> Any:
    """Copy a random value of data to another random path, and return the data."""
    paths = paths_of(data)
    return with_value(data, rng.choice(paths), copied(value_at(data, rng.choice(paths))))
