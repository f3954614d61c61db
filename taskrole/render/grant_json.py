"""Formats a grant as JSON, by a template, since the output for many task definitions consists mostly of grants."""

from __future__ import annotations

from functools import lru_cache
from json.encoder import encode_basestring_ascii as text

from taskrole.grant import Condition, Grant, condition_block
from taskrole.output.indented import indented


def grant_json(grant: Grant, margin: str) -> str:
    """Return the JSON of a grant; `margin` is the newline and indentation of its place.

    A grant that denies has an `effect`, one of several task definitions a `file`.
    """
    inner = f"{margin}  "
    effect = f'{inner}"effect": {text(grant.effect)},' if grant.effect == "Deny" else ""
    file = f'{inner}"file": {text(grant.file)},' if grant.file else ""
    return (
        f'{{{inner}"rule": {text(grant.rule)},{effect}{inner}"actions": {_array(grant.actions, inner)},'
        f'{inner}"resources": {_array(grant.resources, inner)},'
        f'{inner}"conditions": {_conditions(grant.conditions, inner)},{file}{inner}"source": {text(grant.source)},'
        f'{inner}"because": {text(grant.because)},{inner}"doc": {text(grant.doc)}{margin}}}'
    )


def _array(texts: tuple[str, ...], margin: str) -> str:
    inner = f"{margin}  "
    return f"[{inner}{f',{inner}'.join(map(text, texts))}{margin}]" if texts else "[]"


# Thousands of grants have the same conditions.
@lru_cache(maxsize=256)
def _conditions(conditions: tuple[Condition, ...], margin: str) -> str:
    return indented(condition_block(conditions), margin)
