"""Classifies the permissions of a role by the evidence: used, never used, or not visible."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import field, replace
from typing import Literal, TypeAlias

from taskrole.dataclass import dataclass
from taskrole.observe.usage import Evidence, RoleUsage, merged_evidence
from taskrole.observe.visibility import invisible_because
from taskrole.policy.catalogue.actions import is_known
from taskrole.policy.catalogue.resource_types import supports_resource
from taskrole.policy.comparison.permissions import Permission, read_permissions
from taskrole.policy.effective_role import EffectiveRole
from taskrole.policy.evaluation.action_counts import actions_of_permission
from taskrole.policy.patterns import OPEN, overlaps

UseStatus = Literal["used", "never used", "not visible"]

# With more combinations of actions and resources, all resources of a statement are evaluated together.
_MOST_PAIRS = 20_000


@dataclass(frozen=True)
class Granted:
    """Actions that a policy allows on resources, and whether they were used.

    `named` are the actions as written in the policy, `actions` those with this status; `resources` are patterns; with
    `is_except`, they are the excluded ones (NotResource). `because` is why the evidence cannot show usage, a clause.
    """

    status: UseStatus
    policy: str
    named: tuple[str, ...]
    actions: tuple[str, ...]
    resources: tuple[str, ...]
    is_except: bool = False
    evidence: Evidence | None = None
    because: str = ""


@dataclass(frozen=True)
class RoleComparison:
    """A role with its permissions by status, and a clause for each unknown part."""

    role: EffectiveRole
    granted: tuple[Granted, ...]
    unknown: tuple[str, ...] = ()

    def of(self, status: UseStatus) -> tuple[Granted, ...]:
        """Return the permissions with a status."""
        return tuple(grant for grant in self.granted if grant.status == status)


@dataclass
class _Seen:
    """The evidence on an action by resource; `open` are patterns, such as a secret with an unknown suffix."""

    resources: dict[str, Evidence] = field(default_factory=dict)
    open: list[str] = field(default_factory=list)

    def add(self, resource: str, evidence: Evidence) -> None:
        self.resources[resource] = evidence
        if OPEN.search(resource):
            self.open.append(resource)

    def evidence(self, patterns: Iterable[str], *, is_except: bool) -> list[Evidence]:
        """Return the evidence on the resources that match one of the patterns, or none of them."""
        fitting: dict[str, None] = {}
        for pattern in patterns:
            if OPEN.search(pattern):
                fitting |= dict.fromkeys(resource for resource in self.resources if overlaps(pattern, resource))
            else:
                fitting |= dict.fromkeys(wide for wide in self.open if overlaps(pattern, wide))
                fitting |= {pattern: None} if pattern in self.resources else {}
        if is_except:
            return [evidence for resource, evidence in self.resources.items() if resource not in fitting]
        return [self.resources[resource] for resource in fitting]


# By status and reason: the actions on each resource, with the evidence of used ones.
_Found: TypeAlias = "dict[tuple[UseStatus, str], dict[tuple[str, ...], dict[str, list[Evidence]]]]"


def compare_usage(role: EffectiveRole, usage: RoleUsage, data_services: Collection[str]) -> RoleComparison:
    """Return the permissions in a role's policies, and whether its recorded calls used them.

    `data_services` are services with data events in the evidence. Conditions, Deny statements and the permissions
    boundary are ignored: permissions that they restrict were not used.
    """
    seen: dict[str, _Seen] = defaultdict(_Seen)
    for use, evidence in usage.seen.items():
        seen[use.action.lower()].add(use.resource, evidence)
    granted: list[Granted] = []
    unknown = list(role.unknown_policies)
    for policy in role.policies:
        permissions, problems = read_permissions([policy.document])
        unknown += [f"policy {policy.name}: {problem}" for problem in problems]
        for permission in permissions:
            if permission.effect == "Allow":
                rows = _granted(policy.name, permission, seen, data_services)
                granted += [_with_last_access(row, usage.last_accessed) for row in rows]
    return RoleComparison(role, tuple(granted), tuple(unknown))


def _with_last_access(row: Granted, last_accessed: Mapping[str, str] | None) -> Granted:
    """Return an invisible permission, with IAM's last accessed data for each of its services."""
    services = sorted({action.partition(":")[0] for action in row.actions}) if row.status == "not visible" else []
    known = [(service, last_accessed[service]) for service in services if last_accessed and service in last_accessed]
    words = [
        f"{service} was last called on {when[:10]}" if when else f"{service} was never called"
        for service, when in known
    ]
    return replace(row, because=f"{row.because}; according to IAM, {', '.join(words)}") if words else row


def _granted(
    policy: str,
    permission: Permission,
    seen: Mapping[str, _Seen],
    data_services: Collection[str],
) -> Iterator[Granted]:
    resources = permission.resources
    actions = sorted(actions_of_permission(permission))
    usage: _Found = defaultdict(lambda: defaultdict(dict))
    for patterns in _groups(resources.patterns, len(actions), is_whole=resources.negated):
        for action in actions:
            if not resources.negated and not any(_applies(action, pattern) for pattern in patterns):
                continue
            on_action = seen.get(action.lower())
            uses = on_action.evidence(patterns, is_except=resources.negated) if on_action else []
            because = "" if uses else invisible_because(action, data_services)
            status: UseStatus = "used" if uses else "not visible" if because else "never used"
            usage[status, because][patterns][action] = uses
    named = tuple(
        f"not {pattern}" if permission.actions.negated else pattern for pattern in permission.actions.patterns
    )
    for (status, because), on in usage.items():
        by_actions: dict[tuple[str, ...], list[tuple[str, ...]]] = defaultdict(list)
        for patterns, of_action in on.items():
            by_actions[tuple(of_action)].append(patterns)
        for names, groups in by_actions.items():
            evidence = [use for patterns in groups for uses in on[patterns].values() for use in uses]
            yield Granted(
                status,
                policy,
                named,
                names,
                tuple(pattern for patterns in groups for pattern in patterns),
                resources.negated,
                merged_evidence(evidence) if evidence else None,
                because,
            )


def _groups(patterns: tuple[str, ...], actions: int, *, is_whole: bool) -> Sequence[tuple[str, ...]]:
    """Return the resources that are evaluated together: one each, or all of a large statement."""
    if is_whole or len(patterns) * actions > _MOST_PAIRS:
        return (patterns,)
    return tuple((pattern,) for pattern in patterns)


def _applies(action: str, pattern: str) -> bool:
    return pattern == "*" or not is_known(action) or supports_resource(action, pattern)
