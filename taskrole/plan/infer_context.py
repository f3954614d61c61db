"""Infers the partition, region and account of a plan's resources.

The strongest available evidence decides. If it contains two regions or accounts, the result is unknown. Evidence of the
region: the ARN or `region` of a task definition, the provider configuration and aws_region, other resources,
availability zones. Evidence of the account: see taskrole.plan.identity; otherwise, aws:SourceAccount conditions in
trust policies.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property

from taskrole.arns import ACCOUNT, Context, known_arn
from taskrole.dataclass import dataclass
from taskrole.partitions import Partition, partition_of, partitions
from taskrole.plan.configuration import Configuration
from taskrole.plan.documents import SIDES
from taskrole.plan.identity import Accounts, configured_value
from taskrole.plan.known_document import known_document
from taskrole.plan.model import ROLE, TASK_DEFINITION, Change
from taskrole.plan.role_policies import value_of
from taskrole.policy.comparison.trust import principals_of
from taskrole.policy.documents.statements import as_list

# A zone is its region and a letter; names of local zones are longer: us-west-2-lax-1a.
_ZONE = re.compile(r"([a-z]{2,3}(?:-[a-z]+)+-[0-9]+)[a-z]")
# Resources for CloudFront are in us-east-1, whatever the provider's region.
_GLOBAL = re.compile(r"arn:[^:]*:wafv2:[^:]*:[^:]*:global/")


@dataclass(frozen=True)
class Places:
    """The partition, region and account of each resource of a plan. `region` and `account` override inferred ones."""

    configuration: Configuration
    region: str | None = None
    account: str | None = None

    def of(self, change: Change) -> Context | str:
        """Return the context of a resource, or a clause on why it is unknown, with the fix."""
        key = self._accounts.key(change)
        own = change.type == TASK_DEFINITION
        regions = (self._own_regions(change) if own else frozenset()) or self._regions(key)
        account = self._accounts.own(change) if own else ""
        accounts = frozenset({account}) if account else self._accounts_of(key)
        return self._context(regions, accounts)

    @cached_property
    def whole(self) -> Context | None:
        """The context of all resources of the plan; None if it is unknown or differs between them."""
        evidence = list(self._evidence.values())
        regions = _first(frozenset().union(*(tiers[level] for tiers in evidence)) for level in range(_TIERS))
        listed = frozenset().union(*self._accounts.candidates.values())
        accounts = listed or frozenset().union(*self._source_accounts.values())
        context = self._context(regions, accounts)
        return context if isinstance(context, Context) else None

    @cached_property
    def _accounts(self) -> Accounts:
        return Accounts(self.configuration)

    def _context(self, regions: frozenset[str], accounts: frozenset[str]) -> Context | str:
        regions = frozenset({self.region}) if self.region else regions
        accounts = frozenset({self.account}) if self.account else accounts
        problems = [
            problem
            for problem in (_problem("region", "regions", regions), _problem("account", "accounts", accounts))
            if problem
        ]
        if problems:
            return "; ".join(problems)
        (region,), (account,) = regions, accounts
        partition = _partition(region)
        return Context(partition.id, region, account) if partition else f"region {region} is in no known partition"

    def _regions(self, key: str) -> frozenset[str]:
        return _first(self._evidence.get(key, ()))

    def _accounts_of(self, key: str) -> frozenset[str]:
        return self._accounts.candidates.get(key) or self._source_accounts.get(key, frozenset())

    @staticmethod
    def _own_regions(change: Change) -> frozenset[str]:
        """Return the region in a resource's own attributes, after or before the plan."""
        for side in reversed(SIDES):
            for region in (_arn_region(value_of(change, side, "arn")), value_of(change, side, "region")):
                if isinstance(region, str) and _partition(region):
                    return frozenset({region})
        return frozenset()

    @cached_property
    def _evidence(self) -> Mapping[str, tuple[frozenset[str], ...]]:
        """The regions in the evidence on each provider configuration: one set per tier, strongest first."""
        tiers: dict[str, tuple[set[str], ...]] = defaultdict(lambda: tuple(set() for _ in range(_TIERS)))
        several = len(self._accounts.configurations) > 1
        for key, expressions in self._accounts.configurations.items():
            region = configured_value(expressions.get("region"), self._accounts.variables(key))
            tiers[key if several else ""][_CONFIGURED].update([region] if isinstance(region, str) else [])
        for change in self.configuration.plan.changes:
            key = self._accounts.key(change)
            if change.type.startswith("aws_") and (key or not several):
                for tier, region in self._shown(change):
                    tiers[key][tier].add(region)
        return {
            key: tuple(frozenset(region for region in tier if _partition(region)) for tier in values)
            for key, values in tiers.items()
        }

    def _shown(self, change: Change) -> Iterator[tuple[int, str]]:
        """Yield the regions in a resource's attributes, each with the tier of its evidence."""
        for side in SIDES:
            region, arn, zone = (value_of(change, side, name) for name in ("region", "arn", "availability_zone"))
            if change.type == "aws_region" and not self.configuration.is_set(change, "region"):
                names = [value_of(change, side, name) for name in ("region", "name", "id")]
                yield from ((_CONFIGURED, name) for name in names if isinstance(name, str))
            elif change.type == "aws_availability_zones" and isinstance(value_of(change, side, "id"), str):
                yield _OTHERS, value_of(change, side, "id")
            elif not change.is_data:
                tier = _TASK_DEFINITIONS if change.type == TASK_DEFINITION else _OTHERS
                yield from ((tier, value) for value in (_arn_region(arn), region) if isinstance(value, str) and value)
                match = _ZONE.fullmatch(zone) if isinstance(zone, str) else None
                if match:
                    yield _ZONES, match.group(1)

    @cached_property
    def _source_accounts(self) -> Mapping[str, frozenset[str]]:
        """The accounts in aws:SourceAccount conditions of trust policies, per provider configuration."""
        values: dict[str, set[str]] = defaultdict(set)
        for change in self.configuration.plan.changes:
            if change.type == ROLE and not change.is_data:
                values[self._accounts.key(change)].update(_asked_accounts(change))
        return {key: frozenset(accounts) for key, accounts in values.items()}


_TASK_DEFINITIONS, _CONFIGURED, _OTHERS, _ZONES = range(4)
_TIERS = 4


def _first(tiers: Iterable[frozenset[str]]) -> frozenset[str]:
    return next((tier for tier in tiers if tier), frozenset())


def _problem(noun: str, nouns: str, values: frozenset[str]) -> str:
    """Return a clause on why a value is not unique; empty if it is."""
    if len(values) == 1:
        return ""
    candidates = f"several {nouns}: {', '.join(sorted(values))}" if values else f"no {noun}"
    return f"the plan shows {candidates}; give --{noun}"


def _partition(region: str) -> Partition | None:
    known = partition_of(region)
    return known or next((partition for partition in partitions().values() if partition.could_have(region)), None)


def _arn_region(arn: object) -> str:
    try:
        return known_arn(arn).region if isinstance(arn, str) and not _GLOBAL.match(arn) else ""
    except ValueError:
        return ""


def _asked_accounts(role: Change) -> Iterator[str]:
    document = known_document(value_of(role, "after", "assume_role_policy")).document
    for _, statement in principals_of(document) if document else ():
        block = statement.get("Condition")
        for pairs in block.values() if isinstance(block, Mapping) else ():
            for key, values in pairs.items() if isinstance(pairs, Mapping) else ():
                if key.lower() == "aws:sourceaccount":
                    yield from (
                        value for value in as_list(values) if isinstance(value, str) and ACCOUNT.fullmatch(value)
                    )
