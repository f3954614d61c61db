"""From what a form's reader found to a task document: values filled in, then fitted to the shape that features read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from taskrole.finding import Finding
from taskrole.taskdef.confidential import without_quotes
from taskrole.taskdef.document import TaskDocument
from taskrole.taskdef.fields import TASK_DEFINITION_SHAPE
from taskrole.taskdef.forms.form import Found
from taskrole.taskdef.shape import BROKEN, fit
from taskrole.taskdef.values.document import fill_document, needed_values
from taskrole.taskdef.values.values import Filled, Values


def task_document_of(found: Found, file: str, values: Values | None = None) -> TaskDocument:
    """Return the document of a task definition that was found in a file.

    Its placeholders are filled with `values`; without, not even with their own defaults, as ECS would take it.
    """
    called = f"{file}#{found.name}" if found.name else file
    filled = Filled(found.data, frozenset())
    if values is not None and isinstance(found.data, Mapping):
        filled = fill_document(found.data, values, file=called, own_pointer=found.own_pointer)
    findings: list[Finding] = []
    fitted = fit(filled.data, TASK_DEFINITION_SHAPE, "", findings)
    own = found.own_pointer
    named = (
        *(replace(finding, file=called, source=own(finding.source) if own else finding.source) for finding in findings),
        *(replace(finding, file=called) for finding in found.findings),
    )
    if found.is_sensitive:
        named = tuple(map(without_quotes, named))
    family = fitted.get("family") if fitted is not BROKEN else None
    return TaskDocument(
        file=called,
        family="" if family is BROKEN or family is None else family,
        data={} if fitted is BROKEN else fitted,
        findings=named,
        used_values=found.used | filled.used,
        unfilled=() if fitted is BROKEN else needed_values(filled.unfilled, fitted),
        name=found.name,
        own_pointer=own,
        is_sensitive=found.is_sensitive,
    )
