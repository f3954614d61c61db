"""A file's bytes as data: JSON or YAML, whichever they are; the name of the file says nothing."""

from __future__ import annotations

import re
from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from types import MappingProxyType
from typing import Any

from taskrole.errors import InputError, Place, Problem
from taskrole.reading import LARGEST_FILE
from taskrole.taskdef.forms.not_read import text_message
from taskrole.taskdef.forms.registry import OtherContentError
from taskrole.taskdef.forms.terraform.form import may_be_terraform, outline
from taskrole.taskdef.json_text import DEEPEST_NESTING, parse_json

# The short tags of CloudFormation and what each stands for:
# https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html
_FUNCTIONS = (
    *("And", "Base64", "Cidr", "Contains", "EachMemberEquals", "EachMemberIn", "Equals", "FindInMap", "GetAtt"),
    *("GetAZs", "If", "ImportValue", "Join", "Length", "Not", "Or", "RefAll", "Select", "Split", "Sub", "ToJsonString"),
    *("Transform", "ValueOf", "ValueOfAll"),
)
_TAGS = MappingProxyType(
    {"!Ref": "Ref", "!Condition": "Condition"} | {f"!{name}": f"Fn::{name}" for name in _FUNCTIONS}
)
LARGEST_TERRAFORM = 512 << 20  # bytes
_ARCHIVE = "is a saved plan or another archive; run `terraform show -json PLANFILE > plan.json` and give plan.json"
_SHARED = "write out what they stand for"
_UTF_16 = "must be UTF-8; it is UTF-16, as PowerShell writes it; save it as UTF-8: … | Out-File -Encoding utf8 FILE"
_SAVED_PLAN = b"PK\x03\x04"
# In a CloudFormation template every number is a text: an account may begin with a zero.
_TEMPLATE = re.compile(rb"^[\"']?Resources[\"']?[ \t]*:", re.MULTILINE)
# Whether a text that cannot be parsed was meant to be a task definition.
_ABOUT_TASKS = re.compile(
    rb"container_?definition|AWS::ECS::|aws_ecs_|task_?role_?arn|execution_?role_?arn|primary_?container", re.IGNORECASE
)


def parse_content(content: bytes, file: str) -> Any:
    """Return the data of JSON or YAML in UTF-8; of a large plan or state its outermost keys only.

    Raises InputError for what cannot be read, OtherContentError where it is also surely something else.
    """
    if content.startswith((BOM_UTF16_LE, BOM_UTF16_BE)):
        raise InputError([Problem(Place(file), _UTF_16)])
    if content.startswith(_SAVED_PLAN):
        message = (
            "is a saved plan or another archive; run `terraform show -json PLANFILE > plan.json` and give plan.json"
        )
        raise OtherContentError([Problem(Place(file), message)])
    if len(content) > LARGEST_FILE and may_be_terraform(content):
        return outline(content, file)
    text = content.decode("utf-8-sig", "replace")
    refusal = text_message(text)
    if refusal is not None:
        raise OtherContentError([Problem(Place(file), refusal)])
    is_json = text.lstrip()[:1] in ("", "{", "[")
    try:
        return parse_json(content, file) if is_json else _parse_yaml(content, file)
    except InputError as error:
        problems = [Problem(one.place, f"{one.message}{_hint(text)}") for one in error.problems]
        # Many a YAML file is a template of something else, and no YAML at all.
        is_other = not is_json and not _ABOUT_TASKS.search(content)
        raise (OtherContentError if is_other else InputError)(problems) from None


def largest(head: bytes) -> int:
    """Return how large a file may be that begins like this, in bytes."""
    return LARGEST_TERRAFORM if may_be_terraform(head) else LARGEST_FILE


def _parse_yaml(content: bytes, file: str) -> Any:
    # Only now: most task definitions are JSON.
    from taskrole.yaml_reader import Dialect, read_yaml

    is_template = _TEMPLATE.search(content) is not None
    return read_yaml(content, file, Dialect(_TAGS, DEEPEST_NESTING, _SHARED, has_numbers=not is_template)).data


def _hint(text: str) -> str:
    is_template = "{{" in text or "{%" in text
    return "; where it is a template, render it first (`ecspresso render taskdef`)" if is_template else ""
