"""Where the tasks of a project run, as far as its task definitions say it, and where they say it.

Unknown values are left to be filled in. What is certain (an option, a taskDefinitionArn, for the
account a role's ARN) goes first; then whatever the other fields agree on, which is marked to be checked.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from taskrole.arns import ACCOUNT_FORM
from taskrole.dataclass import dataclass
from taskrole.errors import printable
from taskrole.partitions import host_suffix_pattern, partition_of
from taskrole.taskdef import TaskDocument

_ARN = re.compile(r"arn:[a-z-]+:(?P<service>[a-z0-9-]+):(?P<region>[a-z0-9-]*):(?P<account>[0-9]{12}):.+", re.DOTALL)
_REGISTRY = re.compile(
    rf"(?P<account>[0-9]{{12}})\.dkr\.ecr(?:-fips)?\.(?P<region>[a-z0-9-]+)\.{host_suffix_pattern()}"
)
_MOST_NAMED = 4


@dataclass(frozen=True)
class Fact:
    """A value, or None if it is unknown; `note` is a comment on its origin, or on possible values."""

    value: str | None
    note: str = ""


@dataclass(frozen=True)
class _Mention:
    value: str
    field: str


_Source = Callable[[TaskDocument], Iterator[_Mention]]


def find_region(documents: Sequence[TaskDocument], given: str | None, environment: Mapping[str, str]) -> Fact:
    """Return the region: given, of task definitions, of log groups, of ARNs, of images; else the environment's."""
    if given:
        return Fact(given)
    sources = (_arn_parts("region", "taskDefinitionArn"), _log_regions, _other_arns("region"), _registries("region"))
    fact = _first(documents, sources, 1)
    if fact is not None:
        return fact
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION"):
        if partition_of(environment.get(name, "")):
            return Fact(environment[name], f"from {name}")
    return Fact(None, "where the tasks run, such as eu-west-1; no task definition says it")


def find_account(documents: Sequence[TaskDocument], given: str | None) -> Fact:
    """Return the account: given, of task definitions, of their roles, of other ARNs, of images."""
    if given:
        return Fact(given)
    roles = _arn_parts("account", "executionRoleArn", "taskRoleArn")
    sources = (_arn_parts("account", "taskDefinitionArn"), roles, _other_arns("account"), _registries("account"))
    return _first(documents, sources, 2) or Fact(None, f"{ACCOUNT_FORM} in quotes; no task definition says it")


def _first(documents: Sequence[TaskDocument], sources: Sequence[_Source], certain: int) -> Fact | None:
    """Return what the first source that says anything says: a value, or None where it says several.

    What any but the first, `certain` sources say is to be checked.
    """
    for number, source in enumerate(sources):
        mentions: dict[str, _Mention] = {}
        for mention in (mention for document in documents for mention in source(document)):
            mentions.setdefault(mention.value, mention)
        if len(mentions) == 1:
            (mention,) = mentions.values()
            return Fact(mention.value, "" if number < certain else f"as in {mention.field}; check it")
        if mentions:
            listed = ", ".join(f"{mention.value} in {mention.field}" for mention in [*mentions.values()][:_MOST_NAMED])
            return Fact(None, f"task definitions differ: {listed}")
    return None


def _arn_parts(part: str, *keys: str) -> _Source:
    def mentions(document: TaskDocument) -> Iterator[_Mention]:
        for key in keys:
            yield from _of_arn(part, document.data.get(key), f"/{key}", document)

    return mentions


def _other_arns(part: str) -> _Source:
    def mentions(document: TaskDocument) -> Iterator[_Mention]:
        for pointer, text in _texts(document.data, ""):
            yield from _of_arn(part, text, pointer, document)

    return mentions


def _registries(part: str) -> _Source:
    def mentions(document: TaskDocument) -> Iterator[_Mention]:
        for pointer, text in _texts(document.data, ""):
            registry = _REGISTRY.match(text) if pointer.endswith("/image") else None
            if registry:
                yield from _mention(part, registry[part], pointer, document)

    return mentions


def _log_regions(document: TaskDocument) -> Iterator[_Mention]:
    for pointer, text in _texts(document.data, ""):
        if pointer.endswith("/options/awslogs-region"):
            yield from _mention("region", text, pointer, document)


def _of_arn(part: str, text: Any, pointer: str, document: TaskDocument) -> Iterator[_Mention]:
    arn = _ARN.fullmatch(text) if isinstance(text, str) else None
    if arn and arn[part]:
        yield from _mention(part, arn[part], pointer, document)


def _mention(part: str, value: str, pointer: str, document: TaskDocument) -> Iterator[_Mention]:
    if part == "account" or partition_of(value):
        yield _Mention(value, printable(f"{document.file}: {pointer}"))


def _texts(data: Any, pointer: str) -> Iterator[tuple[str, str]]:
    if isinstance(data, str):
        yield pointer, data
    elif isinstance(data, Mapping):
        for key, value in data.items():
            yield from _texts(value, f"{pointer}/{key}")
    elif isinstance(data, list):
        for index, value in enumerate(data):
            yield from _texts(value, f"{pointer}/{index}")
