"""Builds the policies of a role from grants: canonical documents within IAM's quotas, inline or managed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from taskrole.errors import TaskroleError, printable, quote
from taskrole.grant import Grant
from taskrole.limits import MOST_MANAGED_POLICIES
from taskrole.policy.documents.merge import Statement, merge_grants, statements_document, trace_statements
from taskrole.policy.documents.policy import Policy, PolicyKind
from taskrole.policy.documents.split import PolicyTooLargeError, split_statements
from taskrole.policy.documents.statements import (
    LARGEST_INLINE_SUM,
    LARGEST_MANAGED_POLICY,
    compact_text,
    unwritable_character,
)

__all__ = [
    "PolicyTextError",
    "PolicyTooLargeError",
    "Statement",
    "build_policies",
    "merge_grants",
    "statement_grants",
]


class PolicyTextError(TaskroleError):
    """A policy would have characters that IAM refuses; the message has one line per text."""


def build_policies(
    grants: Iterable[Grant], *, kind: PolicyKind, base_name: str, attachments: int = 0, inline_used: int = 0
) -> tuple[Policy, ...]:
    """Return the policies that allow exactly what the grants allow; none for no grants.

    A single policy is named `base_name`; several are named `base_name-1` and so on. If an inline policy would exceed
    the role's quota of 10,240 characters, minus the `inline_used` of other policies, it becomes managed policies of at
    most 6,144 each, as many as the role can attach in addition to `attachments`. Sizes are in characters as IAM counts.

    Raises PolicyTooLargeError if these are not enough, PolicyTextError for characters that IAM refuses.
    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
    """
    statements = merge_grants(grants)
    if not statements:
        return ()
    whole = statements_document(statements)
    text = compact_text(whole)
    # ASCII without escapes has no character that IAM refuses; to look at each text of a policy would take longer.
    is_usual = text.isascii() and "\\" not in text
    if not is_usual and (problems := list(_refused_texts(statements))):
        raise PolicyTextError("\n".join(f"{printable(base_name)}: {problem}" for problem in problems))
    room = LARGEST_INLINE_SUM - inline_used if kind == "inline" else LARGEST_MANAGED_POLICY
    if len(text) <= room:
        return (Policy(base_name, kind, whole),)
    parts = split_statements(statements, most=max(0, MOST_MANAGED_POLICIES - attachments), name=printable(base_name))
    names = [base_name] if len(parts) == 1 else [f"{base_name}-{number}" for number in range(1, len(parts) + 1)]
    documents = map(statements_document, parts)
    return tuple(Policy(name, "managed", document) for name, document in zip(names, documents, strict=True))


def statement_grants(policies: Iterable[Policy], grants: Iterable[Grant]) -> dict[str, tuple[Statement, ...]]:
    """Return the statements of each policy by the policy's name, each with the grants that made it.

    The policies must be built by `build_policies` from these grants.
    """
    built = tuple(policies)
    traced = trace_statements([policy.document for policy in built], grants)
    return {policy.name: statements for policy, statements in zip(built, traced, strict=True)}


def _refused_texts(statements: Sequence[Statement]) -> Iterator[str]:
    for text in sorted({text for statement in statements for text in _texts(statement)}):
        bad = unwritable_character(text)
        if bad is not None:
            yield (
                f"a policy can have characters up to U+00FF; got U+{ord(bad):04X} in {quote(text)}; "
                "write ? for each such character of a resource"
            )


def _texts(statement: Statement) -> Iterator[str]:
    yield from statement.actions
    yield from statement.resources
    for _, key, values in statement.conditions:
        yield key
        yield from values
