"""Random policies and requests from a seed: each case is about a feature of the policy language of IAM.

A case is an Allow with the feature, sometimes with a Deny, similar enough to the request that it matches or misses.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from typing import Any

from tests.differential.generated import (
    ACTIONS,
    KEYS,
    MULTIVALUED,
    OPERATORS,
    RESOURCES,
    VALUES,
    Case,
    action_pattern,
    resource_pattern,
)

Element = dict[str, Any]
# Functions from the action and resource of a request to the elements of a statement.
Feature = Callable[[random.Random, str, str], Element]

KINDS: dict[str, tuple[str, ...]] = {
    "String": ("aws:username", "s3:prefix", "kms:ViaService", "aws:RequestedRegion", "aws:PrincipalTag/team"),
    "Numeric": ("s3:max-keys",),
    "Date": ("aws:TokenIssueTime", "aws:CurrentTime"),
    "Bool": ("aws:SecureTransport", "aws:MultiFactorAuthPresent"),
    "Binary": ("kms:EncryptionContext:blob",),
    "Ip": ("aws:SourceIp", "aws:VpcSourceIp"),
    "Arn": ("aws:PrincipalArn", "aws:SourceArn"),
}
BINARY = ["QUJD", "QUJE"]
NAMES = {**OPERATORS, "Binary": ["BinaryEquals"]}
WANTED = {**VALUES, "Binary": BINARY}
# Without KMS, whose keys need their own policy too.
CALLED = [action for action in ACTIONS if not action.startswith("kms:")]
HOMES = ["arn:aws:s3:::app-config/${aws:username}/web.env", "arn:aws:s3:::app-config/${aws:userid, 'bob'}/*"]
HOMES += ["arn:aws:s3:::app-config/${AWS:UserName, 'bob'}/web.env", "arn:aws:s3:::app-config/${$}x"]
SHORT = ["arn:aws:s3", "arn:aws:s3:", "arn:aws:sqs", "arn:aws:s3::", "arn:aws:logs:eu-west-1:111122223333"]


def _some(rng: random.Random, values: list[Any]) -> Any:
    chosen = rng.sample(values, rng.choice([1, 1, 2, 3]) if len(values) > 2 else 1)
    return chosen[0] if len(chosen) == 1 and rng.random() < 0.5 else chosen


def _patterns(rng: random.Random, make: Callable[[], str]) -> list[str]:
    return [make() for _ in range(rng.choice([1, 1, 2, 3]))]


def _elements(name: str, make: Callable[[random.Random, str], str], position: int) -> Feature:
    def feature(rng: random.Random, *wanted: str) -> Element:
        return {name: _patterns(rng, lambda: make(rng, wanted[position]))}

    return feature


def _condition(kind: str, *, suffix: str = "") -> Feature:
    def feature(rng: random.Random, *_: str) -> Element:
        operator = rng.choice(NAMES[kind]) + suffix
        return {"Condition": {operator: {rng.choice(KINDS[kind]): _some(rng, WANTED[kind])}}}

    return feature


def _of_any_kind(rng: random.Random, action: str, resource: str) -> Element:
    return _condition(rng.choice(sorted(KINDS)), suffix="IfExists")(rng, action, resource)


def _set_operator(qualifier: str) -> Feature:
    def feature(rng: random.Random, *_: str) -> Element:
        operator = f"{qualifier}:{rng.choice(OPERATORS['String'])}{rng.choice(['', '', 'IfExists'])}"
        return {"Condition": {operator: {rng.choice(MULTIVALUED): _some(rng, ["team", "cost", "id", "na*", "*", "x"])}}}

    return feature


def _null(rng: random.Random, *_: str) -> Element:
    return {"Condition": {"Null": {rng.choice(sorted(KEYS)): rng.choice(["true", "false"])}}}


def _several(rng: random.Random, action: str, resource: str) -> Element:
    blocks = [_condition(rng.choice(sorted(KINDS)))(rng, action, resource)["Condition"] for _ in range(2)]
    return {"Condition": {**blocks[0], **blocks[1]}}


def _variables(rng: random.Random, *_: str) -> Element:
    values = ["${aws:username}", "home/${aws:username}/", "${AWS:PrincipalTag/Team}", "${*}", "${$}x"]
    return {"Condition": {rng.choice(OPERATORS["String"]): {rng.choice(KINDS["String"]): _some(rng, values)}}}


def _defaults(rng: random.Random, *_: str) -> Element:
    values = ["${aws:userid, 'bob'}", "${aws:PrincipalTag/team, 'web'}", "${AWS:PrincipalTag/Team, 'WEB'}"]
    return {"Condition": {rng.choice(OPERATORS["String"]): {rng.choice(KINDS["String"]): _some(rng, values)}}}


def _resource_of(values: list[str]) -> Feature:
    def feature(rng: random.Random, *_: str) -> Element:
        return {rng.choice(["Resource", "Resource", "NotResource"]): _some(rng, values)}

    return feature


FEATURES: Mapping[str, Feature] = {
    "Action": _elements("Action", action_pattern, 0),
    "NotAction": _elements("NotAction", action_pattern, 0),
    "Resource": _elements("Resource", resource_pattern, 1),
    "NotResource": _elements("NotResource", resource_pattern, 1),
    **{f"{kind} operators": _condition(kind) for kind in KINDS},
    "Null": _null,
    "IfExists": _of_any_kind,
    "ForAllValues": _set_operator("ForAllValues"),
    "ForAnyValue": _set_operator("ForAnyValue"),
    "several conditions": _several,
    "variables of conditions": _variables,
    "variables with defaults": _defaults,
    "variables of resources": _resource_of(HOMES),
    "short ARNs": _resource_of(SHORT),
}
NAMES_OF_FEATURES = tuple(FEATURES)


def feature_of(seed: int) -> str:
    """Return the feature of the case of a seed, in turn."""
    return NAMES_OF_FEATURES[seed % len(NAMES_OF_FEATURES)]


def feature_case(seed: int) -> Case:
    """Return the case of a seed."""
    rng = random.Random(f"feature {seed}")
    feature = FEATURES[feature_of(seed)]
    action = rng.choice(["s3:GetObject", "s3:PutObject"]) if "resources" in feature_of(seed) else rng.choice(CALLED)
    resource = rng.choice(RESOURCES[action])
    statements = [_statement("Allow", feature(rng, action, resource))]
    if rng.random() < 0.4:
        statements += [_statement("Deny", feature(rng, action, resource)), _statement("Allow", {})]
    document = {"Version": rng.choice(["2012-10-17"] * 6 + ["2008-10-17"]), "Statement": statements}
    everything = {"Version": "2012-10-17", "Statement": _statement("Allow", {})}
    context: dict[str, Any] = {key: rng.choice(values) for key, (_, values) in KEYS.items() if values}
    context["kms:EncryptionContext:blob"] = rng.choice(BINARY)
    context = {key: tuple(value) if isinstance(value, list) else value for key, value in context.items()}
    context = {key: value for key, value in context.items() if rng.random() < 0.7}
    if rng.random() < 0.2:
        return Case((everything,), document, action, resource, context)
    return Case((document,), everything if rng.random() < 0.1 else None, action, resource, context)


def _statement(effect: str, elements: Element) -> Element:
    anything = {"Action": "*", "Resource": "*"}
    others = {name: value for name, value in anything.items() if f"Not{name}" not in elements}
    return {"Effect": effect, **others, **elements}
