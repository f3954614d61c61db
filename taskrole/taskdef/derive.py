"""From task definitions to grants: every feature looks at every document, and all that they find is put in order."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from operator import attrgetter
from typing import TypeAlias, cast

from taskrole.arns import Context, role_arn
from taskrole.collector import collector_paused
from taskrole.errors import BadValueError, InputError
from taskrole.finding import Finding
from taskrole.grant import Grant, RequiredElsewhere, RoleKind
from taskrole.progress import tracked
from taskrole.taskdef.confidential import without_quotes
from taskrole.taskdef.document import Field, Node, TaskDocument
from taskrole.taskdef.feature import Feature
from taskrole.taskdef.feature_rules import ONCE
from taskrole.taskdef.features.registry import FEATURES
from taskrole.taskdef.features.roles import ROLE_FIELDS, named_role
from taskrole.taskdef.items import Item, PossibleNeed, Setting, Used, finding, usable
from taskrole.taskdef.option import given_options
from taskrole.taskdef.option_reads import OptionReads, equal_options
from taskrole.taskdef.options import Options, check_options


@dataclass(frozen=True)
class Derivation:
    """What task definitions need: grants of both roles, what a person should know, what other accounts must add.

    Each is sorted. Grants for the same permission from several fields all stay: each has its own cause. `possible`
    is what they may need beside the grants, and no task definition says.
    """

    context: Context
    grants: tuple[Grant, ...]
    findings: tuple[Finding, ...]
    required_elsewhere: tuple[RequiredElsewhere, ...]
    possible: tuple[PossibleNeed, ...] = ()

    @property
    def needs_task_role(self) -> bool:
        """Tell whether anything is granted to the task role."""
        return any(grant.role == "task" for grant in self.grants)


def derive(
    documents: Sequence[TaskDocument],
    context: Context,
    options: Options | None = None,
    *,
    execution_role_arn: str | None = None,
    task_role_arn: str | None = None,
) -> Derivation:
    """Return what these task definitions need of their execution and task role, in this place.

    The ARNs are those that statements for other accounts name; by default the document's, if it has one, or a name to
    be filled in. Raises InputError for options that are wrong, ValueError for a context without an account.
    """
    base = Setting(context, options or Options(), execution_role_arn or "", task_role_arn or "")
    (derivation,) = _derive_all(documents, [base])
    return derivation


def derive_each(
    documents: Sequence[TaskDocument], context: Context, variants: Sequence[Options]
) -> tuple[Derivation, ...]:
    """Return what task definitions need under each of several options, as `derive` returns it for one of them.

    A feature is derived again only where the options that it read differ. Raises as `derive` does.
    """
    return _derive_all(documents, [Setting(context, options, "", "") for options in variants])


@collector_paused()
def _derive_all(documents: Sequence[TaskDocument], bases: Sequence[Setting]) -> tuple[Derivation, ...]:
    for base in bases:
        if base.context.account is None:
            raise BadValueError("the context must have an account; resolve_context sees to it")
        problems = check_options(cast("Options", base.options), base.context)
        if problems:
            raise InputError(problems)
    results = [_Found() for _ in bases]
    equal = equal_options([cast("Options", base.options) for base in bases])
    for document in tracked(documents, "deriving task definitions"):
        task = Node(document.data, "", document.file if len(documents) > 1 else "")
        findings = [task.named(finding) for finding in document.findings]
        for found, items in zip(results, _items_by_setting(task, document, bases, equal), strict=True):
            found.findings.update(findings)
            found.add_all(items)
    return tuple(_derivation(found, base) for found, base in zip(results, bases, strict=True))


_ItemsOf: TypeAlias = Callable[[Feature, Node, Setting], Iterable[Item]]


def _items_by_setting(
    task: Node, document: TaskDocument, bases: Sequence[Setting], equal: frozenset[str]
) -> Iterator[Iterable[Item]]:
    """Yield what all features find in a document in each setting; `equal` are the options that all settings share."""
    if len(bases) == 1:
        yield _of_document(_document_items(task, bases[0], _feature_items), document)
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

    yield _of_document(_document_items(task, replace(bases[0], options=reads), first_items), document)
    for base in bases[1:]:
        yield _of_document(_document_items(task, base, other_items), document)


def _feature_items(feature: Feature, task: Node, setting: Setting) -> Iterable[Item]:
    return usable(feature.items(task, setting)) if feature.items else ()


def _derivation(found: _Found, base: Setting) -> Derivation:
    found.add_all(_general_items(found, base))
    return Derivation(
        base.context,
        _sorted_grants(found.grants),
        tuple(sorted(found.findings, key=attrgetter("order"))),
        _sorted_required(found.required.values()),
        tuple(sorted(found.possible, key=lambda need: (need.grant, need.reason))),
    )


@dataclass
class _Found:
    """What features have yielded so far, by its kind."""

    grants: list[Grant] = field(default_factory=list)
    findings: set[Finding] = field(default_factory=set)
    required: dict[str, RequiredElsewhere] = field(default_factory=dict)
    possible: list[PossibleNeed] = field(default_factory=list)
    told: dict[tuple[str, str, str], Finding] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)

    def add_all(self, items: Iterable[Item]) -> None:
        for item in items:
            if isinstance(item, Grant):
                self.grants.append(item)
            elif isinstance(item, Finding):
                self._add_finding(item)
            elif isinstance(item, Used):
                self.used.add(item.option)
            elif isinstance(item, PossibleNeed):
                self.possible.append(item)
            else:
                content = json.dumps((item.account, item.service, item.resource, item.statement), sort_keys=True)
                self.required.setdefault(content, item)

    def _add_finding(self, item: Finding) -> None:
        # About a thing rather than a field: told where it is first named, not in each of thirty fields.
        if item.code in ONCE:
            item = self.told.setdefault((item.code, item.message, item.file), item)
        self.findings.add(item)


def _document_items(task: Node, base: Setting, items_of: _ItemsOf) -> Iterator[Item]:
    """Yield what all features find in one document, and that it names no role where it needs one."""
    setting = replace(
        base,
        execution_role=base.execution_role or _role_to_name("execution", task, base),
        task_role=base.task_role or _role_to_name("task", task, base),
    )
    needs: dict[RoleKind, bool] = {"execution": False, "task": False}
    for feature in FEATURES:
        for item in items_of(feature, task, setting):
            if isinstance(item, Grant):
                needs[item.role] = True
            yield item
    for kind, is_needed in needs.items():
        if is_needed and not task.has(ROLE_FIELDS[kind]):
            message = f"is not given, and the task needs its {kind} role; put the ARN of the role derived here"
            yield finding("ROLE-MISSING", "warning", task.field(ROLE_FIELDS[kind]), message)


def _of_document(items: Iterator[Item], document: TaskDocument) -> Iterator[Item]:
    """Yield items with the pointers of the user's document, but for those of options; quoting nothing sensitive."""
    own_pointer = document.own_pointer
    for item in items:
        if isinstance(item, Used):
            yield item
            continue
        if document.is_sensitive and isinstance(item, Finding):
            item = without_quotes(item)  # noqa: PLW2901 -- the same without its quotes
        if isinstance(item, PossibleNeed):
            if own_pointer:
                item = replace(item, grant=replace(item.grant, source=own_pointer(item.grant.source)))  # noqa: PLW2901
            yield item
            continue
        # Without a pointer it is about the whole task definition, wherever that is.
        is_kept = own_pointer is None or not item.source.startswith("/")
        yield item if own_pointer is None or is_kept else replace(item, source=own_pointer(item.source))


