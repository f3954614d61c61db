"""JSON of which the same data always have the same text: what keys and hashes are made of."""

from __future__ import annotations

import json
from typing import Any

_ENCODER = json.JSONEncoder(sort_keys=True, separators=(",", ":"))


def canonical_json(value: Any) -> str:
    """Return a value as JSON in ASCII with sorted keys, without white space.

    Raises TypeError for what is no JSON, RecursionError for data that are nested too deeply. The encoder is made once:
    a plan has many thousands of values.
    """
    return _ENCODER.encode(value)
