"""Resolves intrinsic functions to texts and lists. Unknown values become placeholders of the same name.

`Ref AppImage` becomes `${AppImage}`, `GetAtt Db.Arn` becomes `${Db.Arn}`, and texts built from them contain the
placeholder, which a value can fill. A literal `${` is kept.
Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from taskrole.errors import InputError, Place, Problem, quote
from taskrole.finding import Finding
from taskrole.taskdef.forms.cloudformation.conditions import TemplateConditions
from taskrole.taskdef.forms.cloudformation.references import References
from taskrole.taskdef.forms.conform import REMOVED
from taskrole.taskdef.shape import BROKEN

_NO_VALUE = "AWS::NoValue"
_VARIABLE = re.compile(r"\$\{(!?)([^}]*)\}")
_PLACEHOLDER = re.compile(r"\$\{([^{}]+)\}")
_LONGEST_TEXT = 1 << 16
_PROCESSED = "give what `aws cloudformation get-template --template-stage Processed` returns"


@dataclass
class Expressions:
    """Resolves the expressions of one template; `findings` collects their problems, with pointers."""

    file: str
    template: Mapping[str, Any]
    references: References
    findings: list[Finding] = field(default_factory=list)

    def __post_init__(self) -> None:
        conditions = self.template.get("Conditions")
        self.references.resolve = self.whole
        self.conditions = TemplateConditions(
            self.file, conditions if isinstance(conditions, Mapping) else {}, self.whole, self.references.value
        )

    def resolve(self, value: Any, own: str) -> tuple[Any, str]:
        """Return a value with its outermost expression resolved, and the pointer to the result."""
        if not isinstance(value, Mapping):
            return value, own
        if "Fn::Transform" in value:
            return self._transform(value["Fn::Transform"], own), own
        key = str(next(iter(value))) if len(value) == 1 else ""
        if key == "Fn::If":
            return self._if(value[key], f"{own}/Fn::If")
        if key in _FUNCTIONS:
            return _FUNCTIONS[key](self, value[key]), own
        return f"${{{key}}}" if key.startswith("Fn::") else value, own

    def whole(self, value: Any) -> Any:
        """Return a value with all expressions in it resolved; None for a removed value."""
        value, _ = self.resolve(value, "")
        if isinstance(value, Mapping):
            return {key: self.whole(item) for key, item in value.items()}
        if isinstance(value, list):
            return [self.whole(item) for item in value]
        return None if value is REMOVED or value is BROKEN else value

    def text(self, value: Any) -> str:
        """Return the text of a value, with placeholders for unknown parts."""
        resolved = self.whole(value)
        if isinstance(resolved, bool):
            return str(resolved).lower()
        if isinstance(resolved, (str, int, float)):
            return self._limited(str(resolved))
        unknown = first_unknown(resolved)
        return f"${{{unknown or 'not a text'}}}" if resolved is not None else ""

    def _limited(self, text: str) -> str:
        if len(text) > _LONGEST_TEXT:
            message = f"must not make texts of more than {_LONGEST_TEXT} characters with its functions; it does"
            raise InputError([Problem(Place(self.file), message)])
        return text

    def _if(self, argument: Any, own: str) -> tuple[Any, str]:
        if not isinstance(argument, list) or len(argument) != 3:
            return "${Fn::If}", own
        is_met = self.conditions.is_met(str(argument[0]))
        if is_met is None:
            first, second = (self.whole(branch) for branch in argument[1:])
            if first == second:
                return self.resolve(argument[1], f"{own}/1")
            return f"${{{self.conditions.unknown(str(argument[0]))}}}", own
        index = 1 if is_met else 2
        return self.resolve(argument[index], f"{own}/{index}")

    def _transform(self, argument: Any, own: str) -> Any:
        name = argument.get("Name") if isinstance(argument, Mapping) else None
        macro = f" {quote(name)}" if name else ""
        message = f"is made by Fn::Transform{macro}, which is not run here; {_PROCESSED}"
        self.findings.append(Finding("TRANSFORM", "error", own, message))
        return BROKEN

    def _ref(self, argument: Any) -> Any:
        if argument == _NO_VALUE:
            return REMOVED
        return self.references.ref(str(argument))

    def _get_att(self, argument: Any) -> Any:
        parts = [self.text(part) for part in argument] if isinstance(argument, list) else str(argument).split(".", 1)
        return self.references.attribute(parts[0], ".".join(parts[1:]))

    def _sub(self, argument: Any) -> str:
        text, given = argument if isinstance(argument, list) and len(argument) == 2 else (argument, {})
        if not isinstance(text, str):
            return "${Fn::Sub}"
        variables = {key: self.text(item) for key, item in given.items()} if isinstance(given, Mapping) else {}

        def replacement(match: re.Match[str]) -> str:
            is_literal, name = match.group(1), match.group(2).strip()
            if is_literal:
                return f"${{{name}}}"
            if name in variables:
                return variables[name]
            value = self._get_att(name) if "." in name else self._ref(name)
            return self.text(value)

        return self._limited(_VARIABLE.sub(replacement, text))

    def _join(self, argument: Any) -> str:
        if not isinstance(argument, list) or len(argument) != 2:
            return "${Fn::Join}"
        items = self.whole(argument[1])
        if not isinstance(items, list):
            return self.text(items)
        return self._limited(str(argument[0]).join(self.text(item) for item in items if item is not None))

    def _split(self, argument: Any) -> Any:
        if not isinstance(argument, list) or len(argument) != 2 or not argument[0]:
            return "${Fn::Split}"
        return _split_outside(self.text(argument[1]), str(argument[0]))

    def _select(self, argument: Any) -> Any:
        if not isinstance(argument, list) or len(argument) != 2:
            return "${Fn::Select}"
        index, items = self.text(argument[0]), self.whole(argument[1])
        if isinstance(items, list) and index.isdecimal() and int(index) < len(items):
            return items[int(index)]
        return f"${{{first_unknown([index, items]) or 'Fn::Select'}}}"

    def _import_value(self, argument: Any) -> str:
        name = _PLACEHOLDER.sub(lambda match: match.group(1), self.text(argument))
        value = self.references.value(name)
        return f"${{{name}}}" if value is None else value

    def _find_in_map(self, argument: Any) -> Any:
        if not isinstance(argument, list) or len(argument) not in (3, 4):
            return "${Fn::FindInMap}"
        keys = [self.text(part) for part in argument[:3]]
        value: Any = self.template.get("Mappings")
        for key in keys:
            value = value.get(key) if isinstance(value, Mapping) else None
        if value is not None:
            return value
        unknown = first_unknown(keys)
        if unknown is None and len(argument) == 4 and isinstance(argument[3], Mapping):
            return self.whole(argument[3].get("DefaultValue"))
        return f"${{{unknown or '.'.join(keys)}}}"


_FUNCTIONS: Mapping[str, Callable[[Expressions, Any], Any]] = {
    "Ref": Expressions._ref,
    "Fn::GetAtt": Expressions._get_att,
    "Fn::Sub": Expressions._sub,
    "Fn::Join": Expressions._join,
    "Fn::Split": Expressions._split,
    "Fn::Select": Expressions._select,
    "Fn::ImportValue": Expressions._import_value,
    "Fn::FindInMap": Expressions._find_in_map,
}


def first_unknown(value: Any) -> str | None:
    """Return the name of the first placeholder in resolved data, or None."""
    if isinstance(value, str):
        match = _PLACEHOLDER.search(value)
        return match.group(1) if match else None
    inner = value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else ()
    return next((name for item in inner if (name := first_unknown(item)) is not None), None)


def _split_outside(text: str, delimiter: str) -> list[str]:
    """Return the parts of a text between delimiters, ignoring delimiters within placeholders."""
    pieces, begin, at = [], 0, 0
    while at < len(text):
        match = _PLACEHOLDER.match(text, at)
        if match:
            at = match.end()
        elif text.startswith(delimiter, at):
            pieces.append(text[begin:at])
            begin = at = at + len(delimiter)
        else:
            at += 1
    return [*pieces, text[begin:]]
