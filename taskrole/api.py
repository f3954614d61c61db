"""Functions of the public API that take plain Python values; `import taskrole` offers them. See docs/api.md."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from taskrole.arns import Context
from taskrole.policy.documents.statements import Document
from taskrole.policy.documents.statements import policy_text as document_text
from taskrole.role import Role
from taskrole.taskdef.context import resolve_context
from taskrole.taskdef.document import TaskDocument
from taskrole.taskdef.options import Options
from taskrole.taskdef.read import parse_document, read_documents
from taskrole.taskdef.values.values import Values

if TYPE_CHECKING:
    from taskrole.check.report import CheckReport
    from taskrole.grant import RoleKind
    from taskrole.policy.effective_role import EffectiveRole
    from taskrole.review.report import Report as ReviewReport
    from taskrole.review.review import ReviewOptions

__all__ = [
    "check_tasks",
    "parse_task_definition",
    "policy_text",
    "read_task_definitions",
    "resolve_context",
    "review_plan",
]


def read_task_definitions(
    *paths: str | Path, values: Mapping[str, str] | None = None, images: Mapping[str, str] | None = None
) -> list[TaskDocument]:
    """Return the task definitions of files, folders and glob patterns, in any form of docs/task-definitions.md.

    `values` fill placeholders by name, `images` those of container images by the container's name. Raises InputError
    with all problems of all files; problems inside a task definition are in the `findings` that `derive` returns.
    """
    return read_documents([str(path) for path in paths], values=Values(values or {}, images or {}))


def parse_task_definition(
    data: Mapping[str, Any],
    *,
    name: str = "task definition",
    values: Mapping[str, str] | None = None,
    images: Mapping[str, str] | None = None,
) -> TaskDocument:
    """Return the only task definition in data of any form, such as the result of `json.loads`.

    `name` is its name in messages; `values` and `images` are those of `read_task_definitions`. Raises InputError.
    """
    return parse_document(dict(data), name, Values(values or {}, images or {}))


def check_tasks(
    documents: Sequence[TaskDocument],
    context: Context,
    *,
    execution_role: Role | EffectiveRole | None = None,
    task_role: Role | EffectiveRole | None = None,
    options: Options | None = None,
) -> CheckReport:
    """Return the permissions that the tasks lack with these roles, and those that they do not need.

    A Role is declared or derived; the documents of its AWS managed policies are known. A role that is not given is not
    checked. Raises InputError for invalid options, ValueError for a context without an account.
    """
    # Imported late, as below: derivation needs neither the evaluator nor the action database.
    from taskrole.check.report import Assignment
    from taskrole.check.tasks import check_tasks as check

    given: dict[RoleKind, Role | EffectiveRole | None] = {"execution": execution_role, "task": task_role}
    effective = {kind: _effective(role, context) for kind, role in given.items() if role is not None}
    assignments = [Assignment(document.file, kind, role) for document in documents for kind, role in effective.items()]
    return check(documents, context, dict.fromkeys(given, options or Options()), assignments)


def review_plan(
    plan: Path | bytes | BinaryIO, *, settings: Path | None = None, options: ReviewOptions | None = None
) -> ReviewReport:
    """Return the review of a plan, `terraform show -json`: the changes of each role's permissions and trust.

    `settings` is a settings file (docs/plan-review.md); none is read by default. Raises InputError if the file is not a
    plan of format version 1, and for invalid settings.
    """
    from taskrole.review.review import review
    from taskrole.review.settings_file import load_settings

    return review(plan, load_settings(settings) if settings is not None else None, options)


def policy_text(document: Document) -> str:
    """Return a policy document as canonical, indented JSON: the same document always has the same text."""
    return document_text(document)


def _effective(role: Role | EffectiveRole, context: Context) -> EffectiveRole:
    from taskrole.sources.declared import configured_role

    return configured_role(role, context) if isinstance(role, Role) else role
