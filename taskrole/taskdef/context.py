"""Resolves the partition, region and account of tasks, which a task definition does not name.

Sources in this order: options; the `taskDefinitionArn` in the output of describe-task-definition; for partition and
account, the ARNs of the roles. Images, log regions and secrets are not used, since they may be elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from taskrole.arns import ACCOUNT, ACCOUNT_FORM, Arn, Context, is_region, parse_arn
from taskrole.errors import InputError, Place, Problem, quote
from taskrole.partitions import nearest_regions, partition_of, partitions
from taskrole.taskdef.document import TaskDocument
from taskrole.taskdef.placeholders import find_placeholder

_PLACE = Place("context")
_WAYS = {
    "region": "set --region, region in roles.yaml, or a task definition as `aws ecs describe-task-definition` returns"
    " it, with its taskDefinitionArn",
    "account": "set --account, account in roles.yaml, a taskDefinitionArn, or a role's ARN in the task definition",
    "partition": "set --partition",
}


def resolve_context(
    documents: Sequence[TaskDocument],
    *,
    partition: str | None = None,
    region: str | None = None,
    account: str | None = None,
) -> Context:
    """Return the partition, region and account of the tasks of all documents.

    Raises InputError if one is missing or invalid, or if documents disagree.
    """
    problems = list(_bad_values(partition, region, account))
    if problems:
        raise InputError(problems)
    definitions = list(_arns(documents, ("taskDefinitionArn",), "ecs"))
    roles = list(_arns(documents, ("executionRoleArn", "taskRoleArn"), "iam"))
    region = region or _agreed("region", ((file, arn.region) for file, arn in definitions), problems)
    account = (
        account
        or _agreed("account", ((file, arn.account) for file, arn in definitions), problems)
        or _agreed("account", ((file, arn.account) for file, arn in roles), problems)
    )
    partition = (
        partition
        or _partition_of(region)
        or _agreed("partition", ((file, arn.partition) for file, arn in (*definitions, *roles)), problems)
    )
    values = {"partition": partition, "region": region, "account": account}
    named = {problem.place.path for problem in problems}
    for name, value in values.items():
        if value is None and name not in named and not (name == "partition" and region is None):
            problems.append(Problem(Place(_PLACE.file, path=name), f"is not known; {_WAYS[name]}"))
    if partition and region and not is_region(region, partition):
        problems.append(
            Problem(Place(_PLACE.file, path="region"), f"{region} is not a region of partition {partition}")
        )
    if problems:
        raise InputError(problems)
    return Context(partition or "", region or "", account)


def _bad_values(partition: str | None, region: str | None, account: str | None) -> Iterable[Problem]:
    if partition is not None and partition not in partitions():
        message = f"must be one of {', '.join(partitions())}; got {quote(partition)}"
        yield Problem(Place(_PLACE.file, path="partition"), message)
    if region is not None and not _could_be_region(region):
        near = nearest_regions(region)
        suggestion = f"; did you mean {' or '.join(near)}?" if near else ""
        message = f"must be a region such as eu-central-1; got {quote(region)}{suggestion}"
        yield Problem(Place(_PLACE.file, path="region"), message)
    if account is not None and not ACCOUNT.fullmatch(account):
        yield Problem(Place(_PLACE.file, path="account"), f"must be {ACCOUNT_FORM}; got {quote(account)}")


def _could_be_region(region: str) -> bool:
    return _partition_of(region) is not None


def _partition_of(region: str | None) -> str | None:
    """Return the partition that lists a region, or whose pattern it matches: AWS adds regions."""
    if region is None:
        return None
    known = partition_of(region)
    if known:
        return known.id
    return next((partition.id for partition in partitions().values() if is_region(region, partition.id)), None)


def _arns(documents: Sequence[TaskDocument], keys: Sequence[str], service: str) -> Iterable[tuple[str, Arn]]:
    """Yield the ARNs of a service in these fields; other values are reported by the feature of the field."""
    for document in documents:
        for key in keys:
            text = document.data.get(key)
            if not isinstance(text, str) or (not document.is_plain and find_placeholder(text)):
                continue
            try:
                arn = parse_arn(text)
            except ValueError:
                continue
            if arn.service == service and ACCOUNT.fullmatch(arn.account):
                yield document.file, arn


def _agreed(name: str, named: Iterable[tuple[str, str]], problems: list[Problem]) -> str | None:
    """Return the value that all sources agree on, or None; different values are a problem."""
    by_value: dict[str, str] = {}
    for file, value in named:
        if value:
            by_value.setdefault(value, file)
    if len(by_value) > 1:
        values = ", ".join(f"{value} in {file}" for value, file in sorted(by_value.items()))
        fix = f"derive them separately, or set --{name}"
        problems.append(Problem(Place(_PLACE.file, path=name), f"differs between task definitions: {values}; {fix}"))
        return None
    return next(iter(by_value), None)
