"""The condition operators: how policy values match request values, and the set of values that each one matches.

The result of a comparison that is not possible, such as a word with NumericEquals, is unknown: IAM stores such
policies, and AWS does not document how it evaluates them.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from functools import partial
from typing import Literal, Protocol, TypeAlias, TypeVar

from taskrole.dataclass import dataclass
from taskrole.errors import quote
from taskrole.policy.conditions.three_valued import Truth, Unknown
from taskrole.policy.conditions.value_sets import (
    Addresses,
    Arns,
    Exactly,
    Interval,
    Texts,
    Unreadable,
    ValueSet,
    literal_pattern,
)
from taskrole.policy.conditions.values import (
    is_within_network,
    parse_binary,
    parse_boolean,
    parse_moment,
    parse_network,
    parse_number,
)
from taskrole.policy.conditions.variables import Compile, Template, parse_template
from taskrole.policy.evaluation.request import ContextKeys
from taskrole.policy.match import Piece, Wildcard, compile_pieces
from taskrole.policy.resource_arns import ARN_FIELDS

_Value = TypeVar("_Value")
Matcher: TypeAlias = Callable[[str, ContextKeys], Truth]


class MakeMatcher(Protocol):
    """Compiles one value of a policy."""

    def __call__(self, text: str, *, variables: bool) -> Matcher:
        """Return a function that compares a value of the request with this text."""


def text_matcher(text: str, *, variables: bool, wildcards: bool = True, ignore_case: bool = False) -> Matcher:
    """Return a matcher of text, with or without the wildcards `*` and `?`."""
    template = parse_template(text, wildcards=wildcards, variables=variables)
    return _matcher(template, _compile_ignoring_case if ignore_case else _compile_text)


def arn_matcher(text: str, *, variables: bool) -> Matcher:
    """Return a matcher of ARNs: each of the six components is compared separately; no wildcard spans the first five."""
    template = parse_template(text, wildcards=True, variables=variables)
    # An unknown variable may contain colons.
    return _matcher(template, _compile_arn, could=_compile_text)


def _matcher(template: Template, compiled: Compile, *, could: Compile | None = None) -> Matcher:
    if template.pieces is None:
        return lambda value, keys: template.matches(value, keys, compiled, could)
    fits = compiled(template.pieces)
    return lambda value, _: fits(value)


def _compile_text(pieces: Iterable[Piece]) -> Callable[[str], Truth]:
    return compile_pieces(pieces).matches


def _compile_ignoring_case(pieces: Iterable[Piece]) -> Callable[[str], Truth]:
    glob = compile_pieces(piece.lower() if isinstance(piece, str) else piece for piece in pieces)
    return lambda value: glob.matches(value.lower())


def _compile_arn(pieces: Iterable[Piece]) -> Callable[[str], Truth]:
    components: list[list[Piece]] = [[]]
    for piece in pieces:
        if isinstance(piece, Wildcard):
            components[-1].append(piece)
            continue
        first, *others = piece.split(":", ARN_FIELDS - len(components))
        components[-1].append(first)
        components.extend([other] for other in others)
    if len(components) < ARN_FIELDS:
        return lambda _: Unknown("an ARN operator compares with text that is not an ARN of six fields")
    globs = [compile_pieces(component) for component in components]

    def fits(value: str) -> bool:
        parts = value.split(":", ARN_FIELDS - 1)
        return len(parts) == ARN_FIELDS and all(glob.matches(part) for glob, part in zip(globs, parts, strict=True))

    return fits


def _typed(what: str, parse: Callable[[str], _Value | None], compare: Callable[[_Value, _Value], bool]) -> MakeMatcher:
    """Return a matcher factory for a type; `compare` gets the request's value, then the policy's."""

    def make(text: str, *, variables: bool) -> Matcher:  # noqa: ARG001
        wanted = parse(text)
        if wanted is None:
            return lambda _, __: Unknown(f"{quote(text)} in the policy is not a valid {what}")

        def matches(value: str, _: ContextKeys) -> Truth:
            given = parse(value)
            return (
                Unknown(f"{quote(value)} in the request is not a valid {what}")
                if given is None
                else compare(given, wanted)
            )

        return matches

    return make


@dataclass(frozen=True)
class Operator:
    """One condition operator.

    `matcher` compiles a policy value for the evaluator; `values` returns the set of values that it matches, for
    comparisons. A `negated` operator holds if none of its values matches.
    """

    matcher: MakeMatcher
    values: Callable[[str], ValueSet]
    negated: bool = False


def _text(*, negated: bool, wildcards: bool = False, ignore_case: bool = False) -> Operator:
    def values(text: str) -> ValueSet:
        return Texts(text if wildcards else literal_pattern(text), ignore_case)

    return Operator(partial(text_matcher, wildcards=wildcards, ignore_case=ignore_case), values, negated)


_Relation = Literal["=", "<", "<=", ">", ">="]
_COMPARE: Mapping[_Relation, Callable[[Decimal, Decimal], bool]] = {
    "=": operator.eq,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def _ordered(
    what: str, parse: Callable[[str], Decimal | None], relation: _Relation, *, negated: bool = False
) -> Operator:
    def values(text: str) -> ValueSet:
        bound = parse(text)
        if bound is None:
            return Unreadable(f"{what} {relation}", text)
        low, high = None if "<" in relation else bound, None if ">" in relation else bound
        return Interval(what, low, high, low is not None and "=" in relation, high is not None and "=" in relation)

    return Operator(_typed(what, parse, _COMPARE[relation]), values, negated)


def _number(relation: _Relation, *, negated: bool = False) -> Operator:
    return _ordered("number", parse_number, relation, negated=negated)


def _date(relation: _Relation, *, negated: bool = False) -> Operator:
    what = "IAM date (2026-01-31T00:00:00Z, or epoch seconds)"
    return _ordered(what, parse_moment, relation, negated=negated)


def _exactly(what: str, parse: Callable[[str], bool | bytes | None]) -> Operator:
    def values(text: str) -> ValueSet:
        value = parse(text)
        return Unreadable(what, text) if value is None else Exactly(value)

    return Operator(_typed(what, parse, operator.eq), values)


def _address(*, negated: bool) -> Operator:
    what = "IP address or CIDR range"

    def values(text: str) -> ValueSet:
        network = parse_network(text)
        return Unreadable(what, text) if network is None else Addresses(network)

    return Operator(_typed(what, parse_network, is_within_network), values, negated)


def _arn(*, negated: bool) -> Operator:
    return Operator(arn_matcher, Arns, negated)


OPERATORS: Mapping[str, Operator] = {
    "StringEquals": _text(negated=False),
    "StringNotEquals": _text(negated=True),
    "StringEqualsIgnoreCase": _text(negated=False, ignore_case=True),
    "StringNotEqualsIgnoreCase": _text(negated=True, ignore_case=True),
    "StringLike": _text(negated=False, wildcards=True),
    "StringNotLike": _text(negated=True, wildcards=True),
    "NumericEquals": _number("="),
    "NumericNotEquals": _number("=", negated=True),
    "NumericLessThan": _number("<"),
    "NumericLessThanEquals": _number("<="),
    "NumericGreaterThan": _number(">"),
    "NumericGreaterThanEquals": _number(">="),
    "DateEquals": _date("="),
    "DateNotEquals": _date("=", negated=True),
    "DateLessThan": _date("<"),
    "DateLessThanEquals": _date("<="),
    "DateGreaterThan": _date(">"),
    "DateGreaterThanEquals": _date(">="),
    "Bool": _exactly("Boolean", parse_boolean),
    "BinaryEquals": _exactly("base64", parse_binary),
    "IpAddress": _address(negated=False),
    "NotIpAddress": _address(negated=True),
    "ArnEquals": _arn(negated=False),
    "ArnLike": _arn(negated=False),
    "ArnNotEquals": _arn(negated=True),
    "ArnNotLike": _arn(negated=True),
}
