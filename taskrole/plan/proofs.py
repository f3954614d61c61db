"""Proves what a value that is known only after the apply will be: an attribute of a resource, or a text.

Terraform records the references of an expression, not the expression: `"${substr(aws_iam_policy.p.arn, 0, 0)}arn:…"`
refers to one policy but is the ARN of another. A value is therefore proved only if its whole expression is one
reference, followed through variables, outputs and local values that are each one reference as well. All other values
are unknown.
"""

from __future__ import annotations

import re

from taskrole.dataclass import dataclass
from taskrole.plan.addresses import AddressIndex, AddressStep, OwnIndex, outer_module, reference_steps
from taskrole.plan.configuration import Configuration, Reference
from taskrole.plan.model import Change

_DEEPEST = 32
_WHOLE = re.compile(r"\$\{([^{}]*)\}", re.DOTALL)


@dataclass(frozen=True)
class AttributePointer:
    """An attribute of a resource of the plan that an expression provably refers to."""

    change: Change
    attribute: str


def proved(change: Change, attribute: str, configuration: Configuration) -> AttributePointer | str | None:
    """Return what an attribute of a resource is proved to be: a pointer, a text, or None if nothing is proved."""
    template = configuration.template(change, attribute)
    if template is None:
        return None
    steps = exact_reference(template)
    if [step.name for step in steps[:2]] == ["each", "value"] and all(step.index is None for step in steps):
        template = configuration.each_value(change, *(step.name for step in steps[2:]))
        return None if template is None else proved_template(template, change.module, None, configuration)
    return proved_template(template, change.module, change.index, configuration)


def proved_template(
    template: str, module: str, index: AddressIndex, configuration: Configuration, depth: int = 0
) -> AttributePointer | str | None:
    """Return what a template is proved to be, for a module and the index of the referring resource."""
    if "${" not in template and "%{" not in template:
        return template
    steps = exact_reference(template)
    return proved_reference(steps, module, index, configuration, depth) if steps else None


def exact_reference(template: str) -> tuple[AddressStep, ...]:
    """Return the steps of a template that is exactly one reference; empty for other templates."""
    match = _WHOLE.fullmatch(template)
    return reference_steps(match.group(1).strip()) if match else ()


def proved_reference(
    steps: tuple[AddressStep, ...], module: str, index: AddressIndex, configuration: Configuration, depth: int = 0
) -> AttributePointer | str | None:
    """Return what a reference is proved to be, for a module and the index of the referring resource."""
    if depth > _DEEPEST or len(steps) < 2:
        return None
    kind, name = steps[0], steps[1]
    if kind.name == "var":
        outer, call = outer_module(module)
        template = configuration.argument(module, name.name) if len(steps) == 2 and name.index is None else None
        if template is None or call is None:
            return None
        return proved_template(template, outer, call.index, configuration, depth + 1)
    if kind.name == "local":
        template = configuration.local(module, name.name) if len(steps) == 2 and name.index is None else None
        return None if template is None else proved_template(template, module, index, configuration, depth + 1)
    if kind.name == "module":
        return _output(steps, module, index, configuration, depth)
    return _resource(steps, module, index, configuration)


def _output(
    steps: tuple[AddressStep, ...], module: str, index: AddressIndex, configuration: Configuration, depth: int
) -> AttributePointer | str | None:
    if len(steps) != 3 or steps[2].index is not None:
        return None
    instances = configuration.module_instances(module, steps[1], index)
    if len(instances) != 1 or (isinstance(steps[1].index, OwnIndex) and index is None):
        return None
    template = configuration.output(instances[0], steps[2].name)
    return None if template is None else proved_template(template, instances[0], None, configuration, depth + 1)


def _resource(
    steps: tuple[AddressStep, ...], module: str, index: AddressIndex, configuration: Configuration
) -> AttributePointer | None:
    is_data = steps[0].name == "data"
    rest = steps[1:] if is_data else steps
    if len(rest) != 3 or rest[0].index is not None or rest[2].index is not None:
        return None
    type_, name, attribute = rest
    if isinstance(name.index, OwnIndex) and index is None:
        return None
    reference = Reference(module, type_.name, name.name, attribute.name, name.index, is_data)
    instances = configuration.instances(reference, index)
    if len(instances) != 1 or (name.index is None and instances[0].index is not None):
        return None
    return AttributePointer(instances[0], attribute.name)


def known_text(pointer: AttributePointer | str | None) -> str | None:
    """Return the text of a proved value after the plan, or None if it is not known yet."""
    if pointer is None or isinstance(pointer, str):
        return pointer
    value = (pointer.change.after or {}).get(pointer.attribute)
    return value if isinstance(value, str) and value else None
