"""Canonical JSON: the same data always has the same text, for keys and hashes."""

from __future__ import annotations

import json
from typing import Any

_ENCODER = json.JSONEncoder(sort_keys=True, separators=(",", ":"))


def canonical_json(value: Any) -> str:
    """Return a value as JSON in ASCII with sorted keys, without white space.

    Raises TypeError for other types, RecursionError for data nested too deeply. The encoder is reused, because a plan
    has many thousands of values.
    """
    return _ENCODER.encode(value)
