"""Compares trust policies: who can assume a role before and after, as permissions with principals as resources.

Principals cover each other by these rules only:

- a principal: itself;
- `*`, or `{"AWS": "*"}`: every `AWS` principal; AWS does not document services and identity providers;
- another account, allowed: the users, roles and sessions of that account, whose own policies decide in either case;
- the role's own account, allowed: only itself, because it delegates to identity policies, which a user or role named
  in the trust policy does not need;
- an account, denied: the users, roles and sessions of that account.

If the role's account is unknown, any account may be its own. A role's trust policy cannot contain NotPrincipal.

Sources: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-basics-single-account.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import quote, unquote

from taskrole.arns import ACCOUNT
from taskrole.grant import Effect
from taskrole.policy.comparison.compare import UNKNOWN, Comparison, Row, compare
from taskrole.policy.documents.principals import named_principals
from taskrole.policy.documents.statements import Document, as_list, statements_of

_ROOT = re.compile(r"arn:[a-z0-9-]+:iam::([0-9]{12}):root")
_DIRECT = re.compile(r"arn:[a-z0-9-]+:(?:iam|sts)::([0-9]{12}):(?:user|role|assumed-role|federated-user)/.+", re.DOTALL)
_ANY_AWS = "AWS:*"
_REPLACED = frozenset({"Principal", "NotPrincipal", "Resource", "NotResource", "Sid"})


def compare_trust(before: Document | None, after: Document | None, account: str | None = None) -> Comparison:
    """Return how a trust policy change affects who can assume the role; None stands for no trust policy.

    `account` is the role's account, 12 digits; None if unknown. The resources of the rows are principals:
    `AWS:arn:…`, `AWS:111122223333` for an account, `Service:…`, `Federated:…`, or `*` for any AWS principal.
    """
    if before is not None and after is not None and before is not UNKNOWN and _is_same(before, after):
        return Comparison("no-change")
    comparison = compare(_permissions(before, account), _permissions(after, account))
    unresolved = (
        *(problem.replace("Resource", "Principal") for problem in comparison.unresolved),
        *(f"before: {problem}" for problem in _problems(before)),
        *(f"after: {problem}" for problem in _problems(after)),
    )
    # The unknown policy may still allow everything that the old one allowed.
    removed = () if after is UNKNOWN else _decoded(comparison.removed)
    return Comparison(
        "unresolved" if unresolved else comparison.verdict, _decoded(comparison.added), removed, unresolved
    )


def principals_of(document: Document) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield the principals that can assume a role, as in the rows of a comparison, each with its statement."""
    for statement in statements_of(document):
        if isinstance(statement, Mapping) and statement.get("Effect") == "Allow":
            for principal in principals(statement.get("Principal")):
                yield principal, statement


def principals(element: Any) -> Iterator[str]:
    """Yield the principals that a Principal or NotPrincipal element names, as in the rows of a comparison."""
    for kind, name in named_principals(element):
        root = _ROOT.fullmatch(str(name)) if kind == "AWS" else None
        if name == "*" and (kind == "AWS" or element == "*"):
            yield "*"
        elif isinstance(element, Mapping):
            yield f"{kind}:{root.group(1) if root else name}"


def account_of(principal: str) -> str | None:
    """Return the account of such a principal, or None for a service, `*`, or an unknown account."""
    kind, _, name = principal.partition(":")
    match = re.search(r"[0-9]{12}", name) if kind == "AWS" else None
    return match.group() if match else None


def principal_name(principal: str) -> str:
    """Return the display name of a principal."""
    kind, _, name = principal.partition(":")
    if principal == "*":
        return "anybody"
    return f"account {name}" if kind == "AWS" and ACCOUNT.fullmatch(name) else name


def _is_same(before: Document, after: Document) -> bool:
    try:
        text = repr(before)
        return before is after or text == repr(after)
    except RecursionError:
        return False


def _permissions(document: Document | None, account: str | None) -> list[Document]:
    if document is None:
        return []
    if document is UNKNOWN:
        return [UNKNOWN]
    try:
        statements = [_permission(statement, account) for statement in statements_of(document)]
    except TypeError:
        return [document]
    return [{**document, "Statement": statements}]


def _permission(statement: Any, account: str | None) -> Any:
    if not isinstance(statement, Mapping):
        return statement
    effect: Effect = "Allow" if statement.get("Effect") == "Allow" else "Deny"
    rest = {key: value for key, value in statement.items() if key not in _REPLACED}
    if "Principal" in statement:
        rest["Resource"] = [_encoded(name, effect, account) for name in principals(statement["Principal"])]
    if "NotPrincipal" in statement:
        rest["NotResource"] = [_encoded(name, "Deny", account) for name in principals(statement["NotPrincipal"])]
    return rest


def _problems(document: Document | None) -> Iterator[str]:
    """Yield each element that a role's trust policy cannot contain and that makes its effect unknown."""
    statements = document.get("Statement") if isinstance(document, Mapping) else None
    for number, statement in enumerate(as_list(statements) if isinstance(statements, (list, Mapping)) else (), 1):
        if not isinstance(statement, Mapping):
            continue
        for element in ("NotPrincipal", "Resource", "NotResource"):
            if element in statement:
                yield f"statement {number} has {element}, which the trust policy of a role cannot have"
        named = statement.get("Principal")
        names = [name for some in named.values() for name in as_list(some)] if isinstance(named, Mapping) else []
        if not all(isinstance(name, str) for name in names):
            yield f"statement {number} has a Principal that is not text"


def _encoded(principal: str, effect: Effect, own: str | None) -> str:
    """Return a principal as a resource pattern that contains exactly the patterns of the principals it covers."""
    kind, _, name = principal.partition(":")
    if principal == "*":
        return _ANY_AWS
    if kind != "AWS":
        return f"{_quoted(kind)}:{_quoted(name)}"
    if ACCOUNT.fullmatch(name):
        covers_all = effect == "Deny" or (own is not None and own != name)
        return f"AWS:{name}/{'*' if covers_all else ''}"
    direct = _DIRECT.fullmatch(name)
    return f"AWS:{direct.group(1) if direct else ''}/{_quoted(name)}"


def _decoded(rows: Iterable[Row]) -> tuple[Row, ...]:
    return tuple(sorted(replace(row, resources=tuple(sorted(map(_principal, row.resources)))) for row in rows))


def _principal(pattern: str) -> str:
    kind, _, name = pattern.partition(":")
    if pattern == _ANY_AWS:
        return "*"
    if kind == "AWS":
        account, _, name = name.partition("/")
        name = account if name in ("", "*") else name
    return f"{unquote(kind, errors='surrogatepass')}:{unquote(name, errors='surrogatepass')}"


def _quoted(text: str) -> str:
    return quote(text, safe="", errors="surrogatepass")
