"""Verify: compare a live role with roles.yaml, item by item."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Literal

from taskrole.arns import Context
from taskrole.dataclass import dataclass
from taskrole.policy.documents.statements import Document, canonical
from taskrole.role import DESCRIPTIVE_ATTRIBUTES, LIMITING_ATTRIBUTES, Role, RoleAttribute

VerifiedStatus = Literal["OK", "NG", "missing", "extra"]


@dataclass(frozen=True)
class VerifiedItem:
    """A comparison: the item, its status, and both values if they differ."""

    item: str
    status: VerifiedStatus
    expected: Any = None
    found: Any = None


@dataclass(frozen=True)
class VerifiedRole:
    """The comparison of a role; `arn` is that of the live role, or None if it does not exist."""

    key: str
    arn: str | None
    items: tuple[VerifiedItem, ...]


@dataclass(frozen=True)
class VerifiedStack:
    """The comparisons of a stack's roles."""

    name: str
    roles: tuple[VerifiedRole, ...]

    @property
    def items(self) -> Iterator[VerifiedItem]:
        """The compared items of all roles."""
        return (item for role in self.roles for item in role.items)


def compare_role(expected: Role, live: Role | None, context: Context) -> list[VerifiedItem]:
    """Return the comparison of every item of a declared role with the live role (None: it does not exist)."""
    if live is None:
        return [VerifiedItem(f"role {expected.title}", "missing", expected.title)]
    return [
        _same("name", expected.name or live.name, live.name),
        *_account(live, context),
        *_attributes(DESCRIPTIVE_ATTRIBUTES, expected, live),
        _same("trust policy", without_sids(expected.trust), without_sids(live.trust)),
        *_attributes(LIMITING_ATTRIBUTES, expected, live),
        *_compare_sets("attached", expected.attachments, live.attachments),
        *_compare_maps("inline policy", _documents(expected, "inline"), _documents(live, "inline")),
        *_compare_maps("managed policy", _documents(expected, "managed"), _documents(live, "managed")),
        *_compare_maps("tag", expected.tags, live.tags),
    ]


def _account(live: Role, context: Context) -> list[VerifiedItem]:
    return [_same("account", context.account, live.iam_arn.split(":")[4])] if context.account else []


def _attributes(attributes: Iterable[RoleAttribute], expected: Role, live: Role) -> Iterator[VerifiedItem]:
    for name in (attribute.name for attribute in attributes if attribute.members):
        yield _same(name.replace("_", " "), getattr(expected, name), getattr(live, name))


def _same(item: str, expected: Any, actual: Any) -> VerifiedItem:
    return VerifiedItem(item, "OK", actual) if expected == actual else VerifiedItem(item, "NG", expected, actual)


def _compare_sets(item: str, expected: Iterable[str], actual: Iterable[str]) -> Iterator[VerifiedItem]:
    return _compare_maps(item, dict.fromkeys(expected, True), dict.fromkeys(actual, True))


def _compare_maps(item: str, expected: Mapping[str, Any], actual: Mapping[str, Any]) -> Iterator[VerifiedItem]:
    for name in sorted({*expected, *actual}):
        title = f"{item} {name}"
        if name not in actual:
            yield VerifiedItem(title, "missing", expected[name])
        elif name not in expected:
            yield VerifiedItem(title, "extra", None, actual[name])
        else:
            yield _same(title, expected[name], actual[name])


def _documents(role: Role, kind: str) -> dict[str, Document]:
    return {policy.name: without_sids(policy.document) for policy in role.policies if policy.kind == kind}


def without_sids(document: Document) -> Document:
    """Return a document in canonical order without Sids, which have no effect."""
    statements = canonical(document)["Statement"]
    return canonical(
        {**document, "Statement": [{k: v for k, v in statement.items() if k != "Sid"} for statement in statements]}
    )
