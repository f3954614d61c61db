"""Who may assume a role, before and after: held against one another like permissions, with principals for resources."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from taskrole.arns import ACCOUNT
from taskrole.errors import printable
from taskrole.grant import Condition
from taskrole.policy.comparison.compare import UNKNOWN, Comparison, Row, compare
from taskrole.policy.documents.statements import Document, as_list, statements_of

_ROOT = re.compile(r"arn:([a-z0-9-]+):iam::([0-9]{12}):root")


def compare_trust(before: Document | None, after: Document | None) -> Comparison:
    """Return what a change of the trust policy does to who may assume the role; None is a policy of nobody.

    The resources of the rows are principals as `AWS:arn:…`, `Service:…`, `Federated:…`, or `*` for anybody. An
    account's root stands for all principals of the account, as IAM takes it.
    """
    return compare(_permissions(before), _permissions(after))


def principals_of(document: Document) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield who may assume a role, as `AWS:arn:…` or `*`, each with the statement that says so."""
    for statement in statements_of(document):
        if isinstance(statement, Mapping) and statement.get("Effect") == "Allow":
            for principal in _principals(statement.get("Principal")):
                yield principal, statement


def account_of(principal: str) -> str | None:
    """Return the account of a principal as above, or None where it is a service, anybody, or not known."""
    kind, _, name = principal.partition(":")
    found = re.search(r"[0-9]{12}", name) if kind == "AWS" else None
    return found.group() if found else None


def trust_sentences(row: Row) -> Iterator[str]:
    """Yield one row of a comparison of trust as clauses, one a principal."""
    names = [principal_name(one) for one in row.resources]
    what = "" if row.actions == ("sts:AssumeRole",) else f" by {', '.join(row.actions)}"
    denied = "may not assume it" if row.effect == "Deny" else "may assume it"
    for who in [f"everybody but {', '.join(names)}"] if row.not_resources else names:
        yield printable(f"{who} {denied}{what}{conditions_clause(row.conditions)}")


def principal_name(principal: str) -> str:
    """Return a principal as a person names it."""
    kind, _, name = principal.partition(":")
    if principal == "*":
        return "anybody"
    found = re.fullmatch(r"arn:[a-z0-9-]+:iam::([0-9]{12}):\*", name)
    return f"account {found.group(1)}" if kind == "AWS" and found else name


def conditions_clause(conditions: Iterable[Condition]) -> str:
    """Return conditions as the end of a sentence; nothing for none."""
    told = [f"{key} {operator} {' or '.join(values)}" for operator, key, values in conditions]
    return f" if {' and '.join(told)}" if told else ""


def _permissions(document: Document | None) -> list[Document]:
    if document is None:
        return []
    if document is UNKNOWN:
        return [UNKNOWN]
    try:
        statements = [_permission(one) for one in statements_of(document)]
    except TypeError:
        return [document]
    return [{**document, "Statement": statements}]


def _permission(statement: Any) -> Any:
    if not isinstance(statement, Mapping):
        return statement
    rest = {key: value for key, value in statement.items() if key not in ("Principal", "NotPrincipal", "Sid")}
    for element, resource in (("Principal", "Resource"), ("NotPrincipal", "NotResource")):
        if element in statement:
            rest[resource] = list(_principals(statement[element]))
    return rest


def _principals(value: Any) -> Iterator[str]:
    if value == "*":
        yield "*"
    for kind, names in value.items() if isinstance(value, Mapping) else ():
        for name in as_list(names):
            if kind == "AWS" and name == "*":
                yield "*"
            elif kind == "AWS" and isinstance(name, str):
                root = _ROOT.fullmatch(name)
                account = name if ACCOUNT.fullmatch(name) else root.group(2) if root else None
                partition = root.group(1) if root else "aws"
                yield f"AWS:arn:{partition}:iam::{account}:*" if account else f"AWS:{name}"
            else:
                yield f"{kind}:{name}"
