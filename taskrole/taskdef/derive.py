"""From task definitions to grants: every feature looks at every document, and all that they find is put in order."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from operator import attrgetter

from taskrole.arns import Context, role_arn, secret_arn
from taskrole.errors import InputError
from taskrole.grant import Finding, Grant, RequiredElsewhere, RoleKind
from taskrole.taskdef.collector import collector_paused
from taskrole.taskdef.containers import container_items
from taskrole.taskdef.credential_specs import credential_spec_items
from taskrole.taskdef.document import Field, Node, TaskDocument
from taskrole.taskdef.ecs_exec import ecs_exec_items
from taskrole.taskdef.efs import efs_items
from taskrole.taskdef.firelens import firelens_items
from taskrole.taskdef.fsx import fsx_items
from taskrole.taskdef.guardduty import guardduty_items
from taskrole.taskdef.images import image_items
from taskrole.taskdef.items import Item, Setting, Used, finding, grant, option_used, usable
from taskrole.taskdef.launch import launch_items
from taskrole.taskdef.logs import log_items
from taskrole.taskdef.mounts import mount_items
from taskrole.taskdef.option_checks import check_options
from taskrole.taskdef.option_use import given_options
from taskrole.taskdef.options import Options
from taskrole.taskdef.other_volumes import other_volume_items
from taskrole.taskdef.references import SERVICE_CONNECT
from taskrole.taskdef.registry_credentials import registry_credential_items
from taskrole.taskdef.roles import ROLE_FIELDS, named_role, role_items
from taskrole.taskdef.s3_files import s3_file_items
from taskrole.taskdef.s3_objects import environment_file_items
from taskrole.taskdef.secrets import secret_items
from taskrole.taskdef.sidecars import sidecar_items

_FEATURES: tuple[Callable[[Node, Setting], Iterator[Item]], ...] = (
    container_items,
    image_items,
    registry_credential_items,
    secret_items,
    log_items,
    firelens_items,
    environment_file_items,
    credential_spec_items,
    mount_items,
    efs_items,
    s3_file_items,
    fsx_items,
    other_volume_items,
    ecs_exec_items,
    guardduty_items,
    sidecar_items,
    role_items,
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


@collector_paused()
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
    if context.account is None:
        raise ValueError("the context must have an account; resolve_context sees to it")
    options = options or Options()
    problems = check_options(options, context)
    if problems:
        raise InputError(problems)
    found = _Found()
    base = Setting(context, options, execution_role_arn or "", task_role_arn or "")
    for document in documents:
        task = Node(document.data, "", document.file if len(documents) > 1 else "")
        found.findings.update(task.named(one) for one in document.findings)
        items = _document_items(task, base)
        found.add_all(_with_own_pointers(items, document.own_pointer) if document.own_pointer else items)
    found.add_all(_general_items(found, base))
    return Derivation(
        context, _sorted_grants(found.grants), tuple(sorted(found.findings)), _sorted_required(found.required.values())
    )


_TOLD_ONCE = frozenset({"S3-3", "S3-KMS", "SM-3", "SM-5"})


@dataclass
class _Found:
    """What features have yielded so far, by its kind."""

    grants: list[Grant] = field(default_factory=list)
    findings: set[Finding] = field(default_factory=set)
    required: dict[str, RequiredElsewhere] = field(default_factory=dict)
    told: dict[tuple[str, str, str], Finding] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)

    def add_all(self, items: Iterator[Item]) -> None:
        for item in items:
            if isinstance(item, Grant):
                self.grants.append(item)
            elif isinstance(item, Finding):
                self._add_finding(item)
            elif isinstance(item, Used):
                self.used.add(item.option)
            else:
                content = json.dumps((item.account, item.service, item.resource, item.statement), sort_keys=True)
                self.required.setdefault(content, item)

    def _add_finding(self, item: Finding) -> None:
        # About a thing rather than a field: told where it is first named, not in each of thirty fields.
        if item.code in _TOLD_ONCE:
            item = self.told.setdefault((item.code, item.message, item.file), item)
        self.findings.add(item)


def _document_items(task: Node, base: Setting) -> Iterator[Item]:
    """Yield what all features find in one document, and that it names no role where it needs one."""
    setting = replace(
        base,
        execution_role=base.execution_role or _role_to_name("execution", task, base),
        task_role=base.task_role or _role_to_name("task", task, base),
    )
    needs: dict[RoleKind, bool] = {"execution": False, "task": False}
    for feature in _FEATURES:
        for item in usable(feature(task, setting)):
            if isinstance(item, Grant):
                needs[item.role] = True
            yield item
    for kind, is_needed in needs.items():
        if is_needed and not task.has(ROLE_FIELDS[kind]):
            message = f"is not given, and the task needs its {kind} role; put the ARN of the role derived here"
            yield finding("ROLE-MISSING", "warning", task.field(ROLE_FIELDS[kind]), message)


def _with_own_pointers(items: Iterator[Item], own_pointer: Callable[[str], str]) -> Iterator[Item]:
    """Yield items with the pointers of the user's document; those of options stay."""
    for item in items:
        if isinstance(item, Used) or item.source.startswith("options:"):
            yield item
        else:
            yield replace(item, source=own_pointer(item.source))


def _role_to_name(kind: RoleKind, task: Node, base: Setting) -> str:
    return named_role(task, kind, base) or role_arn(base.context, f"{kind.upper()}-ROLE-NAME")


def _general_items(found: _Found, setting: Setting) -> Iterator[Item]:
    """Yield what holds for all documents together."""
    options, context, whole = setting.options, setting.context, Field("")
    if options.deny_service_connect_secrets and found.grants:
        yield option_used("deny_service_connect_secrets")
        because = "the TLS keys of Service Connect are nobody's but its own"
        resource = secret_arn(context.partition, "*", "*", f"{SERVICE_CONNECT}*")
        denied = grant("SM-DENY", Field("options:/deny_service_connect_secrets"), because, [resource])
        yield replace(denied, effect="Deny")
    message = "RunTask and services can name other roles and environment files, which are not seen here"
    yield finding("OVERRIDES", "note", whole, message)
    message = (
        "what the application itself calls cannot be derived from a task definition; grant it to the task role yourself"
    )
    yield finding("APPLICATION", "note", whole, message)
    for option in sorted(set(given_options(options)) - found.used):
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
