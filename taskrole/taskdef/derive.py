"""From task definitions to grants: every feature looks at every document, and all that they find is put in order."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from operator import attrgetter

from taskrole.arns import Context, role_arn
from taskrole.grant import Finding, Grant, RequiredElsewhere
from taskrole.taskdef.document import Node, TaskDocument
from taskrole.taskdef.images import image_items
from taskrole.taskdef.items import Item, Setting, Used, usable
from taskrole.taskdef.launch import launch_items
from taskrole.taskdef.options import Options

_FEATURES: tuple[Callable[[Node, Setting], Iterator[Item]], ...] = (
    image_items,
    launch_items,
)


@dataclass(frozen=True)
class Derivation:
    """What task definitions need: grants of both roles, what a person should know, what other accounts must add.

    Each is sorted. Grants for the same permission from several fields all stay: each has its own cause.
    """

    context: Context
    grants: tuple[Grant, ...]
    findings: tuple[Finding, ...]
    required_elsewhere: tuple[RequiredElsewhere, ...]

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
    be filled in. Raises ValueError when the context has no account.
    """
    if context.account is None:
        raise ValueError("the context must have an account; resolve_context sees to it")
    options = options or Options()
    grants: list[Grant] = []
    findings: set[Finding] = set()
    required: list[RequiredElsewhere] = []
    used: set[str] = set()
    for document in documents:
        file = document.file if len(documents) > 1 else ""
        task = Node(document.data, "", file)
        findings.update(task.named(one) for one in document.findings)
        setting = Setting(
            context,
            options,
            execution_role_arn or role_arn(context, "EXECUTION-ROLE-NAME"),
            task_role_arn or role_arn(context, "TASK-ROLE-NAME"),
        )
        for feature in _FEATURES:
            for item in usable(feature(task, setting)):
                if isinstance(item, Grant):
                    grants.append(item)
                elif isinstance(item, Finding):
                    findings.add(item)
                elif isinstance(item, Used):
                    used.add(item.option)
                else:
                    required.append(item)
    return Derivation(context, _sorted_grants(grants), tuple(sorted(findings)), _sorted_required(required))


# The order of the fields is the order of grants; attrgetter compares many thousands of them quickly.
_GRANT_ORDER = attrgetter(*Grant.__dataclass_fields__)


def _sorted_grants(grants: list[Grant]) -> tuple[Grant, ...]:
    return tuple(sorted(grants, key=_GRANT_ORDER))


def _sorted_required(required: list[RequiredElsewhere]) -> tuple[RequiredElsewhere, ...]:
    def order(one: RequiredElsewhere) -> tuple[str, ...]:
        return (one.account or "", one.service, one.resource, json.dumps(one.statement), one.source, one.file)

    return tuple(sorted(required, key=order))
