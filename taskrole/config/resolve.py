"""From what roles.yaml says to what is built: defaults applied, names given, policies and trust written out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from taskrole.arns import ACCOUNT, Context, aws_managed_policy_arn
from taskrole.config.model import (
    Backend,
    CloudBackendSettings,
    DefaultSettings,
    File,
    LocalBackendSettings,
    Principals,
    ProviderSettings,
    RoleSettings,
    S3BackendSettings,
    StackSettings,
    Trust,
    TrustSettings,
)
from taskrole.grant import RoleKind
from taskrole.partitions import partition_of
from taskrole.policy.documents import Document, policy_document
from taskrole.role import DEFAULT_SESSION, Policy, PolicyKind, Role, TrustConditions, trust_policy

OWN_POLICY = "permissions"

# AWS documents both conditions for a task role; for an execution role it documents none, but its own tooling writes
# aws:SourceAccount: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-iam-roles.html
DEFAULT_TRUST: dict[RoleKind, TrustConditions] = {"task": "full", "execution": "account"}


@dataclass(frozen=True)
class StackSpec:
    """One stack, resolved: where it is, where its state is, and its roles."""

    name: str
    context: Context
    backend: Backend
    provider: ProviderSettings
    roles: tuple[Role, ...]


@dataclass(frozen=True)
class Config:
    """All stacks of a roles.yaml, in the order of their names."""

    stacks: tuple[StackSpec, ...]

    def stack(self, name: str) -> StackSpec | None:
        """Return the stack of that name, or None."""
        return next((stack for stack in self.stacks if stack.name == name), None)


def resolve(file: File) -> Config:
    """Return what a checked file builds."""
    return Config(tuple(_stack(name, settings, file) for name, settings in sorted(file.stacks.items())))


def _stack(name: str, settings: StackSettings, file: File) -> StackSpec:
    defaults = file.defaults
    context = resolve_context(
        settings.region or defaults.region or "",
        settings.account or defaults.account,
        settings.partition or defaults.partition,
    )
    roles = (
        build_role(key, role, context, defaults=defaults, tags=settings.tags)
        for key, role in sorted(settings.roles.items())
    )
    backend = resolve_backend(settings.backend or file.backend, name, context.region)
    return StackSpec(name, context, backend, file.provider, tuple(roles))


def resolve_context(region: str, account: str | None = None, partition: str | None = None) -> Context:
    """Return where roles are made; the partition is the region's, unless named.

    Raises ValueError for a region that is in no partition, when none is named.
    """
    home = partition_of(region)
    if partition is None and home is None:
        raise ValueError(f"region {region!r} is in no known partition; name the partition")
    return Context(partition or (home.id if home else ""), region, account)


def resolve_backend(backend: Backend, stack: str, region: str) -> Backend:
    """Return a backend with all that it derives from its stack filled in: one state a stack."""
    if isinstance(backend, LocalBackendSettings):
        return backend.model_copy(update={"path": backend.path or f"terraform.{stack}.tfstate"})
    if isinstance(backend, S3BackendSettings):
        derived = {"key": backend.key or f"taskrole/{stack}.tfstate", "region": backend.region or region}
        return backend.model_copy(update=derived)
    assert isinstance(backend, CloudBackendSettings)  # noqa: S101 -- the third of three
    return backend.model_copy(update={"workspace": backend.workspace or stack})


def build_role(
    key: str,
    settings: RoleSettings,
    context: Context,
    *,
    defaults: DefaultSettings | None = None,
    tags: dict[str, str] | None = None,
) -> Role:
    """Return the role that settings declare, in a place.

    Raises ValueError when the trust policy's conditions need an account and the context has none.
    """
    shared = defaults or DefaultSettings.model_validate({})
    given = settings.model_dump(exclude_none=True, include=set(DefaultSettings.model_fields))
    merged = {**shared.model_dump(exclude_none=True), **given}
    kind: PolicyKind = merged.get("policy_delivery", "inline")
    return Role(
        key=key,
        kind=settings.kind,
        name=None if settings.name_prefix else key,
        name_prefix=settings.name_prefix,
        path=merged.get("path", "/"),
        description=settings.description,
        tags=dict(sorted({**shared.tags, **(tags or {}), **settings.tags}.items())),
        permissions_boundary=merged.get("permissions_boundary"),
        max_session_duration=merged.get("max_session_duration", DEFAULT_SESSION),
        trust=_trust(settings.trust or shared.trust, settings.kind, context),
        policies=_own_policies(key, settings, kind),
        attachments=tuple(sorted(managed_policy_arn(name, context.partition) for name in settings.managed_policies)),
        exclusive=merged.get("exclusive", False),
    )


def managed_policy_arn(name: str, partition: str) -> str:
    """Return the ARN of a managed policy given by its name with path, or by its ARN."""
    return name if name.startswith("arn:") else aws_managed_policy_arn(partition, name)


def managed_policy_name(key: str, name_prefix: str | None) -> str:
    """Return the name of a role's own policy where it is managed; unlike an inline one's it is the account's affair."""
    return f"{name_prefix or f'{key}-'}{OWN_POLICY}"


def statement_document(settings: RoleSettings) -> Document:
    """Return the role's own statements as a policy document."""
    return policy_document([one.model_dump(by_alias=True, exclude_none=True) for one in settings.statements])


def _own_policies(key: str, settings: RoleSettings, kind: PolicyKind) -> tuple[Policy, ...]:
    if not settings.statements:
        return ()
    name = OWN_POLICY if kind == "inline" else managed_policy_name(key, settings.name_prefix)
    return (Policy(name, kind, statement_document(settings)),)


def _trust(trust: Trust | None, kind: RoleKind, context: Context) -> Document:
    principals: Principals | None = None
    conditions: Any = trust
    if isinstance(trust, TrustSettings):
        conditions, principals = trust.conditions, trust.principals
    return trust_policy(conditions or DEFAULT_TRUST[kind], context, _principal_map(principals, context.partition))


def _principal_map(principals: Principals | None, partition: str) -> dict[str, list[str]]:
    if principals is None:
        return {}
    # IAM stores a bare account as the ARN of its root; written so here, a plan shows no difference.
    aws = [f"arn:{partition}:iam::{name}:root" if ACCOUNT.fullmatch(name) else name for name in principals.aws]
    return {kind: values for kind, values in {"AWS": aws, "Service": principals.service}.items() if values}
