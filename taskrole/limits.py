"""IAM's limits for values of a role. Each check returns None, or a message with the rule and the value.

Sources: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html and the patterns of the IAM API
(https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

from taskrole.errors import quote

LONGEST_ROLE_NAME = 64
# Terraform appends 26 characters to a prefix.
LONGEST_NAME_PREFIX = LONGEST_ROLE_NAME - 26
LONGEST_PATH = 512
LONGEST_DESCRIPTION = 1_000
MOST_TAGS = 50
LONGEST_TAG_KEY = 128
LONGEST_TAG_VALUE = 256
SHORTEST_SESSION, LONGEST_SESSION = 3_600, 43_200
MOST_MANAGED_POLICIES = 20

_NAME = re.compile(r"[A-Za-z0-9_+=,.@-]*")
_NAME_RULE = "letters, digits and _+=,.@-"
_TAG_PUNCTUATION = frozenset("_.:/=+-@")


def check_role_name(name: str) -> str | None:
    """Check the name of a role: 1 to 64 letters, digits and `_+=,.@-`."""
    return _check_name("a role's name", name, LONGEST_ROLE_NAME)


def check_name_prefix(prefix: str) -> str | None:
    """Check the prefix of a role's name: at most 38 characters, so that Terraform's 26 more fit into 64."""
    return _check_name("name_prefix", prefix, LONGEST_NAME_PREFIX)


def _check_name(what: str, name: str, longest: int) -> str | None:
    if not 1 <= len(name) <= longest:
        short = f"; {quote(name[:longest])} would fit" if name else ""
        return f"{what} must be 1 to {longest} characters long; got {len(name)}, {quote(name)}{short}"
    if not _NAME.fullmatch(name):
        bad = "".join(sorted({character for character in name if not _NAME.fullmatch(character)}))
        return f"{what} must be {_NAME_RULE}; got {quote(bad)} in {quote(name)}"
    return None


def check_path(path: str) -> str | None:
    """Check a role's path: `/`, or up to 512 printable ASCII characters between two slashes."""
    if len(path) > LONGEST_PATH:
        return f"a path must be at most {LONGEST_PATH} characters long; got {len(path)}"
    if re.fullmatch(r"/|/[\x21-\x7e]+/", path):
        return None
    suggestion = f"/{path.strip('/')}/" if path.strip("/") else "/"
    fix = f"; write {quote(suggestion)}" if re.fullmatch(r"/|/[\x21-\x7e]+/", suggestion) else ""
    return f"a path must begin and end with / and have no spaces; got {quote(path)}{fix}"


def check_description(text: str) -> str | None:
    """Check a role's description: up to 1,000 characters of Latin-1 without control characters."""
    if len(text) > LONGEST_DESCRIPTION:
        return f"a description must be at most {LONGEST_DESCRIPTION} characters long; got {len(text)}"
    bad = re.sub(r"[\t\n\r\x20-\x7e\xa1-\xff]", "", text)
    return f"characters in a description must be at most U+00FF; got {quote(bad[0])}" if bad else None


def check_max_session_duration(seconds: int) -> str | None:
    """Check the longest session: 3,600 to 43,200 seconds."""
    if SHORTEST_SESSION <= seconds <= LONGEST_SESSION:
        return None
    return f"max_session_duration must be {SHORTEST_SESSION} to {LONGEST_SESSION} seconds; got {seconds}"


def check_tag_key(key: str) -> str | None:
    """Check a tag's key: 1 to 128 letters, digits, spaces and `_.:/=+-@`, not beginning with `aws:`."""
    if not 1 <= len(key) <= LONGEST_TAG_KEY:
        return f"a tag's key must be 1 to {LONGEST_TAG_KEY} characters long; got {len(key)}"
    if key.lower().startswith("aws:"):
        return f"a tag's key must not begin with aws:, which is reserved for AWS; got {quote(key)}"
    return _check_tag_characters("key", key)


def check_tag_value(value: str) -> str | None:
    """Check a tag's value: up to 256 letters, digits, spaces and `_.:/=+-@`."""
    if len(value) > LONGEST_TAG_VALUE:
        return f"a tag's value must be at most {LONGEST_TAG_VALUE} characters long; got {len(value)}"
    return _check_tag_characters("value", value)


def _check_tag_characters(what: str, text: str) -> str | None:
    bad = [character for character in text if not _is_tag_character(character)]
    if not bad:
        return None
    return f"a tag's {what} must be letters, digits, spaces and _.:/=+-@; got {quote(bad[0])} in {quote(text)}"


def _is_tag_character(character: str) -> bool:
    return character in _TAG_PUNCTUATION or unicodedata.category(character)[0] in "LNZ"


def check_tags(tags: Mapping[str, str]) -> str | None:
    """Check tags together: at most 50, and no two keys that differ only in case."""
    if len(tags) > MOST_TAGS:
        return f"a role can have {MOST_TAGS} tags; got {len(tags)}, including the stack's and the defaults'"
    seen: dict[str, str] = {}
    for key in tags:
        if seen.setdefault(key.lower(), key) != key:
            return f"tag keys must differ in more than case; got {quote(seen[key.lower()])} and {quote(key)}"
    return None
