"""How one value of a condition compares with one value of the request, operator by operator.

What cannot be compared, such as a word with NumericEquals, is unknown: IAM stores such policies, and no page says
what comes of them.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
"""

from __future__ import annotations

import base64
import binascii
import operator
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from functools import partial
from ipaddress import ip_network
from typing import Protocol, TypeAlias, TypeVar

from taskrole.errors import shown
from taskrole.policy.match import Piece, Wildcard, compile_pieces
from taskrole.policy.request import ContextKeys
from taskrole.policy.truth import Truth, Unknown
from taskrole.policy.variables import Compile, Template, parse_template

ARN_PARTS = 6

Value = TypeVar("Value")
Matcher: TypeAlias = Callable[[str, ContextKeys], Truth]


class MakeMatcher(Protocol):
    """Compiles one value of a policy; `negated` is for operators that need it not to match."""

    def __call__(self, text: str, *, variables: bool, negated: bool) -> Matcher:
        """Return what compares a value of the request with this text."""


def text_matcher(
    text: str, *, variables: bool, negated: bool, wildcards: bool = True, ignore_case: bool = False
) -> Matcher:
    """Return a matcher of text, with the wildcards `*` and `?` or without."""
    template = parse_template(text, wildcards=wildcards, variables=variables)
    return _matcher(template, _compile_ignoring_case if ignore_case else _compile_text, negated=negated)


def arn_matcher(text: str, *, variables: bool, negated: bool) -> Matcher:
    """Return a matcher of ARNs: each of the six components on its own, so that no wildcard spans the first five."""
    template = parse_template(text, wildcards=True, variables=variables)
    # A variable that is not known may hold colons.
    return _matcher(template, _compile_arn, could=_compile_text, negated=negated)


def _matcher(template: Template, compiled: Compile, *, could: Compile | None = None, negated: bool) -> Matcher:
    if template.pieces is None:
        return lambda value, keys: template.matches(value, keys, compiled, could, negated=negated)
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

    def make(text: str, *, variables: bool, negated: bool) -> Matcher:  # noqa: ARG001
        wanted = parse(text)
        if wanted is None:
            return lambda _, __: Unknown(f"{shown(text)} in the policy is no {what}")

        def matches(value: str, _: ContextKeys) -> Truth:
            given = parse(value)
            return Unknown(f"{shown(value)} in the request is no {what}") if given is None else compare(given, wanted)

        return matches

    return make


_NUMBER = re.compile(r"[+-]?[0-9]{1,64}(\.[0-9]{1,64})?")
_DATE = re.compile(
    r"(?P<year>[0-9]{4})-(?P<month>[0-9]{2})(-(?P<day>[0-9]{2})"
    r"(T(?P<hour>[0-9]{2}):(?P<minute>[0-9]{2})(:(?P<second>[0-9]{2})(\.(?P<fraction>[0-9]{1,9}))?)?"
    r"(Z|(?P<sign>[+-])(?P<zone_hour>[0-9]{2}):(?P<zone_minute>[0-9]{2})))?)?"
)
_EPOCH = re.compile(r"[0-9]{1,19}")
_YEAR = re.compile(r"[0-9]{4}")
_CIDR = re.compile(r"[0-9A-Fa-f:.]{2,45}(/[0-9]{1,3})?")


def _number(text: str) -> Decimal | None:
    return Decimal(text) if _NUMBER.fullmatch(text) else None


def _moment(text: str) -> Decimal | None:
    """Return seconds since 1970 of a W3C date or of epoch time; four digits could be either, so they are neither."""
    if _EPOCH.fullmatch(text):
        return None if _YEAR.fullmatch(text) else Decimal(text)
    found = _DATE.fullmatch(text)
    if not found:
        return None
    part = {name: int(value) for name, value in found.groupdict("0").items() if name not in ("sign", "fraction")}
    try:
        day = datetime(part["year"], part["month"], part["day"] or 1, tzinfo=timezone.utc)
        time = timedelta(hours=part["hour"], minutes=part["minute"], seconds=part["second"])
    except ValueError:
        return None
    zone = timedelta(hours=part["zone_hour"], minutes=part["zone_minute"])
    if part["hour"] > 23 or part["minute"] > 59 or part["second"] > 59 or zone >= timedelta(days=1):
        return None
    since = day - datetime(1970, 1, 1, tzinfo=timezone.utc) + time + (zone if found["sign"] == "-" else -zone)
    return Decimal(since.days * 86_400 + since.seconds) + Decimal(f"0.{found['fraction'] or 0}")


def _boolean(text: str) -> bool | None:
    return {"true": True, "false": False}.get(text.lower())


def _binary(text: str) -> bytes | None:
    try:
        return base64.b64decode(text, validate=True)
    except (ValueError, binascii.Error):
        return None


def _network(text: str) -> tuple[int, int, int] | None:
    """Return the version, first and last address of a range; an address is a range of one."""
    try:
        network = ip_network(text, strict=False) if _CIDR.fullmatch(text) else None
    except ValueError:
        return None
    return network and (network.version, int(network.network_address), int(network.broadcast_address))


def _is_within(given: tuple[int, int, int], wanted: tuple[int, int, int]) -> bool:
    return given[0] == wanted[0] and wanted[1] <= given[1] and given[2] <= wanted[2]


def _number_matcher(compare: Callable[[Decimal, Decimal], bool]) -> MakeMatcher:
    return _typed("number", _number, compare)


def _date_matcher(compare: Callable[[Decimal, Decimal], bool]) -> MakeMatcher:
    return _typed("date as IAM takes it (2026-01-31T00:00:00Z, or epoch seconds)", _moment, compare)


_ip_matcher = _typed("IP address or CIDR range", _network, _is_within)
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
    "Bool": (_typed("Boolean", _boolean, operator.eq), False),
    "BinaryEquals": (_typed("base64", _binary, operator.eq), False),
    "IpAddress": (_ip_matcher, False),
    "NotIpAddress": (_ip_matcher, True),
    "ArnEquals": (arn_matcher, False),
    "ArnLike": (arn_matcher, False),
    "ArnNotEquals": (arn_matcher, True),
    "ArnNotLike": (arn_matcher, True),
}
