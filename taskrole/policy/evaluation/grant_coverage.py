"""Does a role allow what a grant asks for? The calls of the grant, judged one by one and taken together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from taskrole.arns import Context
from taskrole.grant import Grant
from taskrole.policy.evaluation.coverage import Coverage, Judge
from taskrole.policy.evaluation.grant_calls import Regions, calls_of


def cover_grant(judge: Judge, grant: Grant, context: Context, regions: Regions) -> Iterator[tuple[str, Coverage]]:
    """Yield each action of a grant, as the grant names it, with whether the judge's role allows it.

    `context` is where the tasks run; `regions` are those of all grants of the task definition, by their cause.
    Actions that nothing calls, and those of a Deny, are left out.
    """
    called = {
        resource: list(calls_of(grant, resource, context, judge.role.arn, regions.of(grant)))
        for resource in grant.resources
    }
    for asked in dict.fromkeys(call.asked for calls in called.values() for call in calls):
        forms = {
            resource: _of_actions([judge.judge(call) for call in calls if call.asked == asked])
            for resource, calls in called.items()
        }
        yield asked, _of_forms(forms)


def _of_actions(judged: Sequence[Coverage]) -> Coverage:
    """Return the coverage of an action, or of all that a pattern such as `es:ESHttp*` names."""
    if len({one.answer for one in judged}) == 1:
        return judged[0]
    allowed = sum(one.answer == "allowed" for one in judged)
    return Coverage(
        "unknown", f"{allowed} of its {len(judged)} actions are allowed; which of them are called is not documented"
    )


def _of_forms(forms: Mapping[str, Coverage]) -> Coverage:
    """Return the coverage of one thing that has several forms, such as a log group with and without `:log-stream:`."""
    if len({one.answer for one in forms.values()}) == 1:
        return next(iter(forms.values()))
    allowed = [resource for resource, one in forms.items() if one.answer == "allowed"]
    if not allowed:
        return next(one for one in forms.values() if one.answer == "unknown")
    other = next(resource for resource, one in forms.items() if one.answer != "allowed")
    why = f"it is allowed on {allowed[0]}, and not on {other}; in which form it is asked for is not known"
    return Coverage("unknown", why)
