"""The policy documents of a plan: complete, or reconstructed if Terraform reports them as "known after apply".

A single unknown ARN makes a whole policy unknown in a plan. The policy is reconstructed from a JSON configuration, from
the configuration files, or from the statements of the `aws_iam_policy_document` that the attribute provably refers to.
The unknown ARN is then `${aws_kms_key.main.arn}`, which is compared like a policy variable: equal only to itself. A
policy that cannot be reconstructed is unresolved.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from taskrole.errors import quote
from taskrole.plan.configuration import Configuration
from taskrole.plan.document_data import JSON_OF_DOCUMENT, document_of_data, is_document
from taskrole.plan.hcl_values import template_of
from taskrole.plan.known_document import AFTER_APPLY, GIVE_SOURCE, KnownDocument, joined, known_document
from taskrole.plan.model import Change
from taskrole.plan.proofs import AttributePointer, proved_template
from taskrole.plan.templates import reference_names, referred_names, resolved_text

Side = Literal["before", "after"]
SIDES: tuple[Side, ...] = ("before", "after")


def document_of(change: Change, attribute: str, side: Side, configuration: Configuration) -> KnownDocument:
    """Return the policy document in an attribute of a resource, before or after the plan."""
    values = change.before if side == "before" else change.after
    text = (values or {}).get(attribute)
    known = KnownDocument(None, "it is empty")
    if isinstance(text, str) and text:
        known = known_document(text)
    elif side == "after" and change.is_unknown(attribute):
        known = _recover(change, attribute, configuration)
    return KnownDocument(known.document, known.problem, change.is_hidden(attribute))


def _recover(change: Change, attribute: str, configuration: Configuration) -> KnownDocument:
    template = configuration.template(change, attribute)
    if template is not None:
        return document_of_template(template, change, configuration)
    expression = configuration.expression(change, attribute)
    on = referred_names(expression)
    can_be_proved = configuration.source is None and bool(reference_names(expression))
    return KnownDocument(None, joined(f"{AFTER_APPLY}{on}", GIVE_SOURCE if can_be_proved else ""))


def document_of_template(template: str, change: Change, configuration: Configuration) -> KnownDocument:
    """Return the policy document that a template evaluates to, with references for unknown values."""
    pointer = proved_template(template, change.module, change.index, configuration)
    if isinstance(pointer, AttributePointer) and is_document(pointer.change) and pointer.attribute in JSON_OF_DOCUMENT:
        return document_of_data(pointer.change, configuration)
    # A literal object in jsonencode is equivalent to its JSON.
    encoded = template_of(template) if template.startswith("${jsonencode(") else None
    return _from_template(encoded or template, change, configuration)


def _from_template(template: str, change: Change, configuration: Configuration) -> KnownDocument:
    known = known_document(template)
    if known.document is None:
        if known.problem.startswith("it is malformed"):
            return known
        return KnownDocument(None, f"{AFTER_APPLY}; it is written as an expression: {quote(template)}")
    problems: list[str] = []
    document = _walk(known.document, change, configuration, problems)
    problem = f"it holds {quote(problems[0])}, which is known only after the apply" if problems else ""
    return KnownDocument(document, problem)


def _walk(value: Any, change: Change, configuration: Configuration, problems: list[str]) -> Any:
    if isinstance(value, str):
        text = resolved_text(value, change.module, configuration, index=change.index)
        if text is None:
            problems.append(value)
        return value if text is None else text
    if isinstance(value, Mapping):
        return {key: _walk(item, change, configuration, problems) for key, item in value.items()}
    return [_walk(item, change, configuration, problems) for item in value] if isinstance(value, list) else value
