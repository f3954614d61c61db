"""Formats a grant as JSON, by a template, since the output for many task definitions consists mostly of grants."""

from __future__ import annotations

from collections.abc import Iterator

from taskrole.grant import Grant
from taskrole.output.json_template import json_conditions, json_object, json_string, json_strings


def grant_json(grant: Grant, margin: str) -> str:
    """Return the JSON of a grant; `margin` is the newline and indentation of its place.

    A grant that denies has an `effect`, one of several task definitions a `file`.
    """
    return json_object(_members(grant, f"{margin}  "), margin)


def _members(grant: Grant, margin: str) -> Iterator[str]:
    yield f'"rule": {json_string(grant.rule)}'
    if grant.effect == "Deny":
        yield f'"effect": {json_string(grant.effect)}'
    yield f'"actions": {json_strings(grant.actions, margin)}'
    yield f'"resources": {json_strings(grant.resources, margin)}'
    yield f'"conditions": {json_conditions(grant.conditions, margin)}'
    if grant.file:
        yield f'"file": {json_string(grant.file)}'
    yield f'"source": {json_string(grant.source)}'
    yield f'"because": {json_string(grant.because)}'
    yield f'"doc": {json_string(grant.doc)}'
