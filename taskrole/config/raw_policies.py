"""Verbatim policy documents: `trust_policy` and `inline_policies`, for existing roles.

Everything that IAM accepts is kept, including elements that taskrole never writes (NotPrincipal, unknown condition
operators). Only documents that IAM would reject, and names that result in a Terraform address in use, are problems.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from taskrole import limits
from taskrole.addresses import policy_identifier
from taskrole.config.raw import PERMISSION_KEYS, RawStack, first_text, list_in, mapping_in
from taskrole.errors import Problem, quote
from taskrole.policy.documents.schema import statement_problem
from taskrole.policy.documents.statements import (
    LARGEST_INLINE_SUM,
    VERSION,
    VERSION_WHEN_ABSENT,
    Document,
    policy_size,
    statements_of,
    unwritable_character,
)
from taskrole.yaml_reader import Keys, Tree

# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html: 2,048, which can be increased.
LARGEST_RAISED_TRUST_POLICY = 4_096

# The names of the policies that taskrole writes: from statements, and from grants.
OWN_POLICY = "permissions"
GRANTED_POLICY = "grants"
# Grants that exceed the size of a policy are split into several policies.
_GRANTED_POLICIES = (
    GRANTED_POLICY,
    *(f"{GRANTED_POLICY}-{number + 1}" for number in range(limits.MOST_MANAGED_POLICIES)),
)

_ELEMENTS = frozenset(("Version", "Id", "Statement"))
_STATEMENT = frozenset(("Sid", "Effect", "Action", "NotAction", "Condition"))
_RESOURCES = frozenset(("Resource", "NotResource"))
_PRINCIPALS = frozenset(("Principal", "NotPrincipal"))
_EITHER = (("Action", "NotAction"), ("Resource", "NotResource"), ("Principal", "NotPrincipal"))


def check_policy_name(name: str) -> str | None:
    """Check the name of an inline policy: 1 to 128 letters, digits and `_+=,.@-`."""
    if re.fullmatch(r"[A-Za-z0-9_+=,.@-]{1,128}", name):
        return None
    return f"a policy name must be 1 to 128 letters, digits and _+=,.@-; got {quote(name)}"


def check_inline_policy(document: Mapping[str, Any]) -> str | None:
    """Check that IAM accepts a document as an inline policy of a role."""
    return _check_document(document, _STATEMENT | _RESOURCES)


def check_trust_policy(document: Mapping[str, Any]) -> str | None:
    """Check that IAM accepts a document as a trust policy."""
    problem = _check_document(document, _STATEMENT | _PRINCIPALS)
    size = 0 if problem else policy_size(document)
    if size > LARGEST_RAISED_TRUST_POLICY:
        return f"a trust policy must be at most {LARGEST_RAISED_TRUST_POLICY} characters long; got {size}"
    return problem


def literal_document(document: Mapping[str, Any]) -> Document:
    """Return a document unchanged, except that a single statement becomes a list."""
    return {**document, "Statement": statements_of(document)}


def check_raw_policies(stack: RawStack, keys: Keys, role: Mapping[str, Any], tree: Tree) -> Iterator[Problem]:
    """Yield conflicts between a role's verbatim policies and its other settings."""
    if "trust" in role and "trust_policy" in role:
        yield Problem(tree.place((*keys, "trust_policy")), "conflicts with trust; remove one of them")
    policies = mapping_in(role, "inline_policies")
    if role.get("adopt") is True and first_text(role.get("name_prefix")):
        message = "needs the full name of the role, as its key; remove name_prefix"
        yield Problem(tree.place((*keys, "adopt")), message)
    if not policies:
        return
    own = {OWN_POLICY: ("statements",), **dict.fromkeys(_GRANTED_POLICIES, PERMISSION_KEYS)}
    for name, causes in own.items():
        cause = next((cause for cause in causes if role.get(cause)), None)
        if name in policies and cause:
            message = f"is the name of the policy that taskrole makes from {cause}; merge the two"
            yield Problem(tree.place((*keys, "inline_policies", name)), message)
    statements = [statement for statement in list_in(role, "statements") if isinstance(statement, Mapping)]
    size = sum(policy_size(policy) for policy in policies.values() if isinstance(policy, Mapping))
    size += policy_size({"Version": VERSION, "Statement": statements}) if statements and _is_inline(stack, role) else 0
    if size > LARGEST_INLINE_SUM:
        message = f"a role's inline policies together must be at most {LARGEST_INLINE_SUM} characters; got {size}"
        yield Problem(tree.place((*keys, "inline_policies")), message)


