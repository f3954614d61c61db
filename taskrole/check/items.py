"""Converts evaluation results to report items, and merges items that differ only in their fields."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from itertools import chain

from taskrole.check.report import CheckedItem, Status
from taskrole.grant import Condition, Grant
from taskrole.policy.evaluation.coverage import Answer, Coverage
from taskrole.taskdef.failures import TRUST_FAILURE, Failure, failure_of
from taskrole.taskdef.feature_results import PossibleNeed

# The report status of each evaluation result.
_STATUSES: Mapping[Answer, Status] = {"allowed": "OK", "denied": "MISSING", "unknown": "unknown"}

# Left out of reports, because the field already names the secret or parameter that the key decrypts.
ENCRYPTION_CONTEXT = "kms:EncryptionContext:"


def item_of(
    grant: Grant, action: str, coverage: Coverage, *, is_ec2: bool = False, is_expendable: bool = False
) -> CheckedItem:
    """Return the item of one action of a grant; `is_expendable` as in `failure_of`."""
    failure = failure_of(grant.rule, action, is_ec2=is_ec2, is_expendable=is_expendable)
    return _item(grant, action, grant.conditions, _STATUSES[coverage.answer], why=coverage.reason, failure=failure)


def possible_item(need: PossibleNeed, action: str, *, is_allowed: bool) -> CheckedItem:
    """Return the item of a possible need: OK if the role allows it anyway, else unknown.

    It has no encryption context, so that the items of all secrets with unknown keys are merged.
    """
    status: Status = "OK" if is_allowed else "unknown"
    conditions = without_encryption_context(need.grant.conditions)
    failure = failure_of(need.grant.rule, action)
    return _item(need.grant, action, conditions, status, why=need.reason, failure=failure)


def trust_item(coverage: Coverage) -> CheckedItem:
    """Return the item of a role's trust policy."""
    is_allowed = coverage.answer == "allowed"
    return CheckedItem(
        _STATUSES[coverage.answer],
        "TRUST",
        (),
        (),
        because="ECS assumes it",
        why="" if is_allowed else coverage.reason,
        failure=None if is_allowed else TRUST_FAILURE,
    )


def merged_items(items: Iterable[CheckedItem]) -> list[CheckedItem]:
    """Return items merged: fields with the same need become one item, as do actions with the same status."""
    by_need: dict[tuple[object, ...], list[CheckedItem]] = defaultdict(list)
    for item in items:
        # The reason is part of the need: of two fields that need an action, the other role may allow one.
        need = (item.rule, item.actions, item.resources, item.conditions, item.status, item.why, item.failure)
        by_need[need].append(item)
    by_status: dict[tuple[object, ...], list[CheckedItem]] = defaultdict(list)
    for same in by_need.values():
        item = same[0] if len(same) == 1 else replace(same[0], sources=_union(item.sources for item in same))
        status = (item.rule, item.resources, item.conditions, item.sources, item.status, item.why, item.failure)
        by_status[status].append(item)
    return [
        same[0] if len(same) == 1 else replace(same[0], actions=_union(item.actions for item in same))
        for same in by_status.values()
    ]


def without_encryption_context(conditions: Iterable[Condition]) -> tuple[Condition, ...]:
    """Return conditions without those on the encryption context."""
    return tuple(condition for condition in conditions if not condition[1].startswith(ENCRYPTION_CONTEXT))


def _item(  # noqa: PLR0913 -- the parts of an item
    grant: Grant, action: str, conditions: tuple[Condition, ...], status: Status, *, why: str, failure: Failure
) -> CheckedItem:
    """Return the item of one action of a grant; one with the status OK has no reason and no failure."""
    is_ok = status == "OK"
    return CheckedItem(
        status,
        grant.rule,
        (action,),
        grant.resources,
        conditions,
        (grant.source,),
        grant.because,
        "" if is_ok else why,
        None if is_ok else failure,
    )


def _union(some: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(chain.from_iterable(some)))
