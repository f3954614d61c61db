"""Task definitions with a canary in every field that the derivation does not read, reduced to the fields it reads.

The fields are those of RegisterTaskDefinition in botocore, so new fields of AWS get canaries too.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any

import botocore.session

from taskrole.grant import Grant
from taskrole.taskdef import Derivation, derive
from taskrole.taskdef.fields import TASK_DEFINITION_SHAPE
from taskrole.taskdef.read import parse_document
from taskrole.taskdef.reduced import reduced
from taskrole.taskdef.shape import Hint, ListOf, MapOf, Record, Shape, Tolerant
from tests.proof.generated import Case, generate_case

CANARY = "CANARY-5e7c"


def violations(seeds: Iterable[int]) -> list[str]:
    """Return the generated task definitions that keep a canary, or have other grants after the reduction."""
    return [f"seed {seed}: {wrong}" for seed in seeds for wrong in _wrong(generate_case(seed))]


def _wrong(case: Case) -> Iterator[str]:
    whole = with_canaries(case.documents[0])
    rest = json.loads(json.dumps(reduced(whole)))
    if CANARY in json.dumps(rest):
        yield f"a canary is left in {rest}"
    before, after = _derived(whole, case), _derived(rest, case)
    if _needs(before) != _needs(after):
        yield f"the grants differ: {set(_needs(before)) ^ set(_needs(after))}"
    if _errors(before) != _errors(after):
        yield f"the errors differ: {_errors(before)} and {_errors(after)}"
    if any(CANARY in finding.message for finding in before.findings):
        yield "a message quotes a canary"


def _derived(data: dict[str, Any], case: Case) -> Derivation:
    return derive([parse_document(data, "task.json")], case.context, case.options)


def _needs(derivation: Derivation) -> list[tuple[Any, ...]]:
    def needs(grant: Grant) -> tuple[Any, ...]:
        return grant.role, grant.rule, grant.actions, grant.resources, grant.conditions

    return sorted(map(needs, derivation.grants), key=repr)


def _errors(derivation: Derivation) -> list[str]:
    return sorted(finding.code for finding in derivation.findings if finding.severity == "error")


def with_canaries(document: dict[str, Any]) -> dict[str, Any]:
    """Return a task definition with all fields of AWS; those that the derivation does not read contain canaries."""
    filled: dict[str, Any] = _fill(document, _input_shape(), TASK_DEFINITION_SHAPE)
    return filled


@lru_cache(maxsize=1)
def _input_shape() -> Any:
    model = botocore.session.get_session().get_service_model("ecs")
    return model.operation_model("RegisterTaskDefinition").input_shape


def _fill(value: Any, shape: Any, read: Shape | None) -> Any:
    if read is None or isinstance(read, Hint):
        return _only_canaries(shape)
    if isinstance(read, Tolerant):
        return _fill(value, shape, read.shape)
    if isinstance(read, Record) and isinstance(value, dict) and shape.type_name == "structure":
        return _fill_record(value, shape, read)
    if isinstance(read, ListOf) and isinstance(value, list):
        items = [_fill(item, shape.member, read.item) for item in value]
        is_environment = shape.name == "EnvironmentVariables"
        return [*items, {"name": "PASSWORD", "value": CANARY}] if is_environment else items
    if isinstance(read, MapOf) and isinstance(value, dict):
        return {**value, "splunk-token": CANARY, CANARY: CANARY} if value else value
    return value


def _fill_record(value: dict[str, Any], shape: Any, read: Record) -> dict[str, Any]:
    filled = dict(value)
    for name, member in shape.members.items():
        if name in value:
            filled[name] = _fill(value[name], member, read.fields.get(name))
        elif name not in read.fields:
            filled[name] = _only_canaries(member)
    return filled


def _only_canaries(shape: Any) -> Any:
    if shape.type_name == "structure":
        return {name: _only_canaries(member) for name, member in shape.members.items()}
    if shape.type_name == "list":
        return [_only_canaries(shape.member)]
    if shape.type_name == "map":
        return {CANARY: _only_canaries(shape.value)}
    return {"boolean": True, "integer": 7, "long": 7, "double": 7.5, "float": 7.5}.get(shape.type_name, CANARY)
