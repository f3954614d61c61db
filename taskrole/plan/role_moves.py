"""Finds workloads that run under another role after a plan: through an attribute, task definition or profile.

A workload that keeps its role does not move, even if the role changes. A new workload moves to an existing role; if the
plan also creates its role, task definition or instance profile, their own changes cover it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from taskrole.dataclass import dataclass
from taskrole.plan.documents import SIDES, Side
from taskrole.plan.mentions import Mention, mentions
from taskrole.plan.model import MASK, Change
from taskrole.plan.role_finder import RoleFinder, Unfound
from taskrole.plan.roles import PlannedRole
from taskrole.plan.workload_types import DEFINITION_ROLES, DEFINITIONS, INSTANCE_PROFILE, WORKLOADS

_TASK_ROLE = "task_role_arn"


@dataclass(frozen=True)
class NamedRole:
    """The role of a workload, before or after. `role` is None if it is not in the plan; `reason` is why.

    `text` is for display: its name, or the text of the attribute. `key` identifies the role.
    """

    key: str
    text: str
    role: PlannedRole | None = None
    reason: str = ""


@dataclass(frozen=True)
class RoleMove:
    """An attribute of a workload that names another role after the plan; a side is None if it names none.

    `falls_back` is True if containers without a task role can use the role of their container instance.
    """

    workload: Change
    attribute: str
    before: NamedRole | None
    after: NamedRole | None
    falls_back: bool = False

    @property
    def is_outside(self) -> bool:
        """Whether a role is not in the plan, so that the roles cannot be compared."""
        return any(named is not None and named.role is None for named in (self.before, self.after))


@dataclass(frozen=True)
class ExecSwitch:
    """ECS Exec being enabled for a workload; `is_known` is False if that is known only after the apply.

    `roles` are the task roles whose permissions a shell then has.
    """

    workload: Change
    attribute: str
    is_known: bool
    roles: tuple[NamedRole, ...]


def role_moves(workload: Change, finder: RoleFinder) -> Iterator[RoleMove]:
    """Yield the role changes of a workload."""
    if workload.after is None or workload.is_forgotten:
        return
    kind = WORKLOADS[workload.type]
    for path in kind.roles:
        for attribute, old, new in _differences(workload, path, finder):
            before, after = _roles(workload, old, "before", finder), _roles(workload, new, "after", finder)
            falls_back = path == _TASK_ROLE and _runs_on_instances(workload)
            yield from _moves(workload, attribute, before, after, falls_back=falls_back)
    for paths, types in ((kind.definitions, DEFINITIONS), (kind.profiles, frozenset({INSTANCE_PROFILE}))):
        for path in paths:
            for attribute, old, new in _differences(workload, path, finder):
                holders = [
                    [_Holder(mention, side, finder.resource(workload, mention, side, types)) for mention in mentioned]
                    for side, mentioned in zip(SIDES, (old, new), strict=True)
                ]
                yield from _moves_of_holders(workload, attribute, holders[0], holders[1], finder)


def exec_switches(workload: Change, finder: RoleFinder) -> Iterator[ExecSwitch]:
    """Yield the attributes through which a plan enables ECS Exec, or may enable it."""
    kind = WORKLOADS[workload.type]
    for path in kind.exec if workload.after is not None and not workload.is_forgotten else ():
        if _top(path) not in workload.changed:
            continue
        old, new = (mentions(workload, path, side, finder.configuration) for side in SIDES)
        states = [True if mention.value in (True, "true") else mention.value for mention in new]
        if any(mention.value in (True, "true") for mention in old) or not {True, None}.intersection(states):
            continue
        roles = [
            role
            for definition in kind.definitions
            for mention in mentions(workload, definition, "after", finder.configuration)
            for role in _task_roles(finder.resource(workload, mention, "after", DEFINITIONS), finder)
        ]
        yield ExecSwitch(workload, path, True in states, tuple(roles))


def is_of_ecs(workload: Change, finder: RoleFinder) -> bool:
    """Return whether the roles of a workload are ECS roles."""
    kind = WORKLOADS[workload.type]
    return kind.is_ecs or any(
        mentions(workload, path, side, finder.configuration) for path in kind.definitions for side in SIDES
    )


@dataclass(frozen=True)
class _Holder:
    """What a workload names and what in turn names the roles: a task definition or an instance profile."""

    mention: Mention
    side: Side
    resource: Change | Unfound

    @property
    def address(self) -> str:
        return "" if isinstance(self.resource, Unfound) else self.resource.address

    @property
    def is_new(self) -> bool:
        return isinstance(self.resource, Change) and not self.resource.is_data and self.resource.before is None


def _differences(workload: Change, path: str, finder: RoleFinder) -> Iterator[tuple[str, list[Mention], list[Mention]]]:
    """Yield the attributes at a path that differ, each with the values of one side only."""
    if _top(path) not in workload.changed:
        return
    sides = [mentions(workload, path, side, finder.configuration) for side in SIDES]
    for attribute in dict.fromkeys(mention.attribute for side in sides for mention in side):
        old, new = ([mention for mention in side if mention.attribute == attribute] for side in sides)
        texts = [{str(mention.value) for mention in side if mention.value is not None} for side in (old, new)]
        shared = texts[0] & texts[1]
        old, new = ([mention for mention in side if str(mention.value) not in shared] for side in (old, new))
        if old or new:
            yield attribute, old, new


def _roles(change: Change, mentioned: Iterable[Mention], side: Side, finder: RoleFinder) -> list[NamedRole]:
    return [_named(change, mention.attribute, finder.role(change, mention, side)) for mention in mentioned]


def _named(change: Change, attribute: str, role: PlannedRole | Unfound) -> NamedRole:
    key, text = (role.text, role.text) if isinstance(role, Unfound) else (role.address, role.name)
    if change.is_hidden(_top(attribute)):
        return NamedRole(key, MASK, None, "which role it is, is sensitive")
    return NamedRole(key, text, None, role.reason) if isinstance(role, Unfound) else NamedRole(key, text, role)


def _moves(
    workload: Change, attribute: str, before: Sequence[NamedRole], after: Sequence[NamedRole], *, falls_back: bool
) -> Iterator[RoleMove]:
    kept = {named.key for named in before} & {named.key for named in after}
    old, new = ([named for named in side if named.key not in kept] for side in (before, after))
    if workload.before is None:
        new = [named for named in new if named.role is None or named.role.before is not None]
    if len(old) == len(new) == 1:
        yield RoleMove(workload, attribute, old[0], new[0])
        return
    for named in new:
        yield RoleMove(workload, attribute, None, named)
    for named in old:
        yield RoleMove(workload, attribute, named, None, falls_back=falls_back and not after)


def _moves_of_holders(
    workload: Change, attribute: str, before: Sequence[_Holder], after: Sequence[_Holder], finder: RoleFinder
) -> Iterator[RoleMove]:
    # Changes under the same address are reported for the holder itself, and apply to all its users.
    kept = ({holder.address for holder in before} & {holder.address for holder in after}) - {""}
    old, new = ([holder for holder in side if holder.address not in kept] for side in (before, after))
    if workload.before is None:
        new = [holder for holder in new if not holder.is_new]
    if len(old) == len(new) == 1:
        yield from _moves_of_pair(workload, attribute, old[0], new[0], finder)
        return
    for holder in new:
        yield from _moves_of_pair(workload, attribute, None, holder, finder)
    for holder in old:
        yield from _moves_of_pair(workload, attribute, holder, None, finder)


def _moves_of_pair(
    workload: Change, attribute: str, old: _Holder | None, new: _Holder | None, finder: RoleFinder
) -> Iterator[RoleMove]:
    known = [holder.resource for holder in (old, new) if holder and isinstance(holder.resource, Change)]
    if len(known) < sum(holder is not None for holder in (old, new)):
        yield RoleMove(workload, attribute, _unread(workload, old), _unread(workload, new))
        return
    falls_back = new is not None and isinstance(new.resource, Change) and _runs_on_instances(new.resource)
    for name in ("role",) if known[0].type == INSTANCE_PROFILE else DEFINITION_ROLES:
        sides = [_roles_of(holder.resource, name, holder.side, finder) if holder else [] for holder in (old, new)]
        is_task = name == _TASK_ROLE and falls_back
        yield from _moves(workload, f"{attribute}.{name}", sides[0], sides[1], falls_back=is_task)


def _roles_of(holder: Change | Unfound, attribute: str, side: Side, finder: RoleFinder) -> list[NamedRole]:
    if isinstance(holder, Unfound):
        return [NamedRole(holder.text, holder.text, None, holder.reason)]
    if holder.is_data and holder.is_unknown(attribute):
        return [NamedRole(holder.address, holder.address, None, f"{holder.address} is read during the apply")]
    return _roles(holder, mentions(holder, attribute, side, finder.configuration), side, finder)


def _task_roles(holder: Change | Unfound, finder: RoleFinder) -> list[NamedRole]:
    if isinstance(holder, Unfound):
        text = f"of task definition {holder.text}" if holder.text else ""
        return [NamedRole(holder.text, text, None, holder.reason)]
    return _roles_of(holder, _TASK_ROLE, "after", finder)


def _unread(workload: Change, holder: _Holder | None) -> NamedRole | None:
    """Return the task definition or profile in place of its roles, for a move whose other side is not in the plan."""
    if holder is None:
        return None
    if workload.is_hidden(_top(holder.mention.attribute)):
        return NamedRole(str(holder.mention.value), MASK, None, "what it names is sensitive")
    if isinstance(holder.resource, Unfound):
        return NamedRole(holder.resource.text, holder.resource.text, None, holder.resource.reason)
    return NamedRole(holder.address, holder.address)


def _runs_on_instances(definition: Change) -> bool:
    """Return whether tasks of a definition may run on EC2 instances, whose role containers can use."""
    values = definition.after or {}
    return values.get("requires_compatibilities") != ["FARGATE"]


def _top(path: str) -> str:
    """Return the top-level attribute of a path."""
    return path.partition(".")[0].removesuffix("{}")
