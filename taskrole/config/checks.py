"""The checks of roles.yaml that involve several values.

They read the raw data and skip values of the wrong type, which the model reports, so that all problems of a file are
reported at once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any

from taskrole import limits
from taskrole.addresses import attachment_identifier, identifier
from taskrole.arns import ACCOUNT, Arn, Context, parse_arn
from taskrole.config.backends.registry import backend_in
from taskrole.config.model import check_stack_name
from taskrole.config.raw import RawStack, first_text, list_in, mapping_in, read_stack, texts_in
from taskrole.config.raw_policies import check_policy_addresses, check_raw_policies, own_attachments
from taskrole.config.resolve import managed_policy_arn, managed_policy_name
from taskrole.config.tokens import check_tokens
from taskrole.errors import Problem, quote
from taskrole.partitions import nearest_regions, partition_of, partitions
from taskrole.policy.documents.statements import (
    LARGEST_INLINE_SUM,
    LARGEST_MANAGED_POLICY,
    LARGEST_TRUST_POLICY,
    VERSION,
    policy_size,
)
from taskrole.role import DEFAULT_TRUST, TrustConditions, trust_policy
from taskrole.yaml_reader import Keys, Tree


def check_file(tree: Tree) -> Iterator[Problem]:
    """Yield the problems that involve several values of the file."""
    stacks = [read_stack(name, data, tree) for name, data in mapping_in(tree.data, "stacks").items()]
    for stack in stacks:
        yield from _problems(tree, stack.keys, [check_stack_name(stack.name)])
        yield from _check_place(stack, tree)
        yield from _check_roles(stack, tree)
        yield from _check_addresses(stack, tree)
        yield from check_policy_addresses(stack, tree)
    yield from _check_backend(tree.data.get("backend"), ("backend",), tree)
    for stack in stacks:
        yield from _check_backend(stack.data.get("backend"), (*stack.keys, "backend"), tree)
    yield from _check_names(stacks, tree)
    yield from _check_states(stacks, tree)
    yield from check_tokens(tree)


def _problems(tree: Tree, keys: Keys, messages: Iterable[str | None]) -> Iterator[Problem]:
    return (Problem(tree.place(keys), message) for message in messages if message)


def _check_place(stack: RawStack, tree: Tree) -> Iterator[Problem]:
    """Check that the region is given, exists, and is in the partition."""
    keys: Keys = (*stack.keys, "region") if "region" in stack.data else stack.keys
    if "region" not in stack.data and "region" in stack.defaults:
        keys = ("defaults", "region")
    if stack.region is None:
        if not any("region" in place for place in (stack.data, stack.defaults)):
            yield Problem(tree.place(stack.keys), "must have a region; set region in the stack or in defaults")
    elif stack.partition is None:
        near = nearest_regions(stack.region)
        hint = f"nearest are {', '.join(near)}" if near else "regions are named like eu-west-1"
        message = f"unknown region {quote(stack.region)}; {hint}; for a newer region, set partition too"
        yield Problem(tree.place(keys), message)
    elif not stack.partition.could_have(stack.region):
        home = partition_of(stack.region)
        belongs = f"it is in {home.id}" if home else f"its regions are {', '.join(stack.partition.regions[:3])}, …"
        message = f"region {quote(stack.region)} is not in partition {stack.partition.id}; {belongs}"
        yield Problem(tree.place(keys), message)


def _check_roles(stack: RawStack, tree: Tree) -> Iterator[Problem]:
    for name, keys, role in stack.roles:
        if "name_prefix" not in role:
            yield from _problems(tree, keys, [limits.check_role_name(name)])
        for key in ("values", "values_files", "images", "families"):
            if key in role and "task_definitions" not in role:
                message = "needs task_definitions; list the task definitions there"
                yield Problem(tree.place((*keys, key)), message)
        yield from _check_trust(stack, keys, role, tree)
        yield from check_raw_policies(stack, keys, role, tree)
        yield from _check_tags(stack, keys, role, tree)
        yield from _check_managed_policies(stack, keys, role, tree)
        yield from _check_statements(stack, keys, role, tree)
        yield from _check_access(stack, keys, role, tree)
        boundary = role.get("permissions_boundary")
        yield from _problems(tree, (*keys, "permissions_boundary"), [_check_arn_belongs(boundary, stack)])
    shared = stack.defaults.get("permissions_boundary")
    yield from _problems(tree, ("defaults", "permissions_boundary"), [_check_arn_belongs(shared, stack)])


def _check_trust(stack: RawStack, keys: Keys, role: Mapping[str, Any], tree: Tree) -> Iterator[Problem]:
    if "trust_policy" in role:
        return
    trust = role.get("trust") or stack.defaults.get("trust")
    named = trust.get("conditions") if isinstance(trust, Mapping) else trust
    # The value may have any type, including unhashable ones.
    default: Any = next((word for kind, word in DEFAULT_TRUST.items() if kind == role.get("kind")), "off")
    conditions = named or default
    if conditions not in ("full", "account", "off"):
        return
    place = (*keys, "trust") if "trust" in role else keys
    context = Context(stack.partition.id if stack.partition else "aws", stack.region or "", stack.account)
    principals = mapping_in(trust, "principals")
    others = (("AWS", tuple(texts_in(principals, "aws"))), ("Service", tuple(texts_in(principals, "service"))))
    try:
        size = _trust_size(conditions, context, others)
    except ValueError as error:
        yield Problem(tree.place(place), str(error))
        return
    if size > LARGEST_TRUST_POLICY:
        yield Problem(
            tree.place(place), f"a trust policy must be at most {LARGEST_TRUST_POLICY} characters long; got {size}"
        )


# Most roles of a file have the same trust policy.
@lru_cache(maxsize=256)
def _trust_size(
    conditions: TrustConditions, context: Context, principals: tuple[tuple[str, tuple[str, ...]], ...]
) -> int:
    return policy_size(trust_policy(conditions, context, {kind: list(names) for kind, names in principals if names}))


def _check_tags(stack: RawStack, keys: Keys, role: Mapping[str, Any], tree: Tree) -> Iterator[Problem]:
    layers = [mapping_in(layer, "tags") for layer in (stack.defaults, stack.data, role)]
    if any(layers[:2]):
        together = {key: value for layer in layers for key, value in layer.items()}
        yield from _problems(tree, (*keys, "tags") if layers[2] else keys, [limits.check_tags(together)])


def _check_arn_belongs(text: Any, stack: RawStack) -> str | None:
    """Check that a managed policy is in the partition and account of the role."""
    arn = _parsed(text)
    if arn is None or stack.partition is None:
        return None
    if arn.partition != stack.partition.id:
        where = f"stack {stack.name} is in partition {stack.partition.id}"
        return f"{where}; got an ARN of partition {arn.partition}: {quote(text)}"
    if arn.account not in ("aws", stack.account) and stack.account and ACCOUNT.fullmatch(stack.account):
        return f"must be a policy of account {stack.account}, as the role is; got a policy of {arn.account}"
    return None


def _parsed(text: Any) -> Arn | None:
    try:
        return parse_arn(text) if isinstance(text, str) and text.startswith("arn:") else None
    except ValueError:
        return None


def _check_managed_policies(stack: RawStack, keys: Keys, role: Mapping[str, Any], tree: Tree) -> Iterator[Problem]:
    names = list_in(role, "managed_policies")
    partition = stack.partition.id if stack.partition else "aws"
    seen: dict[str, int] = {}
    for index, name in enumerate(names):
        if not isinstance(name, str):
            continue
        place = (*keys, "managed_policies", index)
        arn = managed_policy_arn(name, partition)
        if arn in seen:
            yield Problem(tree.place(place), f"{quote(name)} is a duplicate of item {seen[arn] + 1}")
        seen.setdefault(arn, index)
        yield from _problems(tree, place, [_check_arn_belongs(name, stack)])
    count = len(seen) + (1 if _is_managed(stack, role) and list_in(role, "statements") else 0)
    if count > limits.MOST_MANAGED_POLICIES:
        rule = f"a role can have {limits.MOST_MANAGED_POLICIES} managed policies"
        yield Problem(tree.place((*keys, "managed_policies")), f"{rule}; got {count}; merge some into statements")


def _check_statements(stack: RawStack, keys: Keys, role: Mapping[str, Any], tree: Tree) -> Iterator[Problem]:
    statements = list_in(role, "statements")
    readable = [(index, statement) for index, statement in enumerate(statements) if isinstance(statement, Mapping)]
    for index, statement in readable:
        place = (*keys, "statements", index)
        for either in (("Action", "NotAction"), ("Resource", "NotResource")):
            given = [key for key in either if key in statement]
            if len(given) != 1:
                yield Problem(
                    tree.place(place), f"must have either {either[0]} or {either[1]}; got {len(given)} of them"
                )
        for key in ("Resource", "NotResource"):
            values = statement.get(key)
            for value in values if isinstance(values, list) else [values]:
                yield from _problems(tree, (*place, key), [_check_resource_partition(value, stack)])
    sids = Counter(
        statement["Sid"] for _, statement in readable if isinstance(statement.get("Sid"), str) and statement["Sid"]
    )
    for sid, count in sids.items():
        if count > 1:
            yield Problem(tree.place((*keys, "statements")), f"Sids must be unique; got {quote(sid)} {count} times")
    yield from _check_size(stack, keys, role, [statement for _, statement in readable], tree)


def _check_access(stack: RawStack, keys: Keys, role: Mapping[str, Any], tree: Tree) -> Iterator[Problem]:
    for key in ("grants", "deny"):
        for index, entry in enumerate(list_in(role, key)):
            named = entry.get("resources") if isinstance(entry, Mapping) else None
            for number, value in enumerate(named if isinstance(named, list) else [named]):
                place = (*keys, key, index, "resources", *((number,) if isinstance(named, list) else ()))
                yield from _problems(tree, place, [_check_resource_partition(value, stack)])


def _check_resource_partition(value: Any, stack: RawStack) -> str | None:
    if not isinstance(value, str) or not value.startswith("arn:") or stack.partition is None:
        return None
    partition = value.split(":")[1]
    if partition in (stack.partition.id, "*") or partition not in partitions():
        return None
    return f"never matches: stack {stack.name} is in partition {stack.partition.id}; got {quote(value)}"


def _check_size(
    stack: RawStack, keys: Keys, role: Mapping[str, Any], statements: list[Mapping[str, Any]], tree: Tree
) -> Iterator[Problem]:
    if not statements:
        return
    managed = _is_managed(stack, role)
    largest = LARGEST_MANAGED_POLICY if managed else LARGEST_INLINE_SUM
    kind = "a managed policy" if managed else "a role's inline policies together"
    size = policy_size({"Version": VERSION, "Statement": statements})
    if size > largest:
        message = f"{kind} must be at most {largest} characters, not counting white space; got {size}"
        yield Problem(tree.place((*keys, "statements")), f"{message}, which is {size - largest} too many")


def _check_addresses(stack: RawStack, tree: Tree) -> Iterator[Problem]:
    """Check that all roles and attachments of a stack have different Terraform addresses."""
    partition = stack.partition.id if stack.partition else "aws"
    named: dict[str, str] = {}
    owners = own_attachments(stack)
    for name, keys, role in stack.roles:
        own = identifier(name)
        if named.setdefault(own, name) != name:
            message = f"would get the Terraform address of role {quote(named[own])}, {own}; rename one role"
            yield Problem(tree.place(keys), message)
        for index, policy in enumerate(list_in(role, "managed_policies")):
            if not isinstance(policy, str):
                continue
            arn = managed_policy_arn(policy, partition)
            address = attachment_identifier(name, arn)
            owner, first = owners.setdefault(address, (name, arn))
            if (owner, first) != (name, arn):
                message = f"would get the Terraform address of {first} of role {owner}, {address}; rename one role"
                yield Problem(tree.place((*keys, "managed_policies", index)), message)


def _check_names(stacks: list[RawStack], tree: Tree) -> Iterator[Problem]:
    """Check that names are unique in an account, ignoring case; stacks without an account may share one."""
    seen: dict[tuple[str | None, ...], tuple[str, str]] = {}
    for stack in stacks:
        partition = stack.partition.id if stack.partition else None
        where = f"account {stack.account}" if stack.account else "an account"
        unknown = "" if stack.account else "; if the stacks are in different accounts, set account in each"
        for key, keys, role in stack.roles:
            for kind, name in _iam_names(stack, key, role):
                first = seen.setdefault((partition, stack.account, kind, name.lower()), (stack.name, key))
                if first != (stack.name, key):
                    rule = f"{kind} names must be unique in {where}, ignoring case"
                    taken = f"{quote(name)} is in use by role {quote(first[1])} of stack {first[0]}"
                    yield Problem(tree.place(keys), f"{rule}; {taken}{unknown}")


def _iam_names(stack: RawStack, key: str, role: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    prefix = first_text(role.get("name_prefix"))
    if prefix is None:
        yield "role", key
    if _is_managed(stack, role) and list_in(role, "statements"):
        yield "policy", managed_policy_name(key, prefix)


def _is_managed(stack: RawStack, role: Mapping[str, Any]) -> bool:
    return bool(role.get("policy_delivery", stack.defaults.get("policy_delivery")) == "managed")


def _check_backend(settings: Any, keys: Keys, tree: Tree) -> Iterator[Problem]:
    backend = backend_in(settings)
    for key, message in backend.problems(settings) if backend else ():
        yield Problem(tree.place((*keys, key)), message)


def _check_states(stacks: list[RawStack], tree: Tree) -> Iterator[Problem]:
    """Check that no two stacks share a state."""
    seen: dict[tuple[Any, ...], str] = {}
    for stack in stacks:
        own = "backend" in stack.data
        settings = stack.data.get("backend") if own else tree.data.get("backend")
        settings = {"type": "local"} if settings is None else settings
        backend = backend_in(settings)
        if backend is None:
            continue
        state = (settings["type"], *backend.identity(settings, stack.name, stack.region or ""))
        first = seen.setdefault(state, stack.name)
        if first != stack.name:
            keys: Keys = (*stack.keys, "backend") if own else ("backend",)
            message = f"stacks {first} and {stack.name} would share one state, {quote(state[-1])}"
            yield Problem(
                tree.place(keys), f"{message}; remove {backend.state[-1]}, or set a different one in each stack"
            )
