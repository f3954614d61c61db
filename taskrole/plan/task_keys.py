"""The option kms_keys for the task definitions of a plan: the keys of secrets and parameters by name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from taskrole.arns import Context, parse_arn
from taskrole.errors import InputError
from taskrole.plan.planned_task import PlannedTask
from taskrole.taskdef.features.keys import EVERYTHING, is_managed_by_aws
from taskrole.taskdef.option import option_path
from taskrole.taskdef.options import Options, check_options

_UNUSED = "OPTION-UNUSED"


def refuse_wrong_keys(keys: Mapping[str, str]) -> None:
    """Raise InputError with every value that is neither a key ARN nor the marker for an AWS managed key."""
    problems = [
        problem
        for name, key in keys.items()
        # A plan can span partitions: each key applies to its own.
        for problem in check_options(Options(kms_keys={name: key}), Context(_partition(key), "", ""))
    ]
    if problems:
        raise InputError(problems)


def keys_of_partition(keys: Mapping[str, str], partition: str) -> Mapping[str, str]:
    """Return the keys that can encrypt resources of a partition."""
    return {name: key for name, key in keys.items() if is_managed_by_aws(key) or _partition(key) == partition}


def key_notes(keys: Mapping[str, str], tasks: Sequence[PlannedTask]) -> Iterator[str]:
    """Yield notes about a default AWS managed key and about names that no task definition of a plan uses."""
    if EVERYTHING in keys and is_managed_by_aws(keys[EVERYTHING]):
        yield "kms_keys says that AWS manages the keys of all secrets and parameters that it does not name"
    if any(task.place is None for task in tasks):
        return
    unused = [{finding.source for finding in task.findings if finding.code == _UNUSED} for task in tasks]
    for name in keys:
        if name != EVERYTHING and all(f"options:{option_path('kms_keys', name)}" in sources for sources in unused):
            yield f"kms_keys names {name}, which no task definition of this plan uses; check the spelling"


def _partition(key: str) -> str:
    try:
        return parse_arn(key).partition
    except ValueError:
        return "aws"
