"""Deviations of iam-simulate 0.1.173 from the pages of AWS, each as a rewrite of the case to what it evaluates."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from taskrole.policy.documents.statements import as_list
from taskrole.policy.policy_variables import VARIABLE, PolicyVariable, parse_variable
from taskrole.policy.resource_arns import ARN_FIELDS
from tests.differential.differences import PAGES, Difference, each_operator, each_statement, empty_text_is_a_value
from tests.differential.generated import ALWAYS, Case

NEVER = "arn:aws:no-service:::never"
ANY_TEXT = "*"
_EPOCH = re.compile(r"[0-9]{5,19}")


def _in_all_versions(case: Case) -> Case:
    def new(document: dict[str, Any]) -> dict[str, Any]:
        return {**document, "Version": "2012-10-17"} if "${" in str(document) else document

    return replace(case, documents=tuple(map(new, case.documents)), boundary=case.boundary and new(case.boundary))


def _each_resource(change: Callable[[str], str]) -> Callable[[Case], Case]:
    def rewrite(statement: dict[str, Any]) -> dict[str, Any]:
        element = "Resource" if "Resource" in statement else "NotResource"
        given = as_list(statement[element])
        changed = [change(item) for item in given]
        return statement if changed == given else {**statement, element: changed}

    return each_statement(rewrite)


def _is_short(pattern: str) -> bool:
    return pattern.startswith("arn:") and len(pattern.split(":")) < ARN_FIELDS


def _completed(pattern: str) -> str:
    return pattern + ":*" * (ARN_FIELDS - len(pattern.split(":"))) if _is_short(pattern) else pattern


def _resource_type_is_literal(pattern: str) -> str:
    fields = pattern.split(":", ARN_FIELDS - 1)
    if len(fields) < ARN_FIELDS or fields[2] == "s3":
        return pattern
    kind = re.match(r"[^/:]*[/:]", fields[-1])
    return NEVER if kind and ("*" in kind[0] or "?" in kind[0]) else pattern


def _not_resource(case: Case, is_unusable: Callable[[str], bool]) -> Case:
    """Rewrite statements with a NotResource pattern that iam-simulate does not invert: they do not apply."""

    def rewrite(statement: dict[str, Any]) -> dict[str, Any]:
        unusable = any(is_unusable(resource) for resource in as_list(statement.get("NotResource", [])))
        return {**statement, "NotResource": ["*"]} if unusable else statement

    return each_statement(rewrite)(case)


def _short_arns_in_not_resource(case: Case) -> Case:
    return _not_resource(case, _is_short)


def _values(case: Case) -> dict[str, Any]:
    return {key.lower(): value for key, value in {**ALWAYS, **case.context}.items()}


def _has_valueless_variable(text: str, case: Case) -> bool:
    parts = (parse_variable(match[1]) for match in VARIABLE.finditer(text))
    variables = [part for part in parts if isinstance(part, PolicyVariable)]
    return any(part.key not in _values(case) and part.default is None for part in variables)


def _null_fits_not_even_negated(case: Case) -> Case:
    def change(operator: str, pairs: dict[str, Any]) -> tuple[str, dict[str, Any]]:
        if "Not" not in operator or not operator.rpartition(":")[2].startswith(("String", "Arn")):
            return operator, pairs
        void = any(
            isinstance(text, str) and _has_valueless_variable(text, case) for v in pairs.values() for text in as_list(v)
        )
        # A negated operator with a null value matches no text.
        renamed = re.sub(r"(String|Arn)Not(Equals|Like)(IgnoreCase)?", "StringNotLike", operator)
        return (renamed, dict.fromkeys(pairs, ANY_TEXT)) if void else (operator, pairs)

    rewritten = each_operator(change)(case)
    return _not_resource(rewritten, lambda pattern: _has_valueless_variable(pattern, case))


def _empty_values_are_no_values(case: Case) -> Case:
    values = _values(case)

    def spelled(match: re.Match[str]) -> str:
        variable = parse_variable(match[1])
        if not isinstance(variable, PolicyVariable) or values.get(variable.key) != "":
            return match[0]
        return variable.default if variable.default is not None else "${$}{no value}"

    def change(operator: str, pairs: dict[str, Any]) -> tuple[str, dict[str, Any]]:
        texts = {key: [VARIABLE.sub(spelled, text) for text in map(str, as_list(v))] for key, v in pairs.items()}
        return operator, texts if "${" in str(pairs) else pairs

    return _each_resource(lambda pattern: VARIABLE.sub(spelled, pattern))(each_operator(change)(case))


def _epoch_is_milliseconds(case: Case) -> Case:
    def earlier(value: Any) -> Any:
        if isinstance(value, list):
            return [earlier(item) for item in value]
        return str(int(value) // 1000) if isinstance(value, str) and _EPOCH.fullmatch(value) else value

    def change(operator: str, pairs: dict[str, Any]) -> tuple[str, dict[str, Any]]:
        return operator, {k: earlier(v) for k, v in pairs.items()} if operator.startswith("Date") else pairs

    context = {k: earlier(v) if k == "aws:TokenIssueTime" else v for k, v in case.context.items()}
    return replace(each_operator(change)(case), context=context)


def _one_address_is_of_its_version(case: Case) -> Case:
    values = _values(case)

    def change(operator: str, pairs: dict[str, Any]) -> tuple[str, dict[str, Any]]:
        if "NotIpAddress" not in operator:
            return operator, pairs
        # NotIpAddress does not match an address of the other version, as if it were in every range.
        return operator, {
            key: [*as_list(v), "::/0"] if ":" in str(values.get(key.lower())) and _single(v) else v
            for key, v in pairs.items()
        }

    return each_operator(change)(case)


def _single(value: Any) -> bool:
    return any("/" not in item for item in as_list(value))


def _for_any_value_wins(case: Case) -> Case:
    def change(operator: str, pairs: dict[str, Any]) -> tuple[str, dict[str, Any]]:
        return operator.removesuffix("IfExists") if operator.startswith("ForAnyValue:") else operator, pairs

    return each_operator(change)(case)


def _literal_prefix(statement: dict[str, Any]) -> dict[str, Any]:
    element = "Action" if "Action" in statement else "NotAction"
    given = as_list(statement[element])
    changed = ["never:Called" if item != "*" and "*" in item.partition(":")[0] else item for item in given]
    return statement if changed == given else {**statement, element: changed}


DIFFERENCES = (
    Difference(
        "variables of old versions",
        "iam-simulate replaces policy variables in documents of version 2008-10-17; AWS has them in 2012-10-17 only.",
        f"{PAGES}reference_policies_elements_version.html",
        _in_all_versions,
    ),
    Difference(
        "NotResource of short ARNs",
        "A NotResource with an ARN of fewer than six fields takes in nothing for iam-simulate, whatever the request; "
        "AWS completes the ARN, and takes in what does not match it.",
        f"{PAGES}reference-arns.html",
        _short_arns_in_not_resource,
    ),
    Difference(
        "short ARNs",
        "iam-simulate completes an ARN of fewer than six fields, as AWS says of identity-based policies; this project "
        "cannot tell.",
        f"{PAGES}reference-arns.html",
        _each_resource(_completed),
    ),
    Difference(
        "wildcards of resource types",
        "Wildcards before the first / or : of a resource match nothing for iam-simulate. AWS documents them as "
        "invalid, without their effect; this project matches them, since a Deny or a grant may depend on it.",
        f"{PAGES}reference-arns.html",
        _each_resource(_resource_type_is_literal),
    ),
    Difference(
        "variables without a value",
        "An inverted operator or a NotResource whose variable has no value does not match for iam-simulate; AWS says "
        "that inverted operators do match, and that such a pattern matches no resource.",
        f"{PAGES}reference_policies_variables.html#policy-vars-no-value",
        _null_fits_not_even_negated,
    ),
    Difference(
        "variables with an empty value",
        "To iam-simulate a variable whose value is an empty text has none, and takes its default.",
        f"{PAGES}reference_policies_variables.html#policy-vars-default-values",
        _empty_values_are_no_values,
    ),
    Difference(
        "epoch times",
        "iam-simulate reads epoch times as milliseconds; AWS's are seconds.",
        f"{PAGES}reference_policies_elements_condition_operators.html#Conditions_Date",
        _epoch_is_milliseconds,
    ),
    Difference(
        "addresses of two versions",
        "NotIpAddress of one IPv4 address is false of every IPv6 address for iam-simulate, though none is equal to it.",
        f"{PAGES}reference_policies_elements_condition_operators.html#Conditions_IPAddress",
        _one_address_is_of_its_version,
    ),
    Difference(
        "any value if exists",
        "To iam-simulate ForAnyValue with IfExists is false of an absent key; AWS says that IfExists is true of one, "
        "ForAnyValue false, but not which of the two wins, and this project cannot tell.",
        f"{PAGES}reference_policies_elements_condition_operators.html#Conditions_IfExists",
        _for_any_value_wins,
    ),
    Difference(
        "empty text",
        "To iam-simulate an empty string is a value like others for set operators; AWS says that it is an empty data "
        "set, true of ForAllValues and false of ForAnyValue.",
        f"{PAGES}reference_policies_condition-single-vs-multi-valued-context-keys.html",
        empty_text_is_a_value,
    ),
    Difference(
        "wildcard in prefix",
        "A wildcard in an action's service prefix matches nothing for iam-simulate; AWS's grammar has wildcards in the "
        "name only, and this project cannot tell.",
        f"{PAGES}reference_policies_grammar.html",
        each_statement(_literal_prefix),
    ),
)
