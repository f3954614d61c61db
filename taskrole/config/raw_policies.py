"""Policies as they stand in IAM, word for word: `trust_policy` and `inline_policies`, for roles that others made.

Whatever IAM took is kept, also what taskrole itself never writes (NotPrincipal, condition operators that are not known
here); refused is only what IAM would refuse, or what would end in a Terraform address that is taken.
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

# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html: 2,048, which AWS raises on request.
LARGEST_RAISED_TRUST_POLICY = 4_096

# The names of the policies that taskrole writes itself: of statements, and of what is granted beside them.
OWN_POLICY = "permissions"
GRANTED_POLICY = "grants"
# Too many grants for one policy become several.
_GRANTED_POLICIES = (GRANTED_POLICY, *(f"{GRANTED_POLICY}-{one + 1}" for one in range(limits.MOST_MANAGED_POLICIES)))

_ELEMENTS = frozenset(("Version", "Id", "Statement"))
_STATEMENT = frozenset(("Sid", "Effect", "Action", "NotAction", "Condition"))
_RESOURCES = frozenset(("Resource", "NotResource"))
_PRINCIPALS = frozenset(("Principal", "NotPrincipal"))
_EITHER = (("Action", "NotAction"), ("Resource", "NotResource"), ("Principal", "NotPrincipal"))


def check_policy_name(name: str) -> str | None:
    """Check the name of an inline policy: 1 to 128 letters, digits and `_+=,.@-`."""
    if re.fullmatch(r"[A-Za-z0-9_+=,.@-]{1,128}", name):
        return None
    return f"the name of a policy must be 1 to 128 letters, digits and _+=,.@-; got {quote(name)}"


def check_inline_policy(document: Mapping[str, Any]) -> str | None:
    """Check that IAM could have taken a document as a role's inline policy."""
    return _check_document(document, _STATEMENT | _RESOURCES)


def check_trust_policy(document: Mapping[str, Any]) -> str | None:
    """Check that IAM could have taken a document as a trust policy."""
    problem = _check_document(document, _STATEMENT | _PRINCIPALS)
    size = 0 if problem else policy_size(document)
    if size > LARGEST_RAISED_TRUST_POLICY:
        return f"a trust policy must be at most {LARGEST_RAISED_TRUST_POLICY} characters long; got {size}"
    return problem


def literal_document(document: Mapping[str, Any]) -> Document:
    """Return a document word for word, its statements in a list also where one stands alone."""
    return {**document, "Statement": statements_of(document)}


def check_raw_policies(stack: RawStack, keys: Keys, role: Mapping[str, Any], tree: Tree) -> Iterator[Problem]:
    """Yield what is wrong with a role's word-for-word policies beside its other settings."""
    if "trust" in role and "trust_policy" in role:
        yield Problem(tree.place((*keys, "trust_policy")), "says who may assume the role, and so does trust; keep one")
    policies = mapping_in(role, "inline_policies")
    if role.get("adopt") is True and first_text(role.get("name_prefix")):
        message = "takes over a role by its full name, and name_prefix is for a new one; use the name as the key"
        yield Problem(tree.place((*keys, "adopt")), message)
    own = {OWN_POLICY: ("statements",), **dict.fromkeys(_GRANTED_POLICIES, PERMISSION_KEYS)}
    for name, causes in own.items() if policies else ():
        cause = next((one for one in causes if role.get(one)), None)
        if name in policies and cause:
            message = f"is the name of the policy that taskrole makes of {cause}; merge the two"
            yield Problem(tree.place((*keys, "inline_policies", name)), message)
    statements = [one for one in list_in(role, "statements") if isinstance(one, Mapping)]
    size = sum(policy_size(policy) for policy in policies.values() if isinstance(policy, Mapping))
    size += policy_size({"Version": VERSION, "Statement": statements}) if statements and _is_inline(stack, role) else 0
    if policies and size > LARGEST_INLINE_SUM:
        message = f"a role's inline policies together must be at most {LARGEST_INLINE_SUM} characters; got {size}"
        yield Problem(tree.place((*keys, "inline_policies")), message)


