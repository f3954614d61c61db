"""The calls that tasks make: each action of a grant on each resource, with the known keys of the request's context.

Keys that are not set here, such as tags or the source network, are unknown.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from taskrole.arns import Context
from taskrole.dataclass import dataclass
from taskrole.grant import Grant
from taskrole.policy.catalogue.actions import expand
from taskrole.policy.evaluation.call import Call
from taskrole.policy.evaluation.role_calls import part_of, role_context
from taskrole.policy.match import has_wildcard

# Rules of grants that an option adds although tasks never make these calls.
NEVER_CALLED = frozenset({"IMG-3"})

# Absent from the request, unless a condition of the grant names them.
_ABSENT_UNLESS_NAMED = {
    "kms": ("kms:ViaService",),
    "elasticfilesystem": ("elasticfilesystem:AccessPointArn",),
    "s3files": ("s3files:AccessPointArn",),
}


def is_called(grant: Grant) -> bool:
    """Return whether tasks call the actions of a grant: not those of a Deny, and not those of IMG-3."""
    return grant.effect != "Deny" and grant.rule not in NEVER_CALLED


def calls_of(grant: Grant, resource: str, context: Context, role: str | None, regions: Sequence[str]) -> Iterator[Call]:
    """Yield the calls of a grant on one of its resources; `role` is the caller's ARN, `regions` the called regions.

    Yields nothing for grants that are never called.
    """
    if not is_called(grant):
        return
    values = _values(grant, resource, context, role, regions)
    named = {key.lower() for _, key, _ in grant.conditions}
    for asked in grant.actions:
        actions = sorted(expand([asked])) if has_wildcard(asked) else [asked]
        for action in actions or [asked]:
            service = action.partition(":")[0]
            absent = {key: () for key in _ABSENT_UNLESS_NAMED.get(service, ()) if key.lower() not in named}
            yield Call(action, asked, resource, grant.conditions, {**values, **absent})


@dataclass(frozen=True)
class Regions:
    """The regions in the ARNs of grants, by (file, source, rule); the rule or the source can be empty.

    `ecr:GetAuthorizationToken` is allowed on `*` and called in the region of the image.
    """

    by_cause: Mapping[tuple[str, str, str], tuple[str, ...]]

    def of(self, grant: Grant) -> tuple[str, ...]:
        """Return the regions of the grants of one field, else of one rule in the same file; empty for none."""
        same_field, same_rule = (grant.file, grant.source, ""), (grant.file, "", grant.rule)
        return self.by_cause.get(same_field) or self.by_cause.get(same_rule) or ()


def regions_of(grants: Iterable[Grant]) -> Regions:
    """Return the regions in the ARNs of grants, by (file, source, rule)."""
    regions: dict[tuple[str, str, str], set[str]] = {}
    for grant in grants:
        named = {region for resource in grant.resources if (region := part_of(resource, 3))}
        for key in ((grant.file, grant.source, ""), (grant.file, "", grant.rule)):
            regions.setdefault(key, set()).update(named)
    return Regions({key: tuple(sorted(named)) for key, named in regions.items() if named})


def _values(
    grant: Grant, resource: str, context: Context, role: str | None, regions: Sequence[str]
) -> dict[str, str | tuple[str, ...]]:
    account = context.account or ""
    values = role_context(resource, account, role)
    if resource == "*" and len(regions) <= 1:
        values["aws:RequestedRegion"] = regions[0] if regions else context.region
    if any(action.startswith("kms:") for action in grant.actions):
        values["kms:CallerAccount"] = account
    if any(action.startswith("elasticfilesystem:Client") for action in grant.actions):
        values["elasticfilesystem:AccessedViaMountTarget"] = "true"
    for operator, key, wanted in grant.conditions:
        if operator in ("StringEquals", "Bool") and len(wanted) == 1:
            values[key] = wanted[0]
    return values