def check_policy_addresses(stack: RawStack, tree: Tree) -> Iterator[Problem]:
    """Check that all inline policies of a stack have different Terraform addresses."""
    owners: dict[str, str] = {}
    for key, _, role in stack.roles:
        for name, causes in ((OWN_POLICY, ("statements",)), (GRANTED_POLICY, PERMISSION_KEYS)):
            if any(role.get(cause) for cause in causes):
                owners.setdefault(policy_identifier(key, name), f"policy {name} of role {key}")
    for key, keys, role in stack.roles:
        for name in mapping_in(role, "inline_policies"):
            mine = f"policy {name} of role {key}"
            address = policy_identifier(key, name)
            first = owners.setdefault(address, mine)
            if first != mine:
                message = f"would get the Terraform address of {first}, {address}; rename one of them"
                yield Problem(tree.place((*keys, "inline_policies", name)), message)


def own_attachments(stack: RawStack) -> dict[str, tuple[str, str]]:
    """Return the possible identifiers of attachments of the roles' own managed policies, with role and policy.

    Grants also become managed policies if they exceed the size of inline policies.
    """
    owners: dict[str, tuple[str, str]] = {}
    for key, _, role in stack.roles:
        names = _GRANTED_POLICIES if any(role.get(cause) for cause in PERMISSION_KEYS) else ()
        if role.get("statements") and not _is_inline(stack, role):
            names = (*names, OWN_POLICY)
        owners |= {policy_identifier(key, name): (key, f"policy {name}") for name in names}
    return owners


def _is_inline(stack: RawStack, role: Mapping[str, Any]) -> bool:
    return bool(role.get("policy_delivery", stack.defaults.get("policy_delivery")) != "managed")


def _check_document(document: Mapping[str, Any], elements: frozenset[str]) -> str | None:
    unknown = sorted(set(document) - _ELEMENTS)
    if unknown:
        return f"a policy must have Version, Id and Statement only; got {quote(unknown[0])}"
    version = document.get("Version", VERSION_WHEN_ABSENT)
    if version not in (VERSION, VERSION_WHEN_ABSENT):
        return f"a policy's Version must be {VERSION} or {VERSION_WHEN_ABSENT}; got {quote(version)}"
    if not isinstance(document.get("Id", ""), str):
        return f"a policy's Id must be text; got {quote(document['Id'])}"
    statements = document.get("Statement")
    if isinstance(statements, Mapping):
        statements = [statements]
    if not isinstance(statements, list) or not statements:
        return f"a policy's Statement must be a statement or a list of statements; got {quote(statements)}"
    for number, statement in enumerate(statements, 1):
        problem = _check_statement(statement, elements)
        if problem:
            return f"statement {number} {problem}"
    bad = unwritable_character(_all_text(document))
    return f"characters in a policy must be at most U+00FF; got {quote(bad)}" if bad else None


def _check_statement(statement: Any, elements: frozenset[str]) -> str | None:
    if not isinstance(statement, Mapping):
        return f"must be a mapping with Effect and Action; got {quote(statement)}"
    unknown = sorted(set(statement) - elements)
    if unknown:
        return f"has an unknown element {quote(unknown[0])}; must be one of {', '.join(sorted(elements))}"
    if statement.get("Effect") not in ("Allow", "Deny"):
        return f"must have an Effect, Allow or Deny; got {quote(statement.get('Effect'))}"
    for either in _EITHER:
        given = [key for key in either if key in statement]
        if either[0] in elements and len(given) != 1:
            return f"must have either {either[0]} or {either[1]}; got {len(given)} of them"
    problem = statement_problem(statement)
    return f"is malformed: {problem}" if problem else _check_values(statement)


def _check_values(statement: Mapping[str, Any]) -> str | None:
    """Check the values of a well-formed statement."""
    empty = next((key for key in ("Action", "NotAction", "Resource", "NotResource") if statement.get(key) == []), None)
    if empty:
        return f"must have at least one value in {empty}; got []"
    principal = statement.get("Principal", statement.get("NotPrincipal", "*"))
    if isinstance(principal, str) and principal != "*":
        return f"must have * or a mapping, such as AWS: ARN, as its principal; got {quote(principal)}"
    return None


def _all_text(value: Any) -> str:
    if isinstance(value, Mapping):
        return "".join(f"{key}{_all_text(item)}" for key, item in value.items())
    if isinstance(value, list):
        return "".join(map(_all_text, value))
    return value if isinstance(value, str) else ""
