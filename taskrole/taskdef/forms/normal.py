"""Converts the result of a form's reader to a task document: fills in values, then fits it to the shape."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from taskrole.finding import Finding
from taskrole.taskdef.confidential import without_quotes
from taskrole.taskdef.document import TaskDocument
from taskrole.taskdef.fields import TASK_DEFINITION_SHAPE
from taskrole.taskdef.forms.form import SourceDefinition
from taskrole.taskdef.shape import BROKEN, fit
from taskrole.taskdef.values.document import container_images, fill_document, needed_values
from taskrole.taskdef.values.styles import may_hold_placeholders
from taskrole.taskdef.values.values import Filled, Values


def task_document_of(definition: SourceDefinition, file: str, values: Values | None = None) -> TaskDocument:
    """Return the document of a task definition in a file.

    `values` fill its placeholders. Without `values`, defaults are not filled in either, as ECS does not do that.
    """
    called = f"{file}#{definition.name}" if definition.name else file
    findings: list[Finding] = []
    filled, fitted = _plain(definition.data, values) or _filled(definition, values, called, findings)
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


def _plain(data: Any, values: Values | None) -> tuple[Filled, Any] | None:
    """Return a task definition fitted to the shape if it has no error, and the fields that are read no placeholder.

    This is the common case, in which the other fields need not be searched for placeholders.
    """
    if values is None or values.are_given or not isinstance(data, Mapping):
        return None
    findings: list[Finding] = []
    texts: list[str] = []
    fitted = fit(data, TASK_DEFINITION_SHAPE, "", findings, is_plain=True, texts=texts)
    images = [] if findings else container_images(fitted)
    if not images or may_hold_placeholders(texts, images):
        return None
    return Filled(data, frozenset(), is_plain=True), fitted


def _filled(
    definition: SourceDefinition, values: Values | None, called: str, findings: list[Finding]
) -> tuple[Filled, Any]:
    """Return a task definition with its placeholders filled in, and fitted to the shape; `findings` are added to."""
    filled = Filled(definition.data, frozenset())
    if values is not None and isinstance(definition.data, Mapping):
        filled = fill_document(definition.data, values, file=called, own_pointer=definition.own_pointer)
    return filled, fit(filled.data, TASK_DEFINITION_SHAPE, "", findings, is_plain=filled.is_plain)
