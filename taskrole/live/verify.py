"""Verify: is the live role what roles.yaml says? Item by item, so that a person finds the one that is wrong."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from taskrole.arns import Context
from taskrole.live.roles import LiveRole
from taskrole.policy.documents.statements import Document, canonical
from taskrole.role import Role

VerifiedStatus = Literal["OK", "NG", "missing", "extra"]


@dataclass(frozen=True)
class VerifiedItem:
    """One comparison: what was looked at, how it stands, and both sides where they differ."""

    item: str
    status: VerifiedStatus
    expected: Any = None
    found: Any = None


def compare_role(expected: Role, live: LiveRole | None, context: Context) -> list[VerifiedItem]:
    """Return every item of a declared role, compared with the live one (None: there is no such role)."""
    if live is None:
        return [VerifiedItem(f"role {expected.title}", "missing", expected.title)]
    found = live.role
    return [
        _same("name", expected.name or found.name, found.name),
        *_account(live, context),
        _same("path", expected.path, found.path),
        _same("description", expected.description, found.description),
        _same("trust policy", meaning(expected.trust), meaning(found.trust)),
        _same("permissions boundary", expected.permissions_boundary, found.permissions_boundary),
        _same("max session duration", expected.max_session_duration, found.max_session_duration),
        *_compare_sets("attached", expected.attachments, found.attachments),
        *_compare_maps("inline policy", _documents(expected, "inline"), _documents(found, "inline")),
        *_compare_maps("managed policy", _documents(expected, "managed"), _documents(found, "managed")),
        *_compare_maps("tag", expected.tags, found.tags),
    ]


def _account(live: LiveRole, context: Context) -> list[VerifiedItem]:
    return [_same("account", context.account, live.arn.split(":")[4])] if context.account else []


def _same(item: str, expected: Any, found: Any) -> VerifiedItem:
    return VerifiedItem(item, "OK", found) if expected == found else VerifiedItem(item, "NG", expected, found)


def _compare_sets(item: str, expected: Iterable[str], found: Iterable[str]) -> Iterator[VerifiedItem]:
    return _compare_maps(item, dict.fromkeys(expected, True), dict.fromkeys(found, True))


def _compare_maps(item: str, expected: Mapping[str, Any], found: Mapping[str, Any]) -> Iterator[VerifiedItem]:
    for name in sorted({*expected, *found}):
        title = f"{item} {name}"
        if name not in found:
            yield VerifiedItem(title, "missing", expected[name])
        elif name not in expected:
            yield VerifiedItem(title, "extra", None, found[name])
        else:
            yield _same(title, expected[name], found[name])


def _documents(role: Role, kind: str) -> dict[str, Document]:
    return {policy.name: meaning(policy.document) for policy in role.policies if policy.kind == kind}


def meaning(document: Document) -> Document:
    """Return a document without Sids, which change nothing, in canonical order."""
    statements = canonical(document)["Statement"]
    return canonical(
        {**document, "Statement": [{k: v for k, v in statement.items() if k != "Sid"} for statement in statements]}
    )
