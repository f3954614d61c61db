"""A recorded call as input of the policy evaluation, with its context as far as recorded."""

from __future__ import annotations

from collections.abc import Sequence

from taskrole.observe.recording import RecordedContext
from taskrole.policy.evaluation.call import Call, ContextValues
from taskrole.policy.evaluation.role_calls import call_of_role


def judged_call(
    action: str, resource: str, context: RecordedContext = (), role: str | None = None, regions: Sequence[str] = ()
) -> Call:
    """Return the call of an action on a resource as a policy names it.

    `role` is the ARN of the role that makes it, `regions` are those in which calls were recorded. Of a context key that
    neither `context` nor these say, nothing is known.
    """
    values: dict[str, str | tuple[str, ...]] = {}
    if len(regions) == 1:
        values["aws:RequestedRegion"] = regions[0]
    if action.startswith("kms:"):
        # The event of a call through a service says so.
        values["kms:ViaService"] = ()
    known: ContextValues = {key: values[0] if len(values) == 1 else values for key, values in context}
    return call_of_role(action, resource, role, {**values, **known})
