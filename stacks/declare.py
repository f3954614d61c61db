"""A role for somebody's own CDKTF app: what roles.yaml says, said in Python, and checked the same way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypedDict

from pydantic import ValidationError

from taskrole.config.checks import check_file
from taskrole.config.messages import problems_of
from taskrole.config.model import File
from taskrole.config.resolve import resolve
from taskrole.config.yaml_reader import Tree
from taskrole.errors import InputError, Place, Problem
from taskrole.grant import RoleKind
from taskrole.role import PolicyKind, Role, TrustConditions

if TYPE_CHECKING:
    from typing_extensions import Unpack

_STACK = "app"


class RoleArguments(TypedDict, total=False):
    """What a role in roles.yaml may say beside its kind, under the same names."""

    managed_policies: Sequence[str]
    statements: Sequence[Mapping[str, Any]]
    name_prefix: str
    path: str
    description: str
    tags: Mapping[str, str]
    permissions_boundary: str
    max_session_duration: int
    trust: TrustConditions | Mapping[str, Any]
    exclusive: bool
    policy_delivery: PolicyKind


def declare_role(
    name: str,
    *,
    kind: RoleKind,
    region: str,
    account: str | None = None,
    partition: str | None = None,
    **settings: Unpack[RoleArguments],
) -> Role:
    """Return a role for EcsRole, made for tasks in one region and account.

    `account`, 12 digits, may be left out with `trust="off"` only, since the other trust policies name it. `partition`
    is the region's unless given. Raises InputError with all that is wrong, a line a problem.
    """
    place = {"region": region, "account": account, "partition": partition}
    role = {"kind": kind, **{key: _plain(value) for key, value in settings.items()}}
    stack = {**{key: value for key, value in place.items() if value is not None}, "roles": {name: role}}
    tree = Tree(name, {"version": 1, "stacks": {_STACK: stack}})
    problems = list(check_file(tree))
    try:
        file = File.model_validate(tree.data)
    except ValidationError as error:
        problems.extend(problems_of(error, tree))
    if problems:
        raise InputError([_placed(problem, name) for problem in problems])
    return resolve(file).stacks[0].roles[0]


def _plain(value: Any) -> Any:
    """Return a value as YAML would give it: lists and mappings all the way down."""
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, Sequence) and not isinstance(value, str) else value


def _placed(problem: Problem, name: str) -> Problem:
    """Return a problem placed in the role or its stack, neither of which has lines."""
    path = problem.place.path
    for around in (f"stacks.{_STACK}.roles.{name}", f"stacks.{_STACK}"):
        if path == around or path.startswith(f"{around}."):
            path = path[len(around) + 1 :]
            break
    return replace(problem, place=Place(f"role {name}", path=path))
