"""Resolves the model of roles.yaml to roles with defaults applied, names, policies and trust policies."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any, TypeAlias, TypeVar

from taskrole.addresses import managed_policy_prefix
from taskrole.arns import ACCOUNT, Context, aws_managed_policy_arn
from taskrole.config.backends.backend import BackendSettings
from taskrole.config.backends.registry import backend_of
from taskrole.config.model import (
    DefaultSettings,
    File,
    Principals,
    ProviderSettings,
    RoleSettings,
    StackSettings,
    Trust,
    TrustSettings,
)
from taskrole.config.raw_policies import GRANTED_POLICY, OWN_POLICY, literal_document
from taskrole.dataclass import dataclass
from taskrole.errors import BadValueError, quote
from taskrole.finding import Finding, by_line
from taskrole.grant import Grant, RequiredElsewhere, RoleKind
from taskrole.partitions import partition_of
from taskrole.policy.documents.policy import Policy, PolicyKind
from taskrole.policy.documents.statements import Document, policy_document, policy_size
from taskrole.role import DEFAULT_TRUST, PLAIN_ATTRIBUTES, Role, RoleAttribute, TrustConditions, trust_policy

_Setting = TypeVar("_Setting")
_NamedPrincipals: TypeAlias = tuple[tuple[str, tuple[str, ...]], ...]
_TrustPolicies: TypeAlias = Callable[[TrustConditions, Context, _NamedPrincipals], Document]


@dataclass(frozen=True)
class Permissions:
    """The grants of a role from task definitions, grants and deny, the policies made from them, and findings."""

    grants: tuple[Grant, ...] = ()
    policies: tuple[Policy, ...] = ()
    findings: tuple[Finding, ...] = ()
    required_elsewhere: tuple[RequiredElsewhere, ...] = ()


@dataclass(frozen=True)
class StackSpec:
    """A resolved stack: its context, its backend, and its roles.

    `findings` are warnings and notes, the worst first; `required_elsewhere` are the statements that other accounts must
    add.
    """

    name: str
    context: Context
    backend: BackendSettings
    provider: ProviderSettings
    roles: tuple[Role, ...]
    findings: tuple[Finding, ...] = ()
    required_elsewhere: tuple[RequiredElsewhere, ...] = ()


@dataclass(frozen=True)
class Config:
    """The stacks of a roles.yaml, sorted by name."""

    stacks: tuple[StackSpec, ...]

    def stack(self, name: str) -> StackSpec | None:
        """Return the stack with a name, or None."""
        return next((stack for stack in self.stacks if stack.name == name), None)


def resolve(file: File, permissions: Mapping[tuple[str, str], Permissions] | None = None) -> Config:
    """Return the configuration in a validated file; `permissions` are the result of `collect_permissions`."""
    granted = permissions or {}
    return Config(tuple(_stack(name, settings, file, granted) for name, settings in sorted(file.stacks.items())))


def _stack(
    name: str, settings: StackSettings, file: File, permissions: Mapping[tuple[str, str], Permissions]
) -> StackSpec:
    defaults = file.defaults
    context = context_of_stack(
        settings.region or defaults.region or "",
        settings.account or defaults.account,
        settings.partition or defaults.partition,
    )
    granted = {key: permissions.get((name, key), Permissions()) for key in sorted(settings.roles)}
    # Most roles of a stack have the same trust policy and share its document.
    trusts = lru_cache(maxsize=256)(_trust_policy)
    roles = (
        build_role(
            key, settings.roles[key], context, defaults=defaults, tags=settings.tags, permissions=own, trusts=trusts
        )
        for key, own in granted.items()
    )
    chosen = settings.backend or file.backend
    backend = backend_of(chosen).resolved(chosen, name, context.region)
    findings = by_line({finding for role in granted.values() for finding in role.findings})
    required = tuple(required for role in granted.values() for required in role.required_elsewhere)
    return StackSpec(name, context, backend, file.provider, tuple(roles), findings, required)


def context_of_stack(region: str, account: str | None = None, partition: str | None = None) -> Context:
    """Return the context of roles; the partition defaults to the region's.

    Raises ValueError for a region in no known partition, if no partition is given.
    """
    home = partition_of(region)
    if partition is None and home is None:
        raise BadValueError(f"region {quote(region)} is in no known partition; set the partition")
    return Context(partition or (home.id if home else ""), region, account)


def build_role(  # noqa: PLR0913 -- the layers of a role's settings
    key: str,
    settings: RoleSettings,
    context: Context,
    *,
    defaults: DefaultSettings | None = None,
    tags: dict[str, str] | None = None,
    permissions: Permissions | None = None,
    trusts: _TrustPolicies | None = None,
) -> Role:
    """Return the role for settings in a context, with `permissions` in addition to its statements.

    `trusts` returns the trust policies that are not verbatim; by default, a new document for each role.
    Raises ValueError if the conditions of the trust policy need an account and the context has none.
    """
    shared = defaults or DefaultSettings.model_validate({})
    granted = permissions or Permissions()
    kind: PolicyKind = _given(settings.policy_delivery, shared.policy_delivery) or "inline"
    return Role(
        key=key,
        kind=settings.kind,
        name=None if settings.name_prefix else key,
        name_prefix=settings.name_prefix,
        tags=dict(sorted({**shared.tags, **(tags or {}), **settings.tags}.items())),
        trust=_trust_of(settings, shared.trust, context, trusts or _trust_policy),
        policies=(*granted.policies, *_own_policies(key, settings, kind), *_literal_policies(settings)),
        attachments=tuple(sorted(managed_policy_arn(name, context.partition) for name in settings.managed_policies)),
        exclusive=_given(settings.exclusive, shared.exclusive) or False,
        grants=granted.grants,
        adopt=settings.adopt,
        adopted_policies=tuple(sorted(settings.inline_policies)) if settings.adopt else (),
        **{attribute.name: _attribute(attribute, settings, shared) for attribute in PLAIN_ATTRIBUTES},
    )


def _attribute(attribute: RoleAttribute, settings: RoleSettings, shared: DefaultSettings) -> Any:
    # `defaults` lack some attributes, such as a description.
    value = _given(getattr(settings, attribute.name), getattr(shared, attribute.name, None))
    return attribute.default if value is None else value


def _given(own: _Setting | None, shared: _Setting | None) -> _Setting | None:
    """Return a role's own setting, or the default."""
    return shared if own is None else own


