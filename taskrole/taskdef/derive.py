"""Derives grants from task definitions: runs every feature on every document and sorts the results."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence, Set
from dataclasses import field, replace
from operator import attrgetter
from typing import TypeAlias, cast

from taskrole.arns import Context, role_arn
from taskrole.collector import collector_paused
from taskrole.dataclass import dataclass
from taskrole.errors import BadValueError, InputError
from taskrole.finding import Finding
from taskrole.grant import GRANT_ORDER, Grant, RequiredElsewhere, RoleKind
from taskrole.taskdef.confidential import without_quotes
from taskrole.taskdef.document import Field, Node, TaskDocument, TaskNode
from taskrole.taskdef.feature import Feature
from taskrole.taskdef.feature_results import Item, PossibleNeed, Setting, Used, finding, usable
from taskrole.taskdef.feature_rules import FEATURE_RULES, ONCE
from taskrole.taskdef.features.registry import FEATURES
from taskrole.taskdef.features.roles import ROLE_FIELDS, named_role
from taskrole.taskdef.option import given_options
from taskrole.taskdef.option_reads import OptionReads, equal_options
from taskrole.taskdef.options import Options, check_options
from taskrole.two_processes import in_groups


@dataclass(frozen=True)
class Derivation:
    """The needs of task definitions: grants of both roles, findings, and statements that other accounts must add.

    Each is sorted. Grants of the same permission from several fields are all kept, each with its cause. `possible` are
    further needs that depend on what no task definition contains.
    """

    context: Context
    grants: tuple[Grant, ...]
    findings: tuple[Finding, ...]
    required_elsewhere: tuple[RequiredElsewhere, ...]
    possible: tuple[PossibleNeed, ...] = ()


_NO_OPTIONS = Options()
_OVERALL = tuple(feature.overall for feature in FEATURES if feature.overall)


def derive(  # noqa: PLR0913 -- the last three have defaults
    documents: Sequence[TaskDocument],
    context: Context,
    options: Options | None = None,
    *,
    execution_role_arn: str | None = None,
    task_role_arn: str | None = None,
    lists_possible: bool = True,
) -> Derivation:
    """Return what these task definitions need of their execution and task role.

    The role ARNs are used in statements for other accounts; the default is the document's ARN, or a name to fill in.
    Without `lists_possible`, `possible` may be incomplete, and the rest takes a tenth less time.
    Raises InputError for invalid options, BadValueError for a context without an account.
    """
    roles = (execution_role_arn or "", task_role_arn or "")
    base = Setting(context, options or _NO_OPTIONS, FEATURE_RULES, *roles, lists_possible)
    (derivation,) = _derive_all(documents, [base])
    return derivation


def derive_each(
    documents: Sequence[TaskDocument], context: Context, variants: Sequence[Options]
) -> tuple[Derivation, ...]:
    """Return what task definitions need with each set of options, as `derive` does for one.

    A feature runs again only if options that it has read differ. Raises as `derive` does.
    """
    return _derive_all(documents, [Setting(context, options, FEATURE_RULES, "", "") for options in variants])


@collector_paused()
def _derive_all(documents: Sequence[TaskDocument], bases: Sequence[Setting]) -> tuple[Derivation, ...]:
    for base in bases:
        if base.context.account is None:
            raise BadValueError("the context must have an account; use resolve_context")
        problems = () if base.options is _NO_OPTIONS else check_options(cast("Options", base.options), base.context)
        if problems:
            raise InputError(problems)
    results = [_Results() for _ in bases]
    equal = equal_options([cast("Options", base.options) for base in bases]) if len(bases) > 1 else frozenset()
    is_one = len(documents) == 1

    def by_document(some: Sequence[TaskDocument]) -> list[list[Sequence[Item]]]:
        return [list(_items_by_setting(document, bases, equal, is_one=is_one)) for document in some]

    for group in in_groups(documents, by_document, "deriving task definitions"):
        for by_setting in group:
            for result, items in zip(results, by_setting, strict=True):
                result.add_all(items)
    return tuple(_derivation(result, base) for result, base in zip(results, bases, strict=True))


_ItemsOf: TypeAlias = Callable[[Feature, Node, Setting], Iterable[Item]]


def _items_by_setting(
    document: TaskDocument, bases: Sequence[Setting], equal: frozenset[str], *, is_one: bool
) -> Iterator[Sequence[Item]]:
    """Yield the results for a document in each setting; `equal` are the options that all settings share."""
    task = TaskNode(document.data, "", "" if is_one else document.file, is_plain=document.is_plain)
    fields = _fields(task)
    features = [feature for feature in FEATURES if feature.applies_to(fields)]
    if len(bases) == 1:
        yield _document_items(task, document, bases[0], features, _feature_items)
        return
    reads = OptionReads(bases[0].options)
    shared: dict[int, Iterable[Item]] = {}

    def first_items(feature: Feature, task: Node, setting: Setting) -> Iterable[Item]:
        reads.names.clear()
        items = list(_feature_items(feature, task, setting))
        if reads.names <= equal:
            shared[id(feature)] = items
        return items

    def other_items(feature: Feature, task: Node, setting: Setting) -> Iterable[Item]:
        known = shared.get(id(feature))
        return _feature_items(feature, task, setting) if known is None else known

    yield _document_items(task, document, replace(bases[0], options=reads), features, first_items)
    for base in bases[1:]:
        yield _document_items(task, document, base, features, other_items)


def _feature_items(feature: Feature, task: Node, setting: Setting) -> Iterable[Item]:
    return usable(feature.items(task, setting)) if feature.items else ()


def _derivation(results: _Results, base: Setting) -> Derivation:
    results.add_all(_general_items(results, base))
    return Derivation(
        base.context,
        tuple(sorted(results.grants, key=GRANT_ORDER)),
        tuple(sorted(results.findings, key=attrgetter("order"))),
        _sorted_required(results.required.values()),
        tuple(sorted(results.possible, key=lambda need: (need.grant, need.reason))),
    )


@dataclass
class _Results:
    """The results of features so far, by kind."""

    grants: list[Grant] = field(default_factory=list)
    findings: set[Finding] = field(default_factory=set)
    required: dict[str, RequiredElsewhere] = field(default_factory=dict)
    possible: list[PossibleNeed] = field(default_factory=list)
    reported_once: dict[tuple[str, str, str], Finding] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)

    def add_all(self, items: Iterable[Item]) -> None:
        latest: Finding | None = None
        for item in items:
            if isinstance(item, Grant):
                self.grants.append(item)
            elif isinstance(item, Finding):
                if item is not latest:  # the same finding on each secret
                    self._add_finding(item)
                latest = item
            elif isinstance(item, Used):
                self.used.add(item.option)
            elif isinstance(item, PossibleNeed):
                self.possible.append(item)
            else:
                content = json.dumps((item.account, item.service, item.resource, item.statement), sort_keys=True)
                self.required.setdefault(content, item)

    def _add_finding(self, item: Finding) -> None:
        # About a resource rather than a field: reported for the first field that names it only.
        if item.code in ONCE:
            item = self.reported_once.setdefault((item.code, item.message, item.file), item)
        self.findings.add(item)


def _document_items(
    task: Node, document: TaskDocument, base: Setting, features: Sequence[Feature], items_of: _ItemsOf
) -> list[Item]:
    """Return the findings on a document, the results of its features, and a finding for each role that it lacks."""
    execution_role = base.execution_role or _role_to_name("execution", task, base)
    task_role = base.task_role or _role_to_name("task", task, base)
    setting = Setting(base.context, base.options, base.rules, execution_role, task_role, base.lists_possible)
    items = [item for feature in features for item in items_of(feature, task, setting)]
    needed = {item.role for item in items if isinstance(item, Grant)}
    for kind, key in ROLE_FIELDS.items():
        if kind in needed and not task.has(key):
            message = f"is missing, and the task needs its {kind} role; set it to the ARN of the derived role"
            items.append(finding("ROLE-MISSING", "warning", task.field(key), message))
    if document.own_pointer or document.is_sensitive:
        items = [_of_document(item, document) for item in items]
    return [*map(task.named, document.findings), *items]


def _fields(task: Node) -> Set[str]:
    """Return the names of the fields of a task definition and of its containers."""
    containers = task.data.get("containerDefinitions")
    inner = containers if isinstance(containers, list) else ()
    return {*task.data}.union(*(container for container in inner if isinstance(container, dict)))


def _of_document(item: Item, document: TaskDocument) -> Item:
    """Return an item with its pointer into the user's document (unless to an option) and sensitive values masked."""
    own_pointer = document.own_pointer
    if isinstance(item, Used):
        return item
    if document.is_sensitive and isinstance(item, Finding):
        item = without_quotes(item)
    if own_pointer is None:
        return item
    if isinstance(item, PossibleNeed):
        return replace(item, grant=replace(item.grant, source=own_pointer(item.grant.source)))
    # Without a pointer it is about the whole task definition.
    return replace(item, source=own_pointer(item.source)) if item.source.startswith("/") else item


def _role_to_name(kind: RoleKind, task: Node, base: Setting) -> str:
    return named_role(task, kind, base) or role_arn(base.context, f"{kind.upper()}-ROLE-NAME")


def _general_items(results: _Results, setting: Setting) -> Iterator[Item]:
    """Yield the results for all documents together."""
    grants = tuple(results.grants)
    for overall in _OVERALL:
        yield from overall(setting, grants)
    given = () if setting.options is _NO_OPTIONS else given_options(setting.options)
    for option in sorted(set(given) - results.used):
        message = "is not used by any task definition; check the spelling"
        yield finding("OPTION-UNUSED", "warning", Field(f"options:{option}"), message)


def _sorted_required(required: Iterable[RequiredElsewhere]) -> tuple[RequiredElsewhere, ...]:
    def order(required: RequiredElsewhere) -> tuple[str, ...]:
        return (
            required.account or "",
            required.service,
            required.resource,
            json.dumps(required.statement),
            required.source,
            required.file,
        )

    return tuple(sorted(required, key=order))
