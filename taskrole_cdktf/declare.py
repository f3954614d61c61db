"""Declares a role in a CDKTF app, with the settings and the validation of roles.yaml."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypedDict

from taskrole.config.load import parse_config
from taskrole.errors import InputError, Place, Problem
from taskrole.grant import RoleKind
from taskrole.policy.documents.policy import PolicyKind
from taskrole.role import Role, TrustConditions

if TYPE_CHECKING:
    from typing_extensions import Unpack

_STACK = "app"


class SharedArguments(TypedDict, total=False):
    """The settings of a role in roles.yaml that the roles of a task definition can share, under the same names."""

    path: str
    tags: Mapping[str, str]
    permissions_boundary: str
    max_session_duration: int
    exclusive: bool
    policy_delivery: PolicyKind
    trust: TrustConditions | Mapping[str, Any]


class RoleArguments(SharedArguments, total=False):
    """The settings of a role in roles.yaml, under the same names, without its kind."""

    managed_policies: Sequence[str]
    statements: Sequence[Mapping[str, Any]]
    task_definitions: Sequence[str]
    options: Mapping[str, Any]
    families: Sequence[str]
    values: Mapping[str, str]
    values_files: Sequence[str]
    images: Mapping[str, str]
    grants: Sequence[Mapping[str, Any]]
    deny: Sequence[Mapping[str, Any]]
    trust_policy: Mapping[str, Any]
    inline_policies: Mapping[str, Mapping[str, Any]]
    adopt: bool
    name_prefix: str
    description: str


def declare_role(
    name: str,
    *,
    kind: RoleKind,
    region: str,
    account: str | None = None,
    partition: str | None = None,
    **settings: Unpack[RoleArguments],
) -> Role:
    """Return a role for EcsRole, for tasks in one region and account.

    `account`, 12 digits, may be left out with `trust="off"` only, since the other trust policies name it. `partition`
    is the region's unless given. Raises InputError with all problems, one per line.
    """
    place = {"region": region, "account": account, "partition": partition}
    stack = {
        **{key: value for key, value in place.items() if value is not None},
        "roles": {name: {"kind": kind, **settings}},
    }
    # JSON is YAML: the arguments are validated as a roles.yaml.
    text = json.dumps({"version": 1, "stacks": {_STACK: stack}}, ensure_ascii=False)
    try:
        config = parse_config(text.encode("utf-8", "surrogatepass"), "roles.yaml")
    except InputError as error:
        raise InputError([_placed(problem, name) for problem in error.problems]) from None
    return config.stacks[0].roles[0]


def _placed(problem: Problem, name: str) -> Problem:
    """Return a problem located in the role or its stack, without a line number."""
    path = problem.place.path
    for around in (f"stacks.{_STACK}.roles.{name}", f"stacks.{_STACK}"):
        if path == around or path.startswith(f"{around}."):
            path = path[len(around) + 1 :]
            break
    return replace(problem, place=Place(f"role {name}", path=path))