def managed_policy_arn(name: str, partition: str) -> str:
    """Return the ARN of a managed policy, given as its name with path or as its ARN."""
    return name if name.startswith("arn:") else aws_managed_policy_arn(partition, name)


def managed_policy_name(key: str, name_prefix: str | None, name: str = OWN_POLICY) -> str:
    """Return the name of a role's own managed policy, which must be unique in the account."""
    return f"{managed_policy_prefix(key, name_prefix)}{name}"


def grant_policies(
    key: str, settings: RoleSettings, grants: Sequence[Grant], default_delivery: PolicyKind | None = None
) -> tuple[Policy, ...]:
    """Return the policies for a role's grants, within the IAM quotas that its statements and attachments leave.

    An inline policy that would be too large becomes managed policies. Raises PolicyTooLargeError if there are too many,
    PolicyTextError for characters that IAM rejects.
    """
    if not grants:
        return ()
    # Imported late: a roles.yaml without grants does not need it.
    from taskrole.policy.documents.build import build_policies

    kind: PolicyKind = settings.policy_delivery or default_delivery or "inline"
    literal = sum(policy_size(document) for document in settings.inline_policies.values())
    own = policy_size(statement_document(settings)) if settings.statements else 0
    attachments = len(settings.managed_policies)
    if kind == "inline":
        policies = build_policies(
            grants, kind=kind, base_name=GRANTED_POLICY, attachments=attachments, inline_used=own + literal
        )
        if all(policy.kind == "inline" for policy in policies):
            return policies
        own = 0
    name = managed_policy_name(key, settings.name_prefix, GRANTED_POLICY)
    return build_policies(grants, kind="managed", base_name=name, attachments=attachments + bool(own))


def statement_document(settings: RoleSettings) -> Document:
    """Return the role's own statements as a policy document."""
    return policy_document(
        [statement.model_dump(by_alias=True, exclude_none=True) for statement in settings.statements]
    )


def _own_policies(key: str, settings: RoleSettings, kind: PolicyKind) -> tuple[Policy, ...]:
    if not settings.statements:
        return ()
    name = OWN_POLICY if kind == "inline" else managed_policy_name(key, settings.name_prefix)
    return (Policy(name, kind, statement_document(settings)),)


def _literal_policies(settings: RoleSettings) -> tuple[Policy, ...]:
    policies = sorted(settings.inline_policies.items())
    return tuple(Policy(name, "inline", literal_document(document)) for name, document in policies)


def _trust_of(settings: RoleSettings, shared: Trust | None, context: Context, trusts: _TrustPolicies) -> Document:
    if settings.trust_policy is not None:
        return literal_document(settings.trust_policy)
    return _trust(settings.trust or shared, settings.kind, context, trusts)


def _trust(trust: Trust | None, kind: RoleKind, context: Context, trusts: _TrustPolicies) -> Document:
    principals: Principals | None = None
    conditions: Any = trust
    if isinstance(trust, TrustSettings):
        conditions, principals = trust.conditions, trust.principals
    others = _principal_map(principals, context.partition)
    named = tuple((name, tuple(values)) for name, values in others.items())
    return trusts(conditions or DEFAULT_TRUST[kind], context, named)


def _trust_policy(conditions: TrustConditions, context: Context, principals: _NamedPrincipals) -> Document:
    return trust_policy(conditions, context, {kind: list(names) for kind, names in principals})


def _principal_map(principals: Principals | None, partition: str) -> dict[str, list[str]]:
    if principals is None:
        return {}
    # IAM stores an account as the ARN of its root user; using that form avoids a diff in the plan.
    aws = [f"arn:{partition}:iam::{name}:root" if ACCOUNT.fullmatch(name) else name for name in principals.aws]
    return {kind: values for kind, values in {"AWS": aws, "Service": principals.service}.items() if values}
