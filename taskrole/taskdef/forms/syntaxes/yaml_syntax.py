"""YAML, with the short tags of CloudFormation: the syntax of all files that are not JSON."""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import Any

from taskrole.taskdef.forms.syntaxes.syntax import Syntax
from taskrole.taskdef.json_text import DEEPEST_NESTING

# The short tags of CloudFormation:
# https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html
_FUNCTIONS = (
    *("And", "Base64", "Cidr", "Contains", "EachMemberEquals", "EachMemberIn", "Equals", "FindInMap", "GetAtt"),
    *("GetAZs", "If", "ImportValue", "Join", "Length", "Not", "Or", "RefAll", "Select", "Split", "Sub", "ToJsonString"),
    *("Transform", "ValueOf", "ValueOfAll"),
)
_TAGS = MappingProxyType(
    {"!Ref": "Ref", "!Condition": "Condition"} | {f"!{name}": f"Fn::{name}" for name in _FUNCTIONS}
)
_SHARED = "write the full values"
# Numbers in CloudFormation templates are read as strings, since an account can begin with a zero.
_TEMPLATE = re.compile(rb"^[\"']?Resources[\"']?[ \t]*:", re.MULTILINE)


def _parse(content: bytes, file: str) -> Any:
    # Imported late: most task definitions are JSON.
    from taskrole.yaml_reader import YamlDialect, read_yaml

    is_template = _TEMPLATE.search(content) is not None
    return read_yaml(content, file, YamlDialect(_TAGS, DEEPEST_NESTING, _SHARED, has_numbers=not is_template)).data


SYNTAX = Syntax("YAML", lambda _: True, _parse, strict=False)
