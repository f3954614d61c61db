"""The Terraform resources of a role as data: EcsRole creates them one by one, role_batch.py those of many roles."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from taskrole.addresses import attachment_identifier, identifier, own_policy_identifier
from taskrole.policy.documents.policy import Policy
from taskrole.policy.documents.statements import policy_text
from taskrole.role import PLAIN_ATTRIBUTES, Role
from taskrole_cdktf.engine import (
    IamPolicy,
    IamRole,
    IamRolePoliciesExclusive,
    IamRolePolicy,
    IamRolePolicyAttachment,
    IamRolePolicyAttachmentsExclusive,
)
from taskrole_cdktf.literals import literal, literals


@dataclass(frozen=True)
class Attribute:
    """An attribute of another resource of the same role, by the id of that resource's construct."""

    of: str
    name: str


@dataclass(frozen=True)
class Resource:
    """A resource of a role: the provider's class, and its arguments.

    `id` is the construct's, `logical_id` Terraform's. `arguments` have their names in Python; a value may be an
    Attribute, or a tuple of them, of resources before this one. Terraform replaces the resource whenever one of
    `replaced_with` changes, and imports it by `import_id` if it is set.
    """

    type: Any
    id: str
    logical_id: str
    arguments: Mapping[str, Any]
    replaced_with: tuple[str, ...] = ()
    import_id: str | None = None


# The role itself, among its resources.
ROLE = "role"
_ROLE_NAME = Attribute(ROLE, "name")


def role_resources(
    role: Role,
    *,
    references: Callable[[str], str] | None = None,
    permissions_boundary: str | None = None,
    tags: Mapping[str, str] | None = None,
) -> Iterator[Resource]:
    """Yield the resources of a role: the role itself first, and each after those that it refers to.

    The other arguments are those of EcsRole. Raises TaskroleError for text that CDKTF would take for one of
    its own tokens.
    """
    all_tags = {**literals(role.tags), **(tags or {})} or None
    follows = (f"aws_iam_role.{identifier(role.key)}.unique_id",)
    yield _role(role, permissions_boundary, all_tags)
    inline = [_inline_policy(role, policy, references, follows) for policy in role.policies if policy.kind == "inline"]
    yield from inline
    attached = []
    for policy in role.policies:
        if policy.kind == "managed":
            managed = _managed_policy(role, policy, references, all_tags)
            attached.append(_attachment(managed.logical_id, Attribute(managed.id, "arn"), follows))
            yield from (managed, attached[-1])
    for arn in role.attachments:
        import_id = literal(f"{role.title}/{arn}") if role.adopt else None
        attached.append(_attachment(attachment_identifier(role.key, arn), literal(arn), follows, import_id))
        yield attached[-1]
    if role.exclusive:
        yield from _exclusive(role, inline, attached, follows)


def _role(role: Role, boundary: str | None, tags: Mapping[str, str] | None) -> Resource:
    attributes = {attribute.name: _literal_value(attribute.set_in(role)) for attribute in PLAIN_ATTRIBUTES}
    if boundary:
        attributes["permissions_boundary"] = boundary
    arguments = _given(
        name=_literal_or_none(role.name),
        name_prefix=_literal_or_none(role.name_prefix),
        assume_role_policy=literal(policy_text(role.trust)),
        tags=tags,
        **attributes,
    )
    import_id = literal(role.title) if role.adopt else None
    return Resource(IamRole, ROLE, identifier(role.key), arguments, import_id=import_id)


def _inline_policy(
    role: Role, policy: Policy, references: Callable[[str], str] | None, follows: tuple[str, ...]
) -> Resource:
    name = own_policy_identifier(role, policy)
    arguments = {"name": literal(policy.name), "role": _ROLE_NAME, "policy": _policy_text(policy, references)}
    import_id = literal(f"{role.title}:{policy.name}") if policy.name in role.adopted_policies else None
    return Resource(IamRolePolicy, name, name, arguments, follows, import_id)


def _managed_policy(
    role: Role, policy: Policy, references: Callable[[str], str] | None, tags: Mapping[str, str] | None
) -> Resource:
    name = own_policy_identifier(role, policy)
    text = _policy_text(policy, references)
    arguments = _given(name=literal(policy.name), path=_path(role), policy=text, tags=tags)
    return Resource(IamPolicy, f"policy-{name}", name, arguments)


def _attachment(name: str, arn: str | Attribute, follows: tuple[str, ...], import_id: str | None = None) -> Resource:
    # An inline policy may have the name of a managed one: they are siblings here, unlike in Terraform.
    arguments = {"role": _ROLE_NAME, "policy_arn": arn}
    return Resource(IamRolePolicyAttachment, f"attachment-{name}", name, arguments, follows, import_id)


def _exclusive(
    role: Role, inline: list[Resource], attached: list[Resource], follows: tuple[str, ...]
) -> Iterator[Resource]:
    """Yield the resources that report every policy added outside of Terraform as drift.

    Their references also order the apply: they read the role after all of its own policies are created.
    """
    key = identifier(role.key)
    names = tuple(Attribute(policy.id, "name") for policy in inline)
    arns = tuple(Attribute(attachment.id, "policy_arn") for attachment in attached)
    arguments = {"role_name": _ROLE_NAME, "policy_names": names}
    yield Resource(IamRolePoliciesExclusive, "policies", key, arguments, follows)
    arguments = {"role_name": _ROLE_NAME, "policy_arns": arns}
    yield Resource(IamRolePolicyAttachmentsExclusive, "attachments", key, arguments, follows)


def _policy_text(policy: Policy, references: Callable[[str], str] | None) -> str:
    text = literal(policy_text(policy.document))
    return references(text) if references else text


def _literal_or_none(text: str | None) -> str | None:
    return literal(text) if text else None


def _literal_value(value: Any) -> Any:
    return literal(value) if isinstance(value, str) else value


def _path(role: Role) -> str | None:
    return literal(role.path) if role.path != "/" else None


def _given(**arguments: Any) -> dict[str, Any]:
    return {name: value for name, value in arguments.items() if value is not None}
