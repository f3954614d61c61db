"""Parts of JSON for templates, which write the frequent objects of large outputs; `indented` writes all others.

A template returns the JSON of an object, given the newline and indentation of its place; a `partial` of it is a value
for `indented`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from functools import lru_cache
from json.encoder import encode_basestring_ascii as json_string

from taskrole.grant import Condition, condition_block
from taskrole.output.indented import indented

__all__ = ["json_array", "json_conditions", "json_object", "json_string", "json_strings"]


def json_object(members: Iterable[str], margin: str) -> str:
    """Return an object with members, each `"key": VALUE` as JSON."""
    inner = f"{margin}  "
    return f"{{{inner}{f',{inner}'.join(members)}{margin}}}"


def json_array(items: Collection[str], margin: str) -> str:
    """Return an array of items, each as JSON."""
    inner = f"{margin}  "
    return f"[{inner}{f',{inner}'.join(items)}{margin}]" if items else "[]"


def json_strings(texts: tuple[str, ...], margin: str) -> str:
    """Return an array of texts."""
    return json_array([*map(json_string, texts)], margin)


# Thousands of objects have the same conditions.
@lru_cache(maxsize=256)
def json_conditions(conditions: tuple[Condition, ...], margin: str) -> str:
    """Return conditions as IAM's Condition block."""
    return indented(condition_block(conditions), margin)
