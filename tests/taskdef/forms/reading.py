"""Reads documents of any form for the tests."""

from __future__ import annotations

import pytest

from taskrole.arns import Context
from taskrole.errors import InputError
from taskrole.taskdef import Derivation, TaskDocument, derive
from taskrole.taskdef.forms.form import Source
from taskrole.taskdef.forms.normal import task_document_of
from taskrole.taskdef.forms.parse import parse_content
from taskrole.taskdef.forms.registry import read_source
from taskrole.taskdef.values.values import Values

HERE = Context("aws", "eu-central-1", "111122223333")
PLACE = {"AWS::Region": "eu-central-1", "AWS::AccountId": "111122223333"}


def read(content: str | bytes, file: str = "file", **values: str) -> list[TaskDocument]:
    """Return the documents of a file's content, with values for names; `Db__Arn` is `Db.Arn`."""
    content = content.encode() if isinstance(content, str) else content
    given = Values({**PLACE, **{name.replace("__", "."): value for name, value in values.items()}})
    source = Source(file, parse_content(content, file), content)
    return [task_document_of(document, file, given) for document in read_source(source, given)]


def refusal(content: str | bytes, file: str = "file") -> str:
    """Return the error message for the content of a file."""
    with pytest.raises(InputError) as caught:
        read(content, file)
    return str(caught.value)


def derived(documents: list[TaskDocument]) -> Derivation:
    return derive(documents, HERE)


def resources(documents: list[TaskDocument]) -> dict[str, tuple[str, ...]]:
    """Return the resources of the grants by the pointers that cause them; the documents must have no errors."""
    derivation = derived(documents)
    assert [finding for finding in derivation.findings if finding.severity == "error"] == []
    return {grant.source: grant.resources for grant in derivation.grants}
