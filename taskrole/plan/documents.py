"""The policy documents of a plan: as they are, or recovered where Terraform only says "known after apply".

A whole policy is unknown as soon as one ARN in it is. It is found again in the text of a configuration in JSON, or in
the statements of a `aws_iam_policy_document`; the ARN itself then stands in it as `${aws_kms_key.main.arn}`, which
compares like a policy variable: equal to itself and to nothing else. What is not found again is unresolved.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from taskrole.errors import printable, shown
from taskrole.plan.configuration import Configuration, Reference, longest
from taskrole.plan.model import POLICY_DOCUMENT, Change
from taskrole.policy.documents.statements import VERSION, Document

Side = Literal["before", "after"]
SIDES: tuple[Side, ...] = ("before", "after")

# A reference to what a resource will be called: nothing else in a template is sure not to hold wildcards.
_TEMPLATE = re.compile(r"\$\$\{|%%\{|\$\{([^}]*)\}|%\{")
_NAME_OF_RESOURCE = re.compile(
    r'(?:data\.)?[a-z][a-z0-9]*_[\w]+\.[\w-]+(?:\[(?:"[^"\\\]]*"|\d+)\])?\.'
    r"(?:arn|bucket|id|key_id|name|repository_url|unique_id|url)"
)


@dataclass(frozen=True)
class Known:
    """A document, whole or in part; `problem` says why not whole, and `document` is None where nothing is known."""

    document: Document | None
    problem: str = ""
    is_hidden: bool = False


def parse_document(text: Any) -> Known:
    """Return the document in a JSON text."""
    try:
        data = json.loads(text)
    except (ValueError, TypeError, RecursionError):
        return Known(None, "it is no JSON")
    if not isinstance(data, Mapping) or not isinstance(data.get("Statement"), (list, Mapping)):
        return Known(None, "it is no JSON object with a Statement")
    return Known(data)


def document_of(change: Change, attribute: str, side: Side, configuration: Configuration) -> Known:
    """Return the document in an attribute of a resource, before or after the plan."""
    values = change.before if side == "before" else change.after
    text = (values or {}).get(attribute)
    known = Known(None, "it is empty")
    if isinstance(text, str) and text:
        known = parse_document(text)
    elif side == "after" and change.is_unknown(attribute):
        known = _recover(change, attribute, configuration)
    return Known(known.document, known.problem, change.is_hidden(attribute))


def resolved_text(
    text: str, module: str, configuration: Configuration, *, index: str | int | None = None
) -> str | None:
    """Return a template's text with what is known put in; None where something else than a name is not known."""
    problems: list[str] = []

    def put(found: re.Match[str]) -> str:
        token, name = found.group(), found.group(1)
        if token in ("$${", "%%{"):
            return token[1:]
        if name is None or not _NAME_OF_RESOURCE.fullmatch(name.strip()):
            problems.append(token)
            return token
        return _value(name.strip(), module, configuration, index)

    resolved = _TEMPLATE.sub(put, text)
    return None if problems else resolved


def _value(name: str, module: str, configuration: Configuration, index: str | int | None) -> str:
    """Return what a reference stands for, or the reference, in terms of the whole plan, where it is not known."""
    found = list(configuration.references([name], module))
    for reference in found:
        values = [_known_value(one, reference) for one in configuration.instances(reference, index)]
        if len(values) == 1 and values[0] is not None:
            return values[0]
    return f"${{{f'{module}.{name}' if module else name}}}"


def _known_value(change: Change, reference: Reference) -> str | None:
    value = (change.after or {}).get(reference.attribute)
    # What is replaced gets new ids; the old ones must not be taken for the new.
    return value if isinstance(value, str) and value else None


def _recover(change: Change, attribute: str, configuration: Configuration) -> Known:
    template = configuration.template(change, attribute)
    if template is not None and "${" in template:
        return _from_template(template, change, configuration)
    documents = configuration.referred(change, attribute, POLICY_DOCUMENT)
    if len(documents) == 1:
        return _from_data(documents[0][0], configuration)
    references = configuration.expression(change, attribute).get("references")
    named = longest(one for one in references if isinstance(one, str)) if isinstance(references, list) else []
    on = f"; it depends on {', '.join(map(printable, named[:3]))}" if named else ""
    return Known(None, f"it is known only after the apply{on}")


def _from_template(template: str, change: Change, configuration: Configuration) -> Known:
    known = parse_document(template)
    if known.document is None:
        return Known(None, f"it is written as an expression: {shown(template)}")
    problems: list[str] = []
    document = _walk(known.document, change, configuration, problems)
    problem = f"it holds {shown(problems[0])}, which is known only after the apply" if problems else ""
    return Known(document, problem)


