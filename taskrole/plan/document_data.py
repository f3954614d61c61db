"""The policy document that an `aws_iam_policy_document` data source will produce, as far as it is known.

The provider merges condition values with the same test and variable, and principal identifiers of the same type. A
statement replaces an earlier one with the same Sid.
Source: https://registry.terraform.io/providers/hashicorp/aws/latest/docs/data-sources/iam_policy_document
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import Any

from taskrole.plan.configuration import Configuration
from taskrole.plan.known_document import AFTER_APPLY, KnownDocument, known_document
from taskrole.plan.model import POLICY_DOCUMENT, Change, has_true, mappings
from taskrole.plan.proofs import AttributePointer, proved_template
from taskrole.plan.templates import reference_names, referred_names, resolved_text
from taskrole.policy.documents.statements import VERSION, Document, as_list

JSON_OF_DOCUMENT = frozenset({"json", "minified_json"})

_SOURCES = ("source_json", "source_policy_documents")
_OVERRIDES = ("override_policy_documents", "override_json")
_DEEPEST = 10
_ELEMENTS = {"actions": "Action", "not_actions": "NotAction", "resources": "Resource", "not_resources": "NotResource"}
_UNKNOWN = "${unknown}"


def document_of_data(data: Change, configuration: Configuration, depth: int = 0) -> KnownDocument:
    """Return the document that a data source will produce, as far as it is known before the data source is read."""
    values = data.after or {}
    text = values.get("json")
    if isinstance(text, str) and text:
        return known_document(text)
    problems: list[str] = []
    statements: list[Any] = []
    for key in _SOURCES:
        for others in _others(data, key, configuration, problems, depth):
            statements = _merged(statements, others)
    reader = _StatementReader(data, configuration, problems)
    statements = _merged(statements, reader.statements())
    for key in _OVERRIDES:
        for others in _others(data, key, configuration, problems, depth):
            statements = _merged(statements, others)
    if data.is_unknown("version"):
        problems.append(f"the version of {data.address} is known only after the apply")
    if not statements and not problems:
        problems.append(f"the statements of {data.address} are known only after the apply")
    document = {"Version": values.get("version") or VERSION, "Statement": statements}
    return KnownDocument(document if statements else None, "; ".join(dict.fromkeys(problems)))


def _others(
    data: Change, key: str, configuration: Configuration, problems: list[str], depth: int
) -> Iterator[list[Any]]:
    """Yield the statements of a data source's source and override documents."""
    values = (data.after or {}).get(key)
    if not values and not data.is_unknown(key):
        return
    given = values if isinstance(values, list) else [values]
    single = configuration.template(data, key)
    templates = [single] if single is not None else configuration.templates(data, key) or []
    if not values and templates:
        given = [None] * len(templates)
    for place, text in enumerate(given):
        known = known_document(text) if isinstance(text, str) and text else KnownDocument(None, AFTER_APPLY)
        if text is None and len(templates) == len(given) and isinstance(templates[place], str) and depth < _DEEPEST:
            pointer = proved_template(templates[place], data.module, data.index, configuration)
            if (
                isinstance(pointer, AttributePointer)
                and is_document(pointer.change)
                and pointer.attribute in JSON_OF_DOCUMENT
            ):
                known = document_of_data(pointer.change, configuration, depth + 1)
        if known.problem:
            on = referred_names(configuration.expression(data, key))
            problems.append(f"{data.address} is made of other documents ({key}): {known.problem}{on}")
        if known.document is not None:
            yield list(as_list(known.document["Statement"]))


def is_document(change: Change) -> bool:
    """Return whether a resource is an `aws_iam_policy_document` data source."""
    return change.is_data and change.type == POLICY_DOCUMENT


def _merged(statements: Iterable[Any], others: Iterable[Any]) -> list[Any]:
    """Return the statements followed by others; a statement replaces an earlier one with the same Sid."""
    merged = list(statements)
    for other in others:
        sid = other.get("Sid") if isinstance(other, Mapping) else None
        place = next(
            (
                n
                for n, statement in enumerate(merged)
                if sid and isinstance(statement, Mapping) and statement.get("Sid") == sid
            ),
            None,
        )
        if place is None:
            merged.append(other)
        else:
            merged[place] = other
    return merged


