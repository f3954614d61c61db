"""Plain data of JSON and YAML, of which any part may be of any type."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def as_mapping(value: Any) -> Mapping[str, Any]:
    """Return a value that is a mapping, or else an empty one."""
    return value if isinstance(value, Mapping) else {}
