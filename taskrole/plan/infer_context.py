"""Where the resources of a plan live: partition, region and account, as far as the plan tells."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from taskrole.arns import ACCOUNT, Arn, Context, parse_arn
from taskrole.partitions import partition_of, partitions
from taskrole.plan.documents import SIDES
from taskrole.plan.known_document import parse_document
from taskrole.plan.model import ROLE, TASK_DEFINITION, Plan
from taskrole.plan.role_policies import value_of
from taskrole.policy.comparison.trust import principals_of
from taskrole.policy.documents.statements import as_list

_OWN = frozenset({ROLE, TASK_DEFINITION, "aws_iam_policy"})


def place_of(plan: Plan, *, region: str | None = None, account: str | None = None) -> Context | None:
    """Return where a plan's resources live; what is given counts, the rest is taken from the plan.

    The account is that of the plan's own roles, policies and task definitions, or of aws_caller_identity, or the one
    that their trust policies ask for in aws:SourceAccount; the region that of the task definitions, of aws_region or
    of the provider's configuration. None where either is not told, or told in two ways.
    """
    arns = list(_arns(plan))
    region = region or _one(arn.region for arn in arns if arn.service == "ecs") or _one(_regions(plan))
    account = account or _one(arn.account for arn in arns) or _one(_accounts(plan)) or _one(_source_accounts(plan))
    if not region or not account:
        return None
    known = partition_of(region)
    partition = known.id if known else next((one.id for one in partitions().values() if one.could_have(region)), None)
    return Context(partition, region, account) if partition else None


def _one(values: Iterable[str]) -> str | None:
    found = Counter(value for value in values if value)
    return next(iter(found)) if len(found) == 1 else None


def _arns(plan: Plan) -> Iterator[Arn]:
    for change in plan.changes:
        if change.type in _OWN and not change.is_data:
            for side in SIDES:
                text = value_of(change, side, "arn")
                try:
                    arn = parse_arn(text) if isinstance(text, str) else None
                except ValueError:
                    continue
                if arn is not None and ACCOUNT.fullmatch(arn.account):
                    yield arn


def _accounts(plan: Plan) -> Iterator[str]:
    for change in plan.changes:
        if change.type == "aws_caller_identity":
            account = value_of(change, "after", "account_id")
            if isinstance(account, str) and ACCOUNT.fullmatch(account):
                yield account


def _source_accounts(plan: Plan) -> Iterator[str]:
    for change in plan.changes:
        if change.type == ROLE and not change.is_data:
            document = parse_document(value_of(change, "after", "assume_role_policy")).document
            for _, statement in principals_of(document) if document else ():
                block = statement.get("Condition")
                for pairs in block.values() if isinstance(block, Mapping) else ():
                    for key, values in pairs.items() if isinstance(pairs, Mapping) else ():
                        if key.lower() == "aws:sourceaccount":
                            yield from (
                                one for one in as_list(values) if isinstance(one, str) and ACCOUNT.fullmatch(one)
                            )


def _regions(plan: Plan) -> Iterator[str]:
    for change in plan.changes:
        if change.type == "aws_region":
            region = value_of(change, "after", "name")
            if isinstance(region, str):
                yield region
    providers = plan.configuration.get("provider_config")
    for provider in providers.values() if isinstance(providers, Mapping) else ():
        if isinstance(provider, Mapping) and provider.get("name") == "aws":
            yield from _provider_region(provider, plan.variables)


def _provider_region(provider: Mapping[str, Any], variables: Mapping[str, Any]) -> Iterator[str]:
    expressions = provider.get("expressions")
    region = expressions.get("region") if isinstance(expressions, Mapping) else None
    if not isinstance(region, Mapping):
        return
    if isinstance(region.get("constant_value"), str):
        yield region["constant_value"]
        return
    for name in as_list(region.get("references") or []):
        variable = variables.get(str(name).removeprefix("var."))
        value = variable.get("value") if isinstance(variable, Mapping) else None
        if isinstance(value, str):
            yield value
