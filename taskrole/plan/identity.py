"""Which account a resource of a plan is in: roles of one name in two accounts are two roles.

A plan names the provider configuration of each resource, not the account. The account is what ARNs of resources of
that configuration show, or what the configuration itself says.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from taskrole.arns import ACCOUNT, parse_arn
from taskrole.plan.configuration import Configuration
from taskrole.plan.model import Change

_OWN_ARNS = frozenset({"aws_iam_role", "aws_iam_policy", "aws_ecs_task_definition", "aws_iam_instance_profile"})


@dataclass(frozen=True)
class Scope:
    """Where a resource is: the account, or, while that is not known, the provider configuration; both may be empty."""

    account: str
    provider: str

    def is_same(self, other: Scope) -> bool | None:
        """Return whether two scopes are one account; None where that is not known."""
        if self.account and other.account:
            return self.account == other.account
        return True if self.provider and self.provider == other.provider else None


@dataclass(frozen=True)
class Accounts:
    """The accounts of a plan's provider configurations."""

    configuration: Configuration

    def scope(self, change: Change) -> Scope:
        """Return where a resource is; its own ARN says so, or its provider configuration."""
        provider = self.configuration.provider_key(change)
        own = next(_accounts_of(change), "") if change.type in _OWN_ARNS else ""
        return Scope(own or self.by_provider.get(provider, ""), provider)

    @cached_property
    def by_provider(self) -> Mapping[str, str]:
        """The account of each provider configuration, where all that shows one shows the same."""
        shown: dict[str, set[str]] = {}
        for change in self.configuration.plan.changes:
            if (change.type in _OWN_ARNS and not change.is_data) or change.type == "aws_caller_identity":
                shown.setdefault(self.configuration.provider_key(change), set()).update(_accounts_of(change))
        for key, expressions in self.configuration.providers().items():
            shown.setdefault(key, set()).update(_configured(expressions, self.configuration.plan.variables))
        return {key: next(iter(accounts)) for key, accounts in shown.items() if len(accounts) == 1}


def _accounts_of(change: Change) -> Iterator[str]:
    for values in (change.before, change.after):
        account = (values or {}).get("account_id") if change.type == "aws_caller_identity" else None
        if isinstance(account, str) and ACCOUNT.fullmatch(account):
            yield account
        arn = (values or {}).get("arn")
        if change.is_data or not isinstance(arn, str):
            continue
        try:
            owner = parse_arn(arn).account
        except ValueError:
            continue
        if ACCOUNT.fullmatch(owner):
            yield owner


def _configured(expressions: Mapping[str, Any], variables: Mapping[str, Any]) -> Iterator[str]:
    """Yield the accounts that the configuration of a provider names: allowed ones, or that of the role it assumes."""
    allowed = _value(expressions.get("allowed_account_ids"), variables)
    if isinstance(allowed, list) and len(allowed) == 1:
        yield from (account for account in allowed if isinstance(account, str) and ACCOUNT.fullmatch(account))
    for block in _blocks(expressions.get("assume_role")):
        arn = _value(block.get("role_arn"), variables)
        try:
            owner = parse_arn(arn).account if isinstance(arn, str) else ""
        except ValueError:
            continue
        if ACCOUNT.fullmatch(owner):
            yield owner


def _value(expression: Any, variables: Mapping[str, Any]) -> Any:
    """Return the value of an expression that is a constant or one variable of the root module; None for others."""
    if not isinstance(expression, Mapping):
        return None
    if "constant_value" in expression:
        return expression["constant_value"]
    references = expression.get("references")
    if isinstance(references, list) and len(references) == 1 and isinstance(references[0], str):
        variable = variables.get(references[0].removeprefix("var."))
        return variable.get("value") if isinstance(variable, Mapping) else None
    return None


def _blocks(value: Any) -> Iterable[Mapping[str, Any]]:
    return [one for one in value if isinstance(one, Mapping)] if isinstance(value, list) else []
