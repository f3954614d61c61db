"""Converts a recorded call to the input of the policy evaluation, with the known part of its context."""

from __future__ import annotations

from collections.abc import Sequence

from taskrole.observe.recording import RecordedContext
from taskrole.policy.evaluation.call import Call, ContextValues
from taskrole.policy.evaluation.role_calls import call_of_role


def judged_call(
    action: str, resource: str, context: RecordedContext = (), role: str | None = None, regions: Sequence[str] = ()
) -> Call:
    """Return the call of an action on a resource in the form that policies use.

    `role` is the ARN of the calling role, `regions` are those in which calls were recorded. A context key that neither
    `context` nor these define is unknown.
    """
    values: dict[str, str | tuple[str, ...]] = {}
    if len(regions) == 1:
        values["aws:RequestedRegion"] = regions[0]
    if action.startswith("kms:"):
        # The event contains the service that made the call.
        values["kms:ViaService"] = ()
    known: ContextValues = {key: values[0] if len(values) == 1 else values for key, values in context}
    return call_of_role(action, resource, role, {**values, **known})
