"""The resources of a plan that define tasks, with placeholders for values known only after the apply."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from taskrole.arns import Context
from taskrole.finding import Finding
from taskrole.plan.configuration import Configuration
from taskrole.plan.infer_context import Places
from taskrole.plan.model import Change, Plan, has_true, mappings
from taskrole.plan.planned_task import is_sensitive
from taskrole.plan.role_policies import value_of
from taskrole.plan.task_forms.resources import (
    CONTAINER_DEFINITIONS,
    EXPRESS,
    TASK_DEFINITION_TYPE,
    TASK_RESOURCE_TYPES,
    Resource,
)
from taskrole.plan.templates import reference_names, referred_names, resolved_text
from taskrole.taskdef.shape import BROKEN
from taskrole.taskdef.values.values import Values

# Attributes that the provider computes and that do not affect permissions.
_COMPUTED = frozenset({"arn", "arn_without_revision", "id", "revision", "service_arn", "tags", "tags_all"})
_BLOCKS = frozenset({"container_definition", "primary_container", "volume"})


def defined_tasks(plan: Plan, values: Values) -> Iterator[Resource]:
    """Yield the resources that define tasks after a plan, in plan order."""
    configuration = Configuration(plan)
    places = Places(configuration)
    for change in plan.changes:
        if change.type in TASK_RESOURCE_TYPES and not change.is_data and change.after is not None:
            yield _resource(change, configuration, places, values)


def known_containers(change: Change, configuration: Configuration) -> str | None:
    """Return the container definitions of a task definition as JSON; None if they are known only after the apply.

    An unknown name is `${aws_ecr_repository.web.repository_url}` in it.
    """
    text = value_of(change, "after", CONTAINER_DEFINITIONS)
    if isinstance(text, str):
        return text
    template = configuration.template(change, CONTAINER_DEFINITIONS)
    return resolved_text(template, change.module, configuration, index=change.index) if template else None


def planned_resource(change: Change, configuration: Configuration) -> Resource:
    """Return a resource that defines a task after a plan, with placeholders for unknown values."""
    return Resource(change.address, change.type, _with_placeholders(change, configuration), is_sensitive(change))


def _resource(change: Change, configuration: Configuration, places: Places, values: Values) -> Resource:
    findings: list[Finding] = []
    resource = planned_resource(change, configuration)
    attributes = dict(resource.attributes)
    if change.type == TASK_DEFINITION_TYPE:
        text = known_containers(change, configuration) or values.get(f"{change.address}.{CONTAINER_DEFINITIONS}")
        if text is None:
            findings.append(_unknown_containers(change, configuration))
        attributes[CONTAINER_DEFINITIONS] = BROKEN if text is None else text
    arn = "service_arn" if change.type == EXPRESS else "arn"
    place = None if isinstance(attributes.get(arn), str) else places.of(change)
    if isinstance(place, Context):
        # Only determines where the task runs.
        attributes[arn] = f"arn:{place.partition}:ecs:{place.region}:{place.account}:task-definition/{change.name}"
    return replace(resource, attributes=attributes, findings=tuple(findings))


def _with_placeholders(change: Change, configuration: Configuration) -> dict[str, Any]:
    attributes = {
        key: value for key, value in (change.after or {}).items() if key not in _COMPUTED or key.endswith("arn")
    }
    mask = change.unknown if isinstance(change.unknown, Mapping) else {}
    expressions = configuration.resource(change).get("expressions")
    for key, part in mask.items():
        expression = expressions.get(key) if isinstance(expressions, Mapping) else None
        # The provider computes unset attributes; expressions do not contain dynamic blocks.
        is_filled_in = part is True and expression is None and key not in _BLOCKS
        if key not in _COMPUTED and has_true(part) and not is_filled_in:
            attributes[key] = _filled(attributes.get(key), part, expression, (change, configuration, key))
    return attributes


def _filled(value: Any, mask: Any, expression: Any, place: tuple[Change, Configuration, str]) -> Any:
    """Return a value with placeholders wherever its mask is true."""
    change, configuration, path = place
    if isinstance(mask, Mapping):
        known = value if isinstance(value, Mapping) else {}
        steps = expression if isinstance(expression, Mapping) else {}
        unknown = {
            key: _filled(known.get(key), part, steps.get(key), (change, configuration, f"{path}.{key}"))
            for key, part in mask.items()
            if has_true(part)
        }
        return {**known, **unknown}
    if isinstance(mask, list):
        items = value if isinstance(value, list) else []
        blocks = list(mappings(expression))
        return [
            _filled(item, part, _block(item, index, blocks), (change, configuration, f"{path}.{index}"))
            for index, part in enumerate(mask)
            for item in [items[index] if index < len(items) else None]
        ]
    return _placeholder(expression, place) if mask is True else value


def _block(item: Any, index: int, blocks: list[Mapping[str, Any]]) -> Mapping[str, Any]:
    """Return the expression of a block, matched by name, since the items of a set are unordered."""
    name = item.get("name") if isinstance(item, Mapping) else None
    named = [block for block in blocks if _constant(block.get("name")) == name is not None]
    if len(named) == 1:
        return named[0]
    return blocks[index] if len(blocks) == 1 and index == 0 else {}


def _constant(expression: Any) -> Any:
    return expression.get("constant_value") if isinstance(expression, Mapping) else None


def _placeholder(expression: Any, place: tuple[Change, Configuration, str]) -> str:
    change, configuration, path = place
    expression = expression if isinstance(expression, Mapping) else {}
    template = _constant(expression)
    names = reference_names(expression)
    if not isinstance(template, str) and len(names) == 1:
        template = f"${{{names[0]}}}"
    text = None
    if isinstance(template, str):
        text = resolved_text(template, change.module, configuration, index=change.index)
    return f"${{{change.address}.{path}}}" if text is None else text


def _unknown_containers(change: Change, configuration: Configuration) -> Finding:
    referred = referred_names(configuration.expression(change, CONTAINER_DEFINITIONS))
    message = (
        f"is known only after the apply{referred}; apply first and derive from the state (`terraform show -json`), or"
        f" give it as JSON: --set '{change.address}.{CONTAINER_DEFINITIONS}=[…]'"
    )
    return Finding("PLACEHOLDER", "error", f"/{CONTAINER_DEFINITIONS}", message)
