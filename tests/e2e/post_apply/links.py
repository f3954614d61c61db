"""Links policies of a review to policies in IAM, and to the resources of a state that attach them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from taskrole.plan.role_policies import Attached
from tests.e2e.post_apply.account import HeldRole
from tests.e2e.post_apply.state import Resource, State

_INLINE = "inline:"


def held_policies(policy: Attached, held: HeldRole, state: State) -> set[str]:
    """Return the names (inline) or ARNs (managed) of a policy of a review in IAM.

    A policy with an unknown name or ARN before the apply is identified by its resource.
    """
    if policy.kind == "inline":
        name = policy.key.removeprefix(_INLINE)
        names = {name, state.attribute(name, "name")}
        if policy.problem and policy.attribute == "inline_policy" and policy.document is None:
            names |= _own_inline(state, policy.address)
        return {name for name in names if name in held.inline}
    arns = {policy.key, state.attribute(policy.key, "arn"), state.attribute(policy.key, "policy_arn")}
    if policy.problem:
        for attribute in ("managed_policy_arns", "policy_arns"):
            arns |= set(state.attribute(policy.address, attribute) or ())
    return {arn for arn in arns if arn in held.attached}


def granting_resources(held: HeldRole, name: str, state: State) -> set[str]:
    """Return the addresses of the resources that give a role a policy, and of the policy itself."""
    addresses: set[str] = set()
    for resource in state.resources.values():
        if resource.account in ("", held.account) and held.name in roles_of(resource) and name in _policies(resource):
            addresses.add(resource.address)
    return addresses


def roles_of(resource: Resource) -> Iterator[str]:
    """Yield the names of the roles of a resource of a state."""
    values = resource.attributes
    if resource.type == "aws_iam_role":
        yield values["name"]
    else:
        yield from (str(values[key]) for key in ("role", "role_name") if values.get(key))
        yield from values.get("roles") or ()


def _policies(resource: Resource) -> Iterator[str]:
    values: Mapping[str, Any] = resource.attributes
    if resource.type == "aws_iam_role":
        # After a refresh these are all policies of the role; the provider added those of the configuration.
        yield from values.get("managed_policy_arns") or ()
        yield from (policy["name"] for policy in values.get("inline_policy") or ())
    elif resource.type == "aws_iam_role_policy":
        yield values["name"]
    else:
        yield from (values[key] for key in ("policy_arn",) if values.get(key))
        yield from values.get("policy_arns") or ()
        yield from values.get("policy_names") or ()


def _own_inline(state: State, address: str) -> set[str]:
    return {policy["name"] for policy in state.attribute(address, "inline_policy") or ()}
