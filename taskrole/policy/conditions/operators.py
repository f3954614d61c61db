"""How one value of a condition compares with one value of the request, operator by operator.

What cannot be compared, such as a word with NumericEquals, is unknown: IAM stores such policies, and no page says
what comes of them.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from functools import partial
from typing import Protocol, TypeAlias, TypeVar

from taskrole.errors import shown
from taskrole.policy.conditions.three_valued import Truth, Unknown
from taskrole.policy.conditions.values import (
    is_within,
    parse_binary,
    parse_boolean,
    parse_moment,
    parse_network,
    parse_number,
)
from taskrole.policy.conditions.variables import Compile, Template, parse_template
from taskrole.policy.evaluation.request import ContextKeys
from taskrole.policy.match import Piece, Wildcard, compile_pieces

ARN_PARTS = 6

Value = TypeVar("Value")
Matcher: TypeAlias = Callable[[str, ContextKeys], Truth]


class MakeMatcher(Protocol):
    """Compiles one value of a policy."""

    def __call__(self, text: str, *, variables: bool) -> Matcher:
        """Return what compares a value of the request with this text."""


def text_matcher(text: str, *, variables: bool, wildcards: bool = True, ignore_case: bool = False) -> Matcher:
    """Return a matcher of text, with the wildcards `*` and `?` or without."""
    template = parse_template(text, wildcards=wildcards, variables=variables)
    return _matcher(template, _compile_ignoring_case if ignore_case else _compile_text)


def arn_matcher(text: str, *, variables: bool) -> Matcher:
    """Return a matcher of ARNs: each of the six components on its own, so that no wildcard spans the first five."""
    template = parse_template(text, wildcards=True, variables=variables)
    # A variable that is not known may hold colons.
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
        first, *others = piece.split(":", ARN_PARTS - len(components))
        components[-1].append(first)
        components.extend([other] for other in others)
    if len(components) < ARN_PARTS:
        return lambda _: Unknown("an ARN operator compares with what is no ARN of six parts")
    globs = [compile_pieces(component) for component in components]

    def fits(value: str) -> bool:
        parts = value.split(":", ARN_PARTS - 1)
        return len(parts) == ARN_PARTS and all(glob.matches(part) for glob, part in zip(globs, parts, strict=True))

    return fits


def _typed(what: str, parse: Callable[[str], Value | None], compare: Callable[[Value, Value], bool]) -> MakeMatcher:
    """Return what compiles a value of a type; `compare` gets the request's value, then the policy's."""

    def make(text: str, *, variables: bool) -> Matcher:  # noqa: ARG001
        wanted = parse(text)
        if wanted is None:
            return lambda _, __: Unknown(f"{shown(text)} in the policy is no {what}")

        def matches(value: str, _: ContextKeys) -> Truth:
            given = parse(value)
            return Unknown(f"{shown(value)} in the request is no {what}") if given is None else compare(given, wanted)

        return matches

    return make


def _number_matcher(compare: Callable[[Decimal, Decimal], bool]) -> MakeMatcher:
    return _typed("number", parse_number, compare)


def _date_matcher(compare: Callable[[Decimal, Decimal], bool]) -> MakeMatcher:
    return _typed("date as IAM takes it (2026-01-31T00:00:00Z, or epoch seconds)", parse_moment, compare)


_ip_matcher = _typed("IP address or CIDR range", parse_network, is_within)
_exact = partial(text_matcher, wildcards=False)
_exact_ignoring_case = partial(text_matcher, wildcards=False, ignore_case=True)

# Operator: what compiles its values, and whether none of them may match.
OPERATORS: Mapping[str, tuple[MakeMatcher, bool]] = {
    "StringEquals": (_exact, False),
    "StringNotEquals": (_exact, True),
    "StringEqualsIgnoreCase": (_exact_ignoring_case, False),
    "StringNotEqualsIgnoreCase": (_exact_ignoring_case, True),
    "StringLike": (text_matcher, False),
    "StringNotLike": (text_matcher, True),
    "NumericEquals": (_number_matcher(operator.eq), False),
    "NumericNotEquals": (_number_matcher(operator.eq), True),
    "NumericLessThan": (_number_matcher(operator.lt), False),
    "NumericLessThanEquals": (_number_matcher(operator.le), False),
    "NumericGreaterThan": (_number_matcher(operator.gt), False),
    "NumericGreaterThanEquals": (_number_matcher(operator.ge), False),
    "DateEquals": (_date_matcher(operator.eq), False),
    "DateNotEquals": (_date_matcher(operator.eq), True),
    "DateLessThan": (_date_matcher(operator.lt), False),
    "DateLessThanEquals": (_date_matcher(operator.le), False),
    "DateGreaterThan": (_date_matcher(operator.gt), False),
    "DateGreaterThanEquals": (_date_matcher(operator.ge), False),
    "Bool": (_typed("Boolean", parse_boolean, operator.eq), False),
    "BinaryEquals": (_typed("base64", parse_binary, operator.eq), False),
    "IpAddress": (_ip_matcher, False),
    "NotIpAddress": (_ip_matcher, True),
    "ArnEquals": (arn_matcher, False),
    "ArnLike": (arn_matcher, False),
    "ArnNotEquals": (arn_matcher, True),
    "ArnNotLike": (arn_matcher, True),
}
