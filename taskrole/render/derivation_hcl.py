"""Formats derived roles as Terraform: aws_iam_role and its policies, each statement with its reasons as comments."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from taskrole.addresses import identifier
from taskrole.export.hcl import hcl
from taskrole.export.terms import Attribute, Block, Expression, FunctionCall, Noted, Value, Word
from taskrole.families import Family
from taskrole.policy.documents.build import Statement, statement_grants
from taskrole.policy.documents.statements import Document, statements_of
from taskrole.render.role_names import role_names
from taskrole.role import Role

_MOST_FILES = 5


def derivation_hcl(families: Sequence[Family], roles: Mapping[str, Sequence[Role]]) -> str:
    """Return the roles of families, by name, as the text of a .tf file; roles without permissions are left out."""
    names = role_names([family.name for family in families])
    return hcl(
        block
        for family in families
        for role in roles[family.name]
        if role.policies
        for block in _role_blocks(role, names[family.name, role.kind], family)
    )


def _role_blocks(role: Role, name: str, family: Family) -> Iterator[Block]:
    address = identifier(name)
    yield Block(
        "resource",
        ("aws_iam_role", address),
        (Attribute("name", name), Attribute("assume_role_policy", _document(role.trust))),
        (f"The {role.kind} role of {family.name}, derived by taskrole from {_files(family)}.",),
    )
    statements = statement_grants(role.policies, role.grants)
    for policy in role.policies:
        document = _document(policy.document, statements[policy.name])
        own_name = policy.name.removeprefix(f"{role.kind}-")
        yield from (
            _inline(own_name, address, document) if policy.kind == "inline" else _managed(own_name, name, document)
        )


def _inline(policy: str, role: str, document: Value) -> Iterator[Block]:
    body = (Attribute("name", policy), _role(role), Attribute("policy", document), _lifecycle(role))
    yield Block("resource", ("aws_iam_role_policy", f"{role}_{policy}"), body)


def _managed(policy: str, role: str, document: Value) -> Iterator[Block]:
    address = identifier(role)
    name = f"{address}_{policy}"
    body = (Attribute("name", f"{role}-{policy}"), Attribute("policy", document))
    yield Block("resource", ("aws_iam_policy", name), body)
    arn = Attribute("policy_arn", Expression(f"aws_iam_policy.{name}.arn"))
    yield Block("resource", ("aws_iam_role_policy_attachment", name), (_role(address), arn, _lifecycle(address)))


def _role(role: str) -> Attribute:
    return Attribute("role", Expression(f"aws_iam_role.{role}.name"))


def _lifecycle(role: str) -> Block:
    """Replace dependent resources together with the role."""
    return Block("lifecycle", (), (Attribute("replace_triggered_by", [Word(f"aws_iam_role.{role}.unique_id")]),))


def _document(document: Document, traced: Sequence[Statement] = ()) -> FunctionCall:
    values: list[Value] = []
    for index, statement in enumerate(statements_of(document)):
        reasons = tuple(sorted({grant.because for grant in traced[index].grants})) if traced else ()
        values.append(Noted(_plain(statement), statement.get("Sid", ""), reasons) if reasons else _plain(statement))
    return FunctionCall("jsonencode", ({"Version": document["Version"], "Statement": values},))


def _plain(value: Any) -> Any:
    return dict(value) if isinstance(value, Mapping) else value


def _files(family: Family) -> str:
    named = ", ".join(family.files[:_MOST_FILES])
    more = len(family.files) - _MOST_FILES
    return f"{named} and {more} more" if more > 0 else named
