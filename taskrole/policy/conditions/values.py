"""Parsers for the types of condition values: numbers, dates, Booleans, binary and IP ranges; None if invalid.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
"""

from __future__ import annotations

import base64
import re
from datetime import datetime, timezone
from decimal import Decimal
from ipaddress import ip_network
from typing import TypeAlias

# IP version, first and last address.
Network: TypeAlias = tuple[int, int, int]

_NUMBER = re.compile(r"[+-]?[0-9]{1,64}(\.[0-9]{1,64})?")
# https://www.w3.org/TR/NOTE-datetime, except for a year alone.
_DATE = re.compile(
    r"(?P<day>[0-9]{4}-[0-9]{2}(-[0-9]{2})?)"
    r"(T(?P<time>[0-9]{2}:[0-9]{2}(:[0-9]{2}(?P<fraction>\.[0-9]{1,9})?)?)(?P<zone>Z|[+-][0-9]{2}:[0-9]{2}))?"
)
_EPOCH = re.compile(r"[0-9]{5,19}|[0-9]{1,3}")
_BEGIN = datetime(1970, 1, 1, tzinfo=timezone.utc)
_CIDR = re.compile(r"[0-9A-Fa-f:.]{2,45}(/[0-9]{1,3})?")


def parse_number(text: str) -> Decimal | None:
    """Return an integer or decimal number, or None."""
    return Decimal(text) if _NUMBER.fullmatch(text) else None


def parse_moment(text: str) -> Decimal | None:
    """Return a date or epoch time in seconds since 1970; None for the ambiguous four digits."""
    if _EPOCH.fullmatch(text):
        return Decimal(text)
    match = _DATE.fullmatch(text)
    if not match:
        return None
    day = match["day"] if match[2] else f"{match['day']}-01"
    fraction = match["fraction"] or ""
    time = (match["time"] or "00:00").removesuffix(fraction)
    zone = (match["zone"] or "Z").replace("Z", "+00:00")
    try:
        since = datetime.fromisoformat(f"{day}T{time}{zone}") - _BEGIN
    except ValueError:
        return None
    return Decimal(since.days * 86_400 + since.seconds) + Decimal(f"0{fraction}")


def parse_boolean(text: str) -> bool | None:
    """Return a Boolean, ignoring case, or None."""
    return {"true": True, "false": False}.get(text.lower())


def parse_binary(text: str) -> bytes | None:
    """Return the decoded bytes of a base64 text, or None."""
    try:
        return base64.b64decode(text, validate=True)
    except ValueError:
        return None


def parse_network(text: str) -> Network | None:
    """Return a network in CIDR notation; a single address is a network of one address."""
    if not _CIDR.fullmatch(text):
        return None
    try:
        network = ip_network(text, strict=False)
    except ValueError:
        return None
    return network.version, int(network.network_address), int(network.broadcast_address)


def is_within_network(network: Network, other: Network) -> bool:
    """Return whether a network is entirely within another one."""
    return network[0] == other[0] and other[1] <= network[1] and network[2] <= other[2]
