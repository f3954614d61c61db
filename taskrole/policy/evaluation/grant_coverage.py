"""Evaluates whether a role allows what a grant requires: each call separately, then all calls combined."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from taskrole.arns import Context
from taskrole.grant import Grant
from taskrole.policy.evaluation.coverage import Coverage, Judge
from taskrole.policy.evaluation.grant_calls import Regions, calls_of, is_called
from taskrole.policy.match import has_wildcard


def cover_grant(judge: Judge, grant: Grant, context: Context, regions: Regions) -> Iterator[tuple[str, Coverage]]:
    """Yield each action of a grant, as the grant names it, and its coverage by the judge's role.

    `context` is where the tasks run; `regions` are the regions of all grants of the task definition, by cause.
    Actions that are never called and actions of a Deny are left out.
    """
    in_regions = regions.of(grant)
    judged: dict[str, dict[str, list[Coverage]]] = {}
    for resource in grant.resources:
        for call in calls_of(grant, resource, context, judge.role.arn, in_regions):
            judged.setdefault(call.asked, {}).setdefault(resource, []).append(judge.judge(call))
    for asked, forms in judged.items():
        yield asked, _of_forms({resource: _of_actions(coverages) for resource, coverages in forms.items()})


def allowed_needs(judge: Judge, grant: Grant, context: Context, regions: Regions) -> Iterator[tuple[str, bool]]:
    """Yield each action of a grant as `cover_grant` does, and whether it is allowed, without the reason.

    This takes less time for a role whose policies have no statement about the actions.
    """
    if any(has_wildcard(action) or judge.has_allow(action) for action in grant.actions):
        for action, coverage in cover_grant(judge, grant, context, regions):
            yield action, coverage.answer == "allowed"
    elif is_called(grant):
        for action in dict.fromkeys(grant.actions):
            yield action, False


def _of_actions(judged: Sequence[Coverage]) -> Coverage:
    """Return the coverage of an action, or of all actions that match a pattern such as `es:ESHttp*`."""
    if len({coverage.answer for coverage in judged}) == 1:
        return judged[0]
    allowed = sum(coverage.answer == "allowed" for coverage in judged)
    return Coverage(
        "unknown", f"{allowed} of its {len(judged)} actions are allowed; which of them are called is not documented"
    )


def _of_forms(forms: Mapping[str, Coverage]) -> Coverage:
    """Return the coverage of a resource with several ARN forms, such as a log group with and without `:log-stream:`."""
    if len({coverage.answer for coverage in forms.values()}) == 1:
        return next(iter(forms.values()))
    allowed = [resource for resource, coverage in forms.items() if coverage.answer == "allowed"]
    if not allowed:
        return next(coverage for coverage in forms.values() if coverage.answer == "unknown")
    other = next(resource for resource, coverage in forms.items() if coverage.answer != "allowed")
    why = f"it is allowed on {allowed[0]}, and not on {other}; in which form it is asked for is not known"
    return Coverage("unknown", why)
