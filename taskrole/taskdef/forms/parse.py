"""Parses a file as JSON or YAML, detected by its content, not its name."""

from __future__ import annotations

import re
from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from typing import Any

from taskrole.errors import InputError, Place, Problem
from taskrole.taskdef.forms.not_read import text_message
from taskrole.taskdef.forms.registry import OtherContentError
from taskrole.taskdef.forms.syntaxes.registry import syntax_of

_ARCHIVE = "is a saved plan or another archive; run `terraform show -json PLANFILE > plan.json` and give plan.json"
_UTF_16 = "must be UTF-8; it is UTF-16, as PowerShell writes it; save it as UTF-8: … | Out-File -Encoding utf8 FILE"
_SAVED_PLAN = b"PK\x03\x04"
# Matches text that cannot be parsed but is meant to be a task definition.
_ABOUT_TASKS = re.compile(
    rb"container_?definition|AWS::ECS::|aws_ecs_|task_?role_?arn|execution_?role_?arn|primary_?container", re.IGNORECASE
)


def parse_content(content: bytes, file: str) -> Any:
    """Return the data of JSON or YAML in UTF-8; for a large plan or state, its outermost keys only.

    Raises InputError for unreadable content, or OtherContentError if it is certainly not a task definition.
    """
    if content.startswith((BOM_UTF16_LE, BOM_UTF16_BE)):
        raise InputError([Problem(Place(file), _UTF_16)])
    if content.startswith(_SAVED_PLAN):
        raise OtherContentError([Problem(Place(file), _ARCHIVE)])
    syntax = syntax_of(content)
    if syntax.least:  # too large to be inspected
        return syntax.parse(content, file)
    if not syntax.strict:  # YAML also accepts files of other kinds
        _refuse_other_texts(content, file)
    try:
        return syntax.parse(content, file)
    except InputError as error:
        _refuse_other_texts(content, file)
        problems = [Problem(problem.place, f"{problem.message}{_hint(content)}") for problem in error.problems]
        # Many *.yaml files are templates for other tools and not valid YAML.
        is_other = not syntax.strict and not _ABOUT_TASKS.search(content)
        raise (OtherContentError if is_other else InputError)(problems) from None


def _refuse_other_texts(content: bytes, file: str) -> None:
    refusal = text_message(content.decode("utf-8-sig", "replace"))
    if refusal is not None:
        raise OtherContentError([Problem(Place(file), refusal)])


def _hint(content: bytes) -> str:
    is_template = b"{{" in content or b"{%" in content
    return "; if it is a template, render it first (`ecspresso render taskdef`)" if is_template else ""
