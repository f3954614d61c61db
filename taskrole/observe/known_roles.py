"""Looks up the declarations of recorded roles: in roles.yaml, a plan or an account."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from taskrole.arns import Context
from taskrole.config import StackSpec
from taskrole.config.raw_policies import GRANTED_POLICY, OWN_POLICY
from taskrole.config.roles_file import declares
from taskrole.config.stack_lookup import find_stack
from taskrole.errors import InputError, Place, Problem, quote
from taskrole.grant import Grant
from taskrole.observe.proposals import require_inline
from taskrole.observe.recording import Recording
from taskrole.observe.report import KnownRole
from taskrole.observe.usage import roles_of
from taskrole.policy.documents.build import build_policies
from taskrole.policy.documents.policy import Policy
from taskrole.policy.documents.statements import policy_size
from taskrole.role import Role
from taskrole.sources.arguments import read_parts
from taskrole.sources.declared import configured_role
from taskrole.sources.named_role import LiveReader, Wanted, read_role

_MOST_NAMED = 5


def declared_roles(config: Path, name: str, arns: Sequence[str]) -> dict[str, KnownRole]:
    """Return the declarations of recorded roles in a stack, `NAME` or `NAME/ROLE`, by ARN.

    Raises InputError if none of them is in the stack, or if ROLE matches several of them.
    """
    stack_name, _, key = name.partition("/")
    stack = find_stack(config, stack_name)
    place = Place(str(config), path=f"stacks.{stack_name}")
    if key:
        role = next((role for role in stack.roles if role.key == key), None)
        if role is None:
            names = ", ".join(role.key for role in stack.roles)
            raise InputError([Problem(place, f"has no role {quote(key)}; there are {names}")])
        if len(arns) != 1:
            message = f"--stack names one role, and the evidence is of {len(arns)}; select one: --role {_some(arns)}"
            raise InputError([Problem(place, message)])
        return {arns[0]: _known(stack, role)}
    known = {arn: _known(stack, role) for arn in arns for role in stack.roles if _is_declared(arn, role, stack)}
    if not known:
        names = ", ".join(f"--stack {stack_name}/{role.key}" for role in stack.roles)
        raise InputError([Problem(place, f"declares no role {_some(arns)}; choose a role: {names}")])
    return known


def _is_declared(arn: str, role: Role, stack: StackSpec) -> bool:
    """Return whether a recorded role is declared in a stack: by name, in the stack's account if it is known."""
    account = [*arn.split(":"), *[""] * 5][4]
    return declares(role, arn.rpartition("/")[2]) and stack.context.account in (None, account)


def _known(stack: StackSpec, role: Role) -> KnownRole:
    compared = configured_role(role, stack.context)
    own = tuple(policy for policy in role.policies if _is_made(policy))
    fits = partial(_require_room, role) if role.kind == "task" else partial(_require_inline_room, role)
    declared = replace(compared, policies=own, unknown_policies=(), boundary=None, boundary_problem="")
    return KnownRole(role.kind, replace(compared, name=f"stack:{stack.name}/{role.key}"), declared, fits, role.key)


def _is_made(policy: Policy) -> bool:
    """Return whether taskrole generates a policy from task definitions, grants and statements."""
    return policy.kind == "managed" or policy.name in (GRANTED_POLICY, OWN_POLICY)


def _require_room(role: Role, grants: Sequence[Grant]) -> None:
    """Raise PolicyTooLargeError if a role cannot have these grants in addition."""
    used = sum(
        policy_size(policy.document)
        for policy in role.policies
        if policy.kind == "inline" and policy.name != GRANTED_POLICY
    )
    build_policies(
        [*role.grants, *grants],
        kind="inline",
        base_name=role.key,
        attachments=len(role.attachments),
        inline_used=used,
    )


def _require_inline_room(role: Role, grants: Sequence[Grant]) -> None:
    used = sum(policy_size(policy.document) for policy in role.policies if policy.kind == "inline")
    require_inline(grants, used)


def compared_role(
    config: Path, sources: Sequence[str], recording: Recording, known: KnownRole | None, read_live: LiveReader
) -> KnownRole:
    """Return the only recorded role with the role to compare it with, whose sources are those of `check`.

    Raises InputError; ToolError for a live role.
    """
    arns = roles_of(recording)
    if len(arns) != 1:
        message = f"compares one role, and the evidence is of {len(arns)}; select one: --role {_some(arns)}"
        raise InputError([Problem(Place("--compare"), message)])
    facts = known or KnownRole()
    parts = read_parts(sources, "--compare")
    stacks = {}
    if parts.whole and parts.whole[0] == "stack":
        name = parts.whole[1].partition("/")[0]
        stacks[name] = find_stack(config, name)
    wanted = Wanted({}, config, stacks, read_live)
    role = read_role(facts.kind or "task", parts, _context(arns[0], recording), wanted)
    return replace(facts, compared=role)


def _context(arn: str, recording: Recording) -> Context:
    """Return the context of a role: its own partition and account, and a region of its calls."""
    fields = [*arn.split(":"), *[""] * 5]
    regions = recording.reach.regions or ("us-east-1",)
    return Context(fields[1] or "aws", regions[0], fields[4] or None)


def _some(arns: Sequence[str]) -> str:
    names = [arn.rpartition("/")[2] or "(not known)" for arn in arns]
    more = ", …" if len(names) > _MOST_NAMED else ""
    return f"{', '.join(names[:_MOST_NAMED])}{more}"