class _StatementReader:
    """Converts the statement blocks of a policy document to IAM statements, and collects the unknown parts."""

    def __init__(self, data: Change, configuration: Configuration, problems: list[str]) -> None:
        self._data = data
        self._configuration = configuration
        self._problems = problems

    def statements(self) -> list[Document]:
        """Return all statements; a statement block over an unknown list is a problem."""
        mask = _mask(self._data.unknown, "statement")
        if mask is True:
            self._problem("the statements")
        return [
            self._statement(*numbered) for numbered in enumerate(mappings((self._data.after or {}).get("statement")))
        ]

    def _statement(self, place: int, block: Mapping[str, Any]) -> Document:
        """Return a statement; an unknown value is its reference if it is written as exactly one."""
        statement: dict[str, Any] = {"Effect": block.get("effect") or "Allow"}
        if block.get("sid"):
            statement["Sid"] = block["sid"]
        mask = _mask(self._data.unknown, "statement", place)
        for key in ("effect", "sid"):
            if has_true(_mask(mask, key)):
                self._problem(f"{key} of statement {place + 1}")
        for key, element in _ELEMENTS.items():
            if block.get(key) or _mask(mask, key) is True:
                statement[element] = self._values(block.get(key), place, key)
        for key, element in (("principals", "Principal"), ("not_principals", "NotPrincipal")):
            principals = self._principals(place, key, block, mask)
            if principals:
                statement[element] = "*" if principals == {"*": ["*"]} else principals
        conditions = self._conditions(place, block, mask)
        return {**statement, "Condition": conditions} if conditions else statement

    def _principals(self, place: int, key: str, block: Mapping[str, Any], mask: Any) -> dict[str, list[Any]]:
        principals: dict[str, list[Any]] = {}
        for number, principal in self._blocks(place, key, block, mask, ("type",)):
            values = self._values(principal.get("identifiers"), place, key, number, "identifiers")
            principals.setdefault(str(principal.get("type")), []).extend(values)
        return principals

    def _conditions(self, place: int, block: Mapping[str, Any], mask: Any) -> dict[str, dict[str, Any]]:
        conditions: dict[str, dict[str, Any]] = {}
        for number, condition in self._blocks(place, "condition", block, mask, ("test", "variable")):
            values = self._values(condition.get("values"), place, "condition", number, "values")
            conditions.setdefault(str(condition.get("test")), {}).setdefault(str(condition.get("variable")), []).extend(
                values
            )
        return conditions

    def _blocks(
        self, place: int, key: str, block: Mapping[str, Any], mask: Any, names: tuple[str, ...]
    ) -> Iterator[tuple[int, Mapping[str, Any]]]:
        """Yield the nested blocks of one type in a statement, numbered; unknown blocks are problems."""
        masks = _mask(mask, key)
        if masks is True:
            self._problem(f"{key} of statement {place + 1}")
        for number, nested in enumerate(mappings(block.get(key))):
            if any(has_true(_mask(masks, number, name)) for name in names):
                self._problem(f"{key} of statement {place + 1}")
            yield number, nested

    def _values(self, values: Any, place: int, *path: str | int) -> list[Any]:
        if isinstance(values, list) and None not in values:
            return [_with_variables(value) for value in values]
        templates = self._templates(place, *path)
        if templates is not None and (values is None or (isinstance(values, list) and len(templates) == len(values))):
            given = values if isinstance(values, list) else [None] * len(templates)
            filled = [
                self._text(template) if text is None else text for text, template in zip(given, templates, strict=True)
            ]
            if None not in filled:
                return [_with_variables(value) for value in filled]
        # A native configuration lists only the references of the value, which may be `${arn}/*`.
        expression = self._expression(place, *path)
        self._problem(f"{path[0]} of statement {place + 1}", expression)
        names = reference_names(expression)
        stand_in = f"${{of {names[0]}}}" if len(names) == 1 else _UNKNOWN
        given = values if isinstance(values, list) else [None]
        return [stand_in if value is None else _with_variables(value) for value in given]

    def _problem(self, what: str, expression: Mapping[str, Any] | None = None) -> None:
        on = referred_names(expression or {})
        self._problems.append(f"{what} of {self._data.address} is known only after the apply{on}")

    def _text(self, text: str) -> str | None:
        return resolved_text(text, self._data.module, self._configuration, index=self._data.index)

    def _templates(self, place: int, *path: str | int) -> list[str] | None:
        return self._configuration.templates(self._data, "statement", place, *path) if self._is_as_written else None

    def _expression(self, place: int, *path: str | int) -> Mapping[str, Any]:
        expression: Any = self._configuration.blocks(self._data, "statement") if self._is_as_written else None
        for step in (place, *path):
            if isinstance(step, int):
                expression = expression[step] if isinstance(expression, list) and step < len(expression) else None
            else:
                expression = expression.get(step) if isinstance(expression, Mapping) else None
        return expression if isinstance(expression, Mapping) else {}

    @cached_property
    def _is_as_written(self) -> bool:
        """Whether there are as many statements as configured blocks; with dynamic blocks, they cannot be matched."""
        statements = mappings((self._data.after or {}).get("statement"))
        return len(self._configuration.blocks(self._data, "statement")) == len(statements)


def _with_variables(value: Any) -> Any:
    """Return a value with IAM's policy variables as the provider writes them: `&{…}` becomes `${…}`."""
    return value.replace("&{", "${") if isinstance(value, str) else value


def _mask(mask: Any, *steps: str | int) -> Any:
    for step in steps:
        if isinstance(mask, Mapping) and isinstance(step, str):
            mask = mask.get(step, False)
        elif isinstance(mask, list) and isinstance(step, int):
            mask = mask[step] if step < len(mask) else False
        else:
            return mask
    return mask
