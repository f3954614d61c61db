"""The AWS account of each resource of a plan. Two roles with the same name in two accounts are different roles.

A plan contains the provider configuration of each resource, not its account. The account is inferred from the ARNs of
resources with the same provider configuration, or from that configuration itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any

from taskrole.arns import ACCOUNT, known_arn
from taskrole.dataclass import dataclass
from taskrole.plan.addresses import reference_steps
from taskrole.plan.configuration import Configuration, longest
from taskrole.plan.model import Change, mappings
from taskrole.policy.documents.statements import as_list

# Types whose resources are always in the account that creates them.
_OWN_ARNS = frozenset({"aws_iam_role", "aws_iam_policy", "aws_ecs_task_definition", "aws_iam_instance_profile"})
# Types whose `arn` may be in another account: the resources they subscribe to or accept.
_FOREIGN_ARN = re.compile(r"aws_sns_topic_subscription|aws_\w+_(accepter|invitation|invite_accepter)")
_TEMPLATE = re.compile(r"\$\{([^{}]*)\}")
_TASK_DEFINITION_ROLES = ("execution_role_arn", "task_role_arn")


@dataclass(frozen=True)
class ResourceScope:
    """The account of a resource, or its provider configuration if the account is unknown; both may be empty."""

    account: str
    provider: str

    def is_same(self, other: ResourceScope) -> bool | None:
        """Return whether two scopes are in the same account; None if unknown."""
        if self.account and other.account:
            return self.account == other.account
        return True if self.provider and self.provider == other.provider else None


@dataclass(frozen=True)
class Accounts:
    """The accounts of a plan's provider configurations."""

    configuration: Configuration

    def scope(self, change: Change) -> ResourceScope:
        """Return the scope of a resource, from its ARN or its provider configuration."""
        provider = self.configuration.provider_key(change)
        own = self.own(change)
        return ResourceScope(own or self.by_provider.get(self.key(change), ""), provider)

    @staticmethod
    def own(change: Change) -> str:
        """Return the account in a resource's ARN, or in the ARNs of a task definition's roles; empty without one."""
        if change.type not in _OWN_ARNS:
            return ""
        return next((account for side in (_arn_accounts(change), _role_accounts(change)) for account in side), "")

    def key(self, change: Change) -> str:
        """Return the key of a resource's provider configuration; empty if the plan has only one for AWS."""
        return self.configuration.provider_key(change) if len(self.configurations) > 1 else ""

    @cached_property
    def configurations(self) -> Mapping[str, Mapping[str, Any]]:
        """The expressions of the AWS provider configurations by key."""
        return self.configuration.providers("aws")

    def variables(self, key: str) -> Mapping[str, Any]:
        """Return the variables that a provider configuration can refer to; those of child modules are unknown."""
        return {} if ":" in key else self.configuration.plan.variables

    @cached_property
    def by_provider(self) -> Mapping[str, str]:
        """The account of each provider configuration, if all evidence agrees."""
        return {key: next(iter(accounts)) for key, accounts in self.candidates.items() if len(accounts) == 1}

    @cached_property
    def candidates(self) -> Mapping[str, frozenset[str]]:
        """The accounts in the resources of each provider configuration, or in the configuration itself.

        Other resources are considered only if roles, policies, task definitions, aws_caller_identity and the
        configuration contain no account. Resources that belong to none of several configurations, such as removed ones,
        are ignored.
        """
        surest: dict[str, set[str]] = {}
        others: dict[str, set[str]] = {}
        for change in self.configuration.plan.changes:
            if change.type == "aws_caller_identity":
                surest.setdefault(self.key(change), set()).update(_caller_accounts(change))
            elif change.type.startswith("aws_") and not change.is_data and not _FOREIGN_ARN.fullmatch(change.type):
                evidence = surest if change.type in _OWN_ARNS else others
                evidence.setdefault(self.key(change), set()).update(_arn_accounts(change))
                others.setdefault(self.key(change), set()).update(_role_accounts(change))
        for key, expressions in self.configurations.items():
            own_key = key if len(self.configurations) > 1 else ""
            surest.setdefault(own_key, set()).update(_configured(expressions, self.variables(key)))
        keys = surest.keys() | others.keys()
        identities = {key: frozenset(surest.get(key) or others.get(key) or ()) for key in keys}
        return {key: accounts for key, accounts in identities.items() if key or len(self.configurations) < 2}