def check_policy_addresses(stack: RawStack, tree: Tree) -> Iterator[Problem]:
    """Check that no two inline policies of a stack get one Terraform address."""
    owners: dict[str, str] = {}
    for key, _, role in stack.roles():
        for name, causes in ((OWN_POLICY, ("statements",)), (GRANTED_POLICY, PERMISSION_KEYS)):
            if any(role.get(cause) for cause in causes):
                owners.setdefault(policy_identifier(key, name), f"policy {name} of role {key}")
    for key, keys, role in stack.roles():
        for name in mapping_in(role, "inline_policies"):
            mine = f"policy {name} of role {key}"
            address = policy_identifier(key, name)
            first = owners.setdefault(address, mine)
            if first != mine:
                message = f"would get the Terraform address of {first}, {address}; rename one of them"
                yield Problem(tree.place((*keys, "inline_policies", name)), message)


def own_attachments(stack: RawStack) -> dict[str, tuple[str, str]]:
    """Return the identifiers that attachments of the roles' own managed policies may get, with role and policy.

    Grants become managed policies also where they are too many for an inline one.
    """
    found: dict[str, tuple[str, str]] = {}
    for key, _, role in stack.roles():
        names = _GRANTED_POLICIES if any(role.get(cause) for cause in PERMISSION_KEYS) else ()
        if role.get("statements") and not _is_inline(stack, role):
            names = (*names, OWN_POLICY)
        found |= {policy_identifier(key, name): (key, f"policy {name}") for name in names}
    return found


def _is_inline(stack: RawStack, role: Mapping[str, Any]) -> bool:
    return bool(role.get("policy_delivery", stack.defaults.get("policy_delivery")) != "managed")


def _check_document(document: Mapping[str, Any], elements: frozenset[str]) -> str | None:
    unknown = sorted(set(document) - _ELEMENTS)
    if unknown:
        return f"a policy has Version, Id and Statement; got {quote(unknown[0])}"
    version = document.get("Version", VERSION_WHEN_ABSENT)
    if version not in (VERSION, VERSION_WHEN_ABSENT):
        return f"a policy's Version must be {VERSION} or {VERSION_WHEN_ABSENT}; got {quote(version)}"
    if not isinstance(document.get("Id", ""), str):
        return f"a policy's Id must be text; got {quote(document['Id'])}"
    statements = document.get("Statement")
    if isinstance(statements, Mapping):
        statements = [statements]
    if not isinstance(statements, list) or not statements:
        return f"a policy's Statement must be one statement or a list of them; got {quote(statements)}"
    for number, statement in enumerate(statements, 1):
        problem = _check_statement(statement, elements)
        if problem:
            return f"statement {number} {problem}"
    bad = unwritable_character(_all_text(document))
    return f"a policy may hold characters up to U+00FF; got {quote(bad)}" if bad else None


def _check_statement(statement: Any, elements: frozenset[str]) -> str | None:
    if not isinstance(statement, Mapping):
        return f"must be a mapping with Effect and Action; got {quote(statement)}"
    unknown = sorted(set(statement) - elements)
    if unknown:
        return f"has {quote(unknown[0])}, which IAM does not know there; known are {', '.join(sorted(elements))}"
    if statement.get("Effect") not in ("Allow", "Deny"):
        return f"must have an Effect, Allow or Deny; got {quote(statement.get('Effect'))}"
    for either in _EITHER:
        given = [one for one in either if one in statement]
        if either[0] in elements and len(given) != 1:
            return f"must have either {either[0]} or {either[1]}; got {len(given)} of them"
    problem = statement_problem(statement)
    return f"is malformed: {problem}" if problem else _check_values(statement)


def _check_values(statement: Mapping[str, Any]) -> str | None:
    """Check the values of a statement that has the shape of one."""
    empty = next((key for key in ("Action", "NotAction", "Resource", "NotResource") if statement.get(key) == []), None)
    if empty:
        return f"must name at least one value under {empty}; got []"
    principal = statement.get("Principal", statement.get("NotPrincipal", "*"))
    if isinstance(principal, str) and principal != "*":
        return f"must have * or a mapping, such as AWS: ARN, as principal; got {quote(principal)}"
    return None


def _all_text(value: Any) -> str:
    if isinstance(value, Mapping):
        return "".join(f"{key}{_all_text(one)}" for key, one in value.items())
    if isinstance(value, list):
        return "".join(map(_all_text, value))
    return value if isinstance(value, str) else ""