def _role_to_name(kind: RoleKind, task: Node, base: Setting) -> str:
    return named_role(task, kind, base) or role_arn(base.context, f"{kind.upper()}-ROLE-NAME")


def _general_items(found: _Found, setting: Setting) -> Iterator[Item]:
    """Yield what holds for all documents together."""
    grants = tuple(found.grants)
    for feature in FEATURES:
        if feature.overall:
            yield from feature.overall(setting, grants)
    for option in sorted(set(given_options(setting.options)) - found.used):
        message = "is used by no task; is it spelled as the task definitions have it?"
        yield finding("OPTION-UNUSED", "warning", Field(f"options:{option}"), message)


# The order of the fields is the order of grants; attrgetter compares many thousands of them quickly.
_GRANT_ORDER = attrgetter(*Grant.__dataclass_fields__)


def _sorted_grants(grants: list[Grant]) -> tuple[Grant, ...]:
    return tuple(sorted(grants, key=_GRANT_ORDER))


def _sorted_required(required: Iterable[RequiredElsewhere]) -> tuple[RequiredElsewhere, ...]:
    def order(one: RequiredElsewhere) -> tuple[str, ...]:
        return (one.account or "", one.service, one.resource, json.dumps(one.statement), one.source, one.file)

    return tuple(sorted(required, key=order))