def _walk(value: Any, change: Change, configuration: Configuration, problems: list[str]) -> Any:
    if isinstance(value, str):
        text = resolved_text(value, change.module, configuration, index=change.index)
        if text is None:
            problems.append(value)
        return value if text is None else text
    if isinstance(value, Mapping):
        return {key: _walk(one, change, configuration, problems) for key, one in value.items()}
    return [_walk(one, change, configuration, problems) for one in value] if isinstance(value, list) else value


def _from_data(data: Change, configuration: Configuration) -> Known:
    """Return the document that an `aws_iam_policy_document` will be, as far as its statements are known."""
    values = data.after or {}
    text = values.get("json")
    if isinstance(text, str) and text:
        return parse_document(text)
    reader = _StatementReader(data, configuration)
    reader.problems += [
        f"{data.address} is made of other documents ({key})"
        for key in ("source_json", "override_json", "source_policy_documents", "override_policy_documents")
        if values.get(key) or data.is_unknown(key)
    ]
    statements = [reader.statement(*one) for one in enumerate(_mappings(values.get("statement")))]
    if not statements and not reader.problems:
        reader.problems.append(f"the statements of {data.address} are known only after the apply")
    document = {"Version": values.get("version") or VERSION, "Statement": statements}
    return Known(document if statements else None, "; ".join(dict.fromkeys(reader.problems)))


_ELEMENTS = {"actions": "Action", "not_actions": "NotAction", "resources": "Resource", "not_resources": "NotResource"}
_UNKNOWN = "${unknown}"


class _StatementReader:
    """Turns the statement blocks of a policy document into statements of IAM, and tells what of them is not known."""

    def __init__(self, data: Change, configuration: Configuration) -> None:
        self._data = data
        self._configuration = configuration
        self.problems: list[str] = []

    def statement(self, place: int, block: Mapping[str, Any]) -> dict[str, Any]:
        """Return a statement; a value that is not known is the reference that it was written as, if that is one."""
        statement: dict[str, Any] = {"Effect": block.get("effect") or "Allow"}
        if block.get("sid"):
            statement["Sid"] = block["sid"]
        mask = _mask(self._data.unknown, "statement", place)
        for key, element in _ELEMENTS.items():
            if block.get(key) or _mask(mask, key) is True:
                statement[element] = self._values(block.get(key), place, key)
        for key, element in (("principals", "Principal"), ("not_principals", "NotPrincipal")):
            found = {
                str(one.get("type")): self._values(one.get("identifiers"), place, key)
                for one in _mappings(block.get(key))
            }
            if found:
                statement[element] = "*" if found == {"*": ["*"]} else found
        conditions: dict[str, dict[str, Any]] = {}
        for one in _mappings(block.get("condition")):
            pairs = conditions.setdefault(str(one.get("test")), {})
            pairs[str(one.get("variable"))] = self._values(one.get("values"), place, "condition")
        return {**statement, "Condition": conditions} if conditions else statement

    def _values(self, values: Any, place: int, key: str) -> list[Any]:
        if isinstance(values, list) and None not in values:
            return values
        expression = self._expression(place, key)
        written = expression.get("constant_value")
        if isinstance(written, list) and isinstance(values, list) and len(written) == len(values):
            filled = [self._text(text) if one is None else one for one, text in zip(values, written, strict=True)]
            if None not in filled:
                return filled
        # A native configuration names what the value depends on, not what it makes of it: perhaps `${arn}/*`.
        references = expression.get("references")
        names = longest(one for one in references if isinstance(one, str)) if isinstance(references, list) else []
        on = f"; it depends on {', '.join(map(printable, names[:3]))}" if names else ""
        self.problems.append(
            f"{key} of statement {place + 1} of {self._data.address} is known only after the apply{on}"
        )
        stand_in = f"${{of {names[0]}}}" if len(names) == 1 else _UNKNOWN
        return [stand_in if one is None else one for one in values] if isinstance(values, list) else [stand_in]

    def _text(self, text: Any) -> str | None:
        data = self._data
        return resolved_text(text, data.module, self._configuration) if isinstance(text, str) else None

    def _expression(self, place: int, key: str) -> Mapping[str, Any]:
        blocks = self._configuration.blocks(self._data, "statement")
        # With dynamic blocks there are fewer blocks than statements, and no telling which is which.
        if len(blocks) != len(_mappings((self._data.after or {}).get("statement"))):
            return {}
        expression = blocks[place].get(key)
        return expression if isinstance(expression, Mapping) else {}


def _mappings(values: Any) -> list[Mapping[str, Any]]:
    return [one for one in values if isinstance(one, Mapping)] if isinstance(values, list) else []


def _mask(mask: Any, *steps: str | int) -> Any:
    for step in steps:
        if isinstance(mask, Mapping) and isinstance(step, str):
            mask = mask.get(step, False)
        elif isinstance(mask, list) and isinstance(step, int):
            mask = mask[step] if step < len(mask) else False
        else:
            return mask
    return mask
