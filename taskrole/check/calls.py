"""The calls that tasks make: each action of a grant on each resource, with what is known of the request's context.

Of a key that is not known here, such as a tag or the network a call comes from, nothing is claimed: what depends on
it cannot be told.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from taskrole.arns import ACCOUNT, Context
from taskrole.check.failures import CALLED_BY_NOBODY
from taskrole.grant import Condition, Grant
from taskrole.policy.catalogue.actions import details, expand
from taskrole.policy.match import has_wildcard
from taskrole.policy.patterns import tokens

ContextValues = Mapping[str, str | tuple[str, ...]]

# What no call of a task's own carries: those keys belong to calls of AWS's services, of users, or of other resources.
_ABSENT = ("aws:SourceAccount", "aws:SourceArn", "aws:MultiFactorAuthPresent", "aws:username")

# Where a grant's condition does not name them, the request does not have them.
_ABSENT_UNLESS_NAMED = {
    "kms": ("kms:ViaService",),
    "elasticfilesystem": ("elasticfilesystem:AccessPointArn",),
    "s3files": ("s3files:AccessPointArn",),
}


@dataclass(frozen=True)
class Call:
    """An action on a resource, made under conditions that hold of every such request.

    `pattern` is the resource as a policy would name it. `resource` is the one text that it stands for, None where it
    stands for many: for a secret whose suffix is not known, or a container's log streams. `asked` is the action as
    the grant names it, which can be a pattern.
    """

    action: str
    asked: str
    pattern: str
    conditions: tuple[Condition, ...] = ()
    context: ContextValues = field(default_factory=dict, compare=False, hash=False)

    @property
    def resource(self) -> str | None:
        """The text that the pattern stands for, or None."""
        if self.pattern == "*":
            return "*" if not _resource_types(self.action) else None
        parts = tokens(self.pattern)
        texts = [part for part in parts if isinstance(part, str)]
        return "".join(texts) if len(texts) == len(parts) else None


def calls_of(grant: Grant, resource: str, context: Context, role: str | None, regions: Sequence[str]) -> Iterator[Call]:
    """Yield the calls of a grant on one of its resources; `role` is the ARN of who makes them, `regions` where.

    None for what is allowed without being called (IMG-3), and for what is denied on purpose.
    """
    if grant.effect == "Deny" or grant.rule in CALLED_BY_NOBODY:
        return
    values = _values(grant, resource, context, role, regions)
    for asked in grant.actions:
        actions = sorted(expand([asked])) if has_wildcard(asked) else [asked]
        for action in actions or [asked]:
            service = action.partition(":")[0]
            named = {key.lower() for _, key, _ in grant.conditions}
            absent = {key: () for key in _ABSENT_UNLESS_NAMED.get(service, ()) if key.lower() not in named}
            yield Call(action, asked, resource, grant.conditions, {**values, **absent})


def regions_by_cause(grants: Iterable[Grant]) -> dict[tuple[str, str, str], tuple[str, ...]]:
    """Return the regions in the ARNs of grants by file, source and rule, and by file and source (an empty rule).

    Logging in to ECR is allowed on `*`, and called in the region of the image that it is for.
    """
    found: dict[tuple[str, str, str], set[str]] = {}
    for one in grants:
        regions = {region for resource in one.resources if (region := _part(resource, 3))}
        for key in ((one.file, one.source, ""), (one.file, "", one.rule)):
            found.setdefault(key, set()).update(regions)
    return {key: tuple(sorted(regions)) for key, regions in found.items() if regions}


def _values(
    grant: Grant, resource: str, context: Context, role: str | None, regions: Sequence[str]
) -> dict[str, str | tuple[str, ...]]:
    account = context.account or ""
    values: dict[str, str | tuple[str, ...]] = {
        "aws:SecureTransport": "true",
        "aws:PrincipalAccount": account,
        "aws:PrincipalType": "AssumedRole",
        "aws:PrincipalIsAWSService": "false",
        **dict.fromkeys(_ABSENT, ()),
    }
    if role:
        values["aws:PrincipalArn"] = role
    if region := _part(resource, 3):
        values["aws:RequestedRegion"] = region
    elif resource == "*" and len(regions) <= 1:
        values["aws:RequestedRegion"] = regions[0] if regions else context.region
    if (owner := _part(resource, 4)) and ACCOUNT.fullmatch(owner):
        values["aws:ResourceAccount"] = owner
    if any(action.startswith("kms:") for action in grant.actions):
        values["kms:CallerAccount"] = account
    if any(action.startswith("elasticfilesystem:Client") for action in grant.actions):
        values["elasticfilesystem:AccessedViaMountTarget"] = "true"
    for operator, key, wanted in grant.conditions:
        if operator in ("StringEquals", "Bool") and len(wanted) == 1:
            values[key] = wanted[0]
    return values


def _part(resource: str, index: int) -> str:
    """Return a part of an ARN that holds no wildcard, or empty text."""
    parts = resource.split(":", 5)
    return parts[index] if len(parts) == 6 and not has_wildcard(parts[index]) else ""


def _resource_types(action: str) -> Sequence[object]:
    """Return an action's resource types; of an action that is not known, one unknown type."""
    try:
        found: Sequence[object] = details(action)["resourceTypes"]
    except KeyError:
        return (None,)
    return found
