"""A recorded call as the judge takes it: its context as far as the recording knows it."""

from __future__ import annotations

from taskrole.observe.recording import ContextKeys, RecordedCall
from taskrole.policy.evaluation.call import Call


def call_of(recorded: RecordedCall) -> Call | None:
    """Return the call to judge, or None where its resource is not known."""
    if recorded.resource is None:
        return None
    return judged_call(recorded.action, recorded.resource, recorded.context)


def judged_call(action: str, resource: str, context: ContextKeys = ()) -> Call:
    """Return the call of an action on a resource as a policy names it; of a context key that is not given, nothing."""
    values = {key: found[0] if len(found) == 1 else found for key, found in context}
    return Call(action, action, resource, context=values)
