"""Converts the result of a form's reader to a task document: fills in values, then fits it to the shape."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from taskrole.finding import Finding
from taskrole.taskdef.confidential import without_quotes
from taskrole.taskdef.document import TaskDocument
from taskrole.taskdef.fields import TASK_DEFINITION_SHAPE
from taskrole.taskdef.forms.form import SourceDefinition
from taskrole.taskdef.shape import BROKEN, fit
from taskrole.taskdef.values.document import fill_document, needed_values
from taskrole.taskdef.values.values import Filled, Values


def task_document_of(definition: SourceDefinition, file: str, values: Values | None = None) -> TaskDocument:
    """Return the document of a task definition in a file.

    `values` fill its placeholders. Without `values`, defaults are not filled in either, as ECS does not do that.
    """
    called = f"{file}#{definition.name}" if definition.name else file
    filled = Filled(definition.data, frozenset())
    if values is not None and isinstance(definition.data, Mapping):
        filled = fill_document(definition.data, values, file=called, own_pointer=definition.own_pointer)
    findings: list[Finding] = []
    fitted = fit(filled.data, TASK_DEFINITION_SHAPE, "", findings, is_plain=filled.is_plain)
    own = definition.own_pointer
    named = (
        *(replace(finding, file=called, source=own(finding.source) if own else finding.source) for finding in findings),
        *(replace(finding, file=called) for finding in definition.findings),
    )
    if definition.is_sensitive:
        named = tuple(map(without_quotes, named))
    family = fitted.get("family") if fitted is not BROKEN else None
    return TaskDocument(
        file=called,
        family="" if family is BROKEN or family is None else family,
        data={} if fitted is BROKEN else fitted,
        findings=named,
        used_values=definition.used | filled.used,
        unfilled=() if fitted is BROKEN else needed_values(filled.unfilled, fitted),
        name=definition.name,
        own_pointer=own,
        is_sensitive=definition.is_sensitive,
        is_plain=filled.is_plain,
    )
