"""Formats grants as JSON, by a template, since the output for many task definitions consists mostly of grants."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from taskrole.grant import Effect, Grant
from taskrole.output.json_template import json_array, json_conditions, json_string, json_strings


def grants_json(grants: Iterable[Grant], margin: str) -> str:
    """Return the JSON of grants; `margin` is the newline and indentation of its place.

    A grant that denies has an `effect`, one of several task definitions a `file`.
    """
    inner = f"{margin}  "
    return json_array([_grant(grant, inner, f"{inner}  ") for grant in grants], margin)


def _grant(grant: Grant, margin: str, inner: str) -> str:
    comma = f",{inner}"
    file = f'{comma}"file": {json_string(grant.file)}' if grant.file else ""
    return (
        f"{{{inner}{_permission(grant.rule, grant.effect, grant.actions, inner)}"
        f'{comma}"resources": {json_strings(grant.resources, inner)}'
        f'{comma}"conditions": {json_conditions(grant.conditions, inner)}{file}'
        f'{comma}"source": {json_string(grant.source)}'
        f'{comma}"because": {json_string(grant.because)}'
        f'{comma}"doc": {json_string(grant.doc)}{margin}}}'
    )


# Thousands of grants have the same rule and actions.
@lru_cache(maxsize=256)
def _permission(rule: str, effect: Effect, actions: tuple[str, ...], margin: str) -> str:
    """Return the members that a grant shares with others of its rule."""
    denies = [f'"effect": {json_string(effect)}'] if effect == "Deny" else []
    members = [f'"rule": {json_string(rule)}', *denies, f'"actions": {json_strings(actions, margin)}']
    return f",{margin}".join(members)
