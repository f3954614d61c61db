"""A policy document as far as it is known, and parsing it from JSON."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from taskrole.dataclass import dataclass
from taskrole.policy.documents.schema import MalformedPolicyError, parse_policy
from taskrole.policy.documents.statements import Document

AFTER_APPLY = "it is known only after the apply"
# As long as a trust policy can be, in characters.
_OFTEN_REPEATED = 2_048
# Enough for the roles that are compared at one time: a role has at most 10,240 characters of inline policies.
_MOST_TEXTS = 256

# Appended to a value of which only the references are known.
GIVE_SOURCE = "give the configuration with --source to see what is made of it"


def joined(*problems: str) -> str:
    """Return problems as one clause, without repeated parts."""
    parts = [part for problem in problems if problem for part in problem.split("; ")]
    return "; ".join(dict.fromkeys(parts))


@dataclass(frozen=True)
class KnownDocument:
    """A complete or partial document; `problem` is what is unknown, and `document` is None if nothing is known."""

    document: Document | None
    problem: str = ""
    is_hidden: bool = False

    def read(self) -> KnownDocument:
        """Return the document itself."""
        return self


@dataclass(frozen=True)
class DocumentText:
    """A document in a JSON text, parsed when it is used: parsed documents of a large plan take much more memory."""

    text: str

    def read(self) -> KnownDocument:
        """Return the parsed document; of the last few texts, the same object."""
        return _parse_recent(self.text)


def known_document(text: Any) -> KnownDocument:
    """Return the document in a JSON text; duplicate keys are malformed, since parsers differ on which one applies."""
    if not isinstance(text, str):
        return _parse(text)
    return _parse_often(text) if len(text) <= _OFTEN_REPEATED else _parse_recent(text)


@lru_cache(maxsize=1_024)
def _parse_often(text: str) -> KnownDocument:
    """Return the same; cached, since most roles of a plan have the same trust policy."""
    return _parse(text)


@lru_cache(maxsize=_MOST_TEXTS)
def _parse_recent(text: str) -> KnownDocument:
    """Return the same; cached while the role is compared and checked."""
    return _parse(text)


def _parse(text: Any) -> KnownDocument:
    try:
        return KnownDocument(parse_policy(text))
    except MalformedPolicyError as error:
        return KnownDocument(None, str(error))
