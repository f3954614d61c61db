"""grants.lock.json: the permissions of all roles of roles.yaml in a normal form, to be committed and compared in CI.

It depends on permissions, not on policy text: it contains no Sids, statement order, or assignment to policies. An entry
is one resource with one set of conditions, so that a change is a small diff.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError

from taskrole.config import StackSpec
from taskrole.config.pydantic_messages import problems_of
from taskrole.config.settings import Settings
from taskrole.config.value_checks import rule
from taskrole.errors import InputError, Place, Problem, quote
from taskrole.grant import Condition, RoleKind, condition_block, conditions_of
from taskrole.lock_format import LOCK_VERSION, refuse_newer_format
from taskrole.output.indented import indented
from taskrole.policy.catalogue.actions import known_action
from taskrole.policy.catalogue.managed import managed_policy
from taskrole.policy.documents.statements import Document, as_list, canonical, policy_document, statements_of
from taskrole.role import Role, assumers
from taskrole.yaml_reader import Tree


class PermissionEntry(Settings):
    """Actions on a resource, or on all resources with exceptions, with conditions."""

    on: str | None = None
    not_on: list[str] | None = None
    actions: list[str] | None = None
    not_actions: list[str] | None = None
    conditions: dict[str, dict[str, str | list[str]]] | None = Field(None, alias="if")

    def statement(self, effect: Literal["Allow", "Deny"]) -> dict[str, Any]:
        """Return the entry as an IAM statement."""
        parts = {
            "Effect": effect,
            "Action": self.actions,
            "NotAction": self.not_actions,
            "Resource": self.on,
            "NotResource": self.not_on,
            "Condition": self.conditions,
        }
        return {key: value for key, value in parts.items() if value is not None}


def check_trust(document: Mapping[str, Any]) -> str | None:
    """Check that a document is a trust policy."""
    try:
        list(assumers(document))
    except (AttributeError, KeyError, TypeError):
        return "must be a trust policy, with statements and their principals"
    return None


class RoleEntry(Settings):
    """The entry of a role in grants.lock.json, which `sources.lock` converts to an EffectiveRole.

    Permissions are in normal form, with one entry per resource.
    """

    kind: RoleKind
    trust: Annotated[dict[str, Any], rule(check_trust)]
    permissions_boundary: str | None
    managed_policies: dict[str, str | None] = Field(description="Their ARNs, and the versions known.")
    allow: list[PermissionEntry]
    deny: list[PermissionEntry]

    @property
    def documents(self) -> list[Document]:
        """Return the role's own permissions as policy documents."""
        allowed = [entry.statement("Allow") for entry in self.allow]
        statements = [*allowed, *(entry.statement("Deny") for entry in self.deny)]
        return [policy_document(statements)] if statements else []


class StackEntry(Settings):
    """A stack: its context, and its roles by their names in roles.yaml."""

    partition: str
    region: str
    account: str | None
    roles: dict[str, RoleEntry]


class Lock(Settings):
    """The lock file."""

    schema_version: Literal[1]
    stacks: dict[str, StackEntry]


def make_lock(stacks: Sequence[StackSpec]) -> Lock:
    """Return the lock of the roles of all stacks."""
    return Lock(schema_version=LOCK_VERSION, stacks={stack.name: _stack(stack) for stack in stacks})


def lock_text(lock: Lock) -> str:
    """Return the text of grants.lock.json, which is the same for the same permissions."""
    data = lock.model_dump(by_alias=True)
    for stack in data["stacks"].values():
        for role in stack["roles"].values():
            for key in ("allow", "deny"):
                role[key] = [{name: value for name, value in entry.items() if value is not None} for entry in role[key]]
    return indented(data) + "\n"


def parse_lock(content: bytes, file: str) -> Lock:
    """Return the lock in a file. Raises InputError with all of its problems."""
    from taskrole.taskdef.json_text import parse_json

    fix = "to generate it again, run: taskrole lock"
    if not content.strip():
        raise InputError([Problem(Place(file), f"is empty; {fix}")])
    data = parse_json(content, file)
    refuse_newer_format(data, file)
    if isinstance(data, dict) and data.get("schema_version") not in (None, LOCK_VERSION):
        message = f"has schema_version {quote(data['schema_version'])}, but this taskrole reads {LOCK_VERSION}; {fix}"
        raise InputError([Problem(Place(file), message)])
    tree = Tree(file, data)
    try:
        return Lock.model_validate(data)
    except ValidationError as error:
        problems = [
            Problem(Place(file, path=problem.place.path), problem.message) for problem in problems_of(error, tree, Lock)
        ]
        raise InputError([*problems, Problem(Place(file), f"is not a lock file; {fix}")]) from None


def _stack(stack: StackSpec) -> StackEntry:
    context = stack.context
    return StackEntry(
        partition=context.partition,
        region=context.region,
        account=context.account,
        roles={role.key: _role(role) for role in sorted(stack.roles, key=lambda declared: declared.key)},
    )


def _role(role: Role) -> RoleEntry:
    statements = [statement for policy in role.policies for statement in statements_of(policy.document)]
    return RoleEntry(
        kind=role.kind,
        trust=dict(canonical(role.trust)),
        permissions_boundary=role.permissions_boundary,
        managed_policies={arn: version_of(arn) for arn in sorted(role.attachments)},
        allow=list(_entries([statement for statement in statements if statement["Effect"] == "Allow"])),
        deny=list(_entries([statement for statement in statements if statement["Effect"] == "Deny"])),
    )


def version_of(arn: str) -> str | None:
    """Return the version of an AWS managed policy in the snapshot, or None."""
    policy = managed_policy(arn)
    return policy.version if policy else None


def _entries(statements: Sequence[Mapping[str, Any]]) -> Iterator[PermissionEntry]:
    """Yield the normal form of statements of one effect, sorted."""
    on: dict[tuple[str, tuple[Condition, ...]], set[str]] = defaultdict(set)
    others: dict[str, PermissionEntry] = {}
    for statement in statements:
        conditions = conditions_of(statement.get("Condition", {}))
        if "Action" in statement and "Resource" in statement:
            for resource in as_list(statement["Resource"]):
                on[resource, conditions].update(map(_spelled, as_list(statement["Action"])))
        else:
            for entry in _others(statement, conditions):
                others[entry.model_dump_json()] = entry
    for (resource, conditions), actions in sorted(on.items()):
        block = condition_block(conditions) or None
        yield PermissionEntry.model_validate({"on": resource, "actions": sorted(actions), "if": block})
    for key in sorted(others):
        yield others[key]


def _others(statement: Mapping[str, Any], conditions: tuple[Condition, ...]) -> Iterator[PermissionEntry]:
    """Yield the entries of a statement with NotAction or NotResource, which cannot be merged with others."""
    parts: dict[str, Any] = {"if": condition_block(conditions) or None}
    for key, name in (("Action", "actions"), ("NotAction", "not_actions")):
        if key in statement:
            parts[name] = sorted(set(map(_spelled, as_list(statement[key]))))
    if "NotResource" in statement:
        yield PermissionEntry.model_validate({**parts, "not_on": sorted(set(as_list(statement["NotResource"])))})
        return
    for resource in as_list(statement["Resource"]):
        yield PermissionEntry.model_validate({**parts, "on": resource})


def _spelled(action: str) -> str:
    """Return an action in AWS's spelling; patterns are unchanged."""
    return known_action(action) or action
