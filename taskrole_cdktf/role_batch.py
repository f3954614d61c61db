"""Creates the constructs of many roles in Node, where CDKTF runs, one call per batch of roles.

From Python, a role takes seventeen round trips to Node, which is most of the time of a large stack. A batch describes
the constructs with their classes and arguments, and node/batch.js creates them. If jsii does not load it, or the fast
start is off, EcsRole creates the same constructs.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from itertools import islice
from typing import Any

from taskrole.addresses import identifier
from taskrole.role import Role
from taskrole_cdktf.engine import Construct, TerraformOutput
from taskrole_cdktf.literals import unevaluated
from taskrole_cdktf.node_module import Batch, is_used
from taskrole_cdktf.resources import ROLE, Attribute, Resource, role_resources
from taskrole_cdktf.role import EcsRole

# Roles per call: few enough to update the progress several times a second.
SIZE = 100


def add_roles(scope: Construct, roles: Iterable[Role], outputs: Mapping[str, str]) -> None:
    """Add roles to a stack, each with an output `ROLE_ATTRIBUTE` for each of `outputs`.

    `outputs` are attributes of a role (`arn`, `name`, `unique_id`) with their descriptions, in which `{role}` is the
    role's key. Raises TaskroleError for text that CDKTF would take for one of its own tokens, and CdktfError for input
    that CDKTF rejects, such as two roles with the same name.
    """
    if not is_used():
        for role in roles:
            _add_role(scope, role, outputs)
        return
    waiting = iter(roles)
    while batch := list(islice(waiting, SIZE)):
        Batch.add(scope, json.dumps(_described(batch, outputs), ensure_ascii=False))


def _add_role(scope: Construct, role: Role, outputs: Mapping[str, str]) -> None:
    construct = EcsRole(scope, role)
    for attribute, description in outputs.items():
        TerraformOutput(
            scope,
            f"{construct.identifier}_{attribute}",
            value=getattr(construct, attribute),
            description=description.format(role=unevaluated(role.key)),
        )


def _described(roles: Sequence[Role], outputs: Mapping[str, str]) -> dict[str, Any]:
    """Return roles in the form of node/batch.js, with jsii's class names and JavaScript argument names."""
    return {"output": TerraformOutput.__jsii_type__, "roles": [_described_role(role, outputs) for role in roles]}


def _described_role(role: Role, outputs: Mapping[str, str]) -> dict[str, Any]:
    key = identifier(role.key)
    return {
        "id": key,
        "resources": [_described_resource(resource) for resource in role_resources(role)],
        "outputs": [
            {
                "id": f"{key}_{attribute}",
                "value": _reference(Attribute(ROLE, attribute)),
                "description": description.format(role=unevaluated(role.key)),
            }
            for attribute, description in outputs.items()
        ],
    }


def _described_resource(resource: Resource) -> dict[str, Any]:
    arguments: dict[str, Any] = {}
    references: dict[str, Any] = {}
    for name, value in resource.arguments.items():
        if isinstance(value, Attribute):
            references[_camel_case(name)] = _reference(value)
        elif isinstance(value, tuple):
            references[_camel_case(name)] = [_reference(attribute) for attribute in value]
        else:
            arguments[_camel_case(name)] = value
    if resource.replaced_with:
        arguments["lifecycle"] = {"replaceTriggeredBy": resource.replaced_with}
    return {
        "type": resource.type.__jsii_type__,
        "id": resource.id,
        "logicalId": resource.logical_id,
        "arguments": arguments,
        "references": references,
        "importId": resource.import_id,
    }


def _reference(attribute: Attribute) -> dict[str, str]:
    return {"of": attribute.of, "name": _camel_case(attribute.name)}


@cache
def _camel_case(name: str) -> str:
    """Return the JavaScript name of an argument or attribute."""
    first, *others = name.split("_")
    return first + "".join(part.capitalize() for part in others)