def account_of_role(change: Change | None) -> str | None:
    """Return the account in a role's ARN; None if there is none, or if it differs before and after."""
    accounts = set(_arn_accounts(change)) if change else set()
    return accounts.pop() if len(accounts) == 1 else None


def _caller_accounts(change: Change) -> Iterator[str]:
    for values in (change.before, change.after):
        account = (values or {}).get("account_id")
        if isinstance(account, str) and ACCOUNT.fullmatch(account):
            yield account


def _arn_accounts(change: Change) -> Iterator[str]:
    for values in (change.before, change.after):
        yield from _account_in((values or {}).get("arn"))


def _role_accounts(change: Change) -> Iterator[str]:
    """Yield the accounts of a task definition's roles; ECS passes only roles of its own account."""
    if change.type == "aws_ecs_task_definition":
        for name in _TASK_DEFINITION_ROLES:
            yield from _account_in((change.after or {}).get(name))


def _account_in(arn: Any) -> Iterator[str]:
    try:
        account = known_arn(arn).account if isinstance(arn, str) else ""
    except ValueError:
        return
    if ACCOUNT.fullmatch(account):
        yield account


def _configured(expressions: Mapping[str, Any], variables: Mapping[str, Any]) -> Iterator[str]:
    """Yield the accounts in a provider configuration: the allowed account, or that of the role it assumes.

    A variable in a role ARN is the account if it has the form of one: `arn:aws:iam::${var.account}:role/x`.
    """
    allowed = configured_value(expressions.get("allowed_account_ids"), variables)
    accounts = as_list(allowed) if allowed is not None else []
    if len(accounts) == 1:
        yield from (account for account in accounts if isinstance(account, str) and ACCOUNT.fullmatch(account))
    # In a chain of roles, each is assumed with the credentials of the previous one.
    for block in mappings(expressions.get("assume_role"))[-1:]:
        value = configured_value(block.get("role_arn"), variables)
        if isinstance(value, str) and ACCOUNT.fullmatch(value):
            yield value
        else:
            yield from _account_in(value)


def configured_value(expression: Any, variables: Mapping[str, Any]) -> Any:
    """Return the value of an expression that is a constant or one variable of the root module; otherwise None.

    `${var.settings.region}` is resolved inside the variable. JSON configurations have templates as constants.
    """
    if not isinstance(expression, Mapping):
        return None
    if "constant_value" in expression:
        constant = expression["constant_value"]
        if isinstance(constant, list):
            return [_filled_in(part, variables) for part in constant]
        return _filled_in(constant, variables)
    references = expression.get("references")
    names = (
        longest(reference for reference in references if isinstance(reference, str))
        if isinstance(references, list)
        else []
    )
    return _variable(names[0], variables) if len(names) == 1 else None


def _filled_in(constant: Any, variables: Mapping[str, Any]) -> Any:
    """Return a constant with its variables substituted; None if a value is unknown."""
    if not isinstance(constant, str):
        return constant
    values = {name: _variable(name, variables) for name in _TEMPLATE.findall(constant)}
    if not all(isinstance(value, str) for value in values.values()) or "%{" in constant:
        return None
    return _TEMPLATE.sub(lambda match: str(values[match.group(1)]), constant)


def _variable(reference: str, variables: Mapping[str, Any]) -> Any:
    """Return the value of `var.name`, or of an attribute of a variable; None if it is unknown."""
    steps = reference_steps(reference)
    if len(steps) < 2 or steps[0].name != "var" or any(step.index is not None for step in steps):
        return None
    variable = variables.get(steps[1].name)
    value = variable.get("value") if isinstance(variable, Mapping) else None
    for step in steps[2:]:
        value = value.get(step.name) if isinstance(value, Mapping) else None
    return value
