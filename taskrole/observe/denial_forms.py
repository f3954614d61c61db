"""Message forms of denied calls without `is not authorized to perform`, as a table.

Fields that a form does not contain stay empty: most forms contain neither the principal nor the reason.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from taskrole.observe.recording import Denial
from taskrole.partitions import partitions

_KEY = re.compile(
    r"(?:ciphertext\s+refers\s+to\s+a\s+(?:customer\s+master|KMS)\s+key\s+that\s+does\s+not\s+exist"
    r"|Access\s+to\s+KMS\s+is\s+not\s+allowed|KMS\.?AccessDenied(?:Exception)?)",
    re.IGNORECASE,
)
_QUEUE = re.compile(
    r"Access\s+to\s+the\s+resource\s+https://(?:sqs\.(?P<region>[a-z0-9-]{1,40})|(?P<old>[a-z0-9-]{1,40})\.queue)"
    r"\.(?P<domain>[a-z0-9.-]{1,60})/(?P<account>[0-9]{12})/(?P<name>[A-Za-z0-9_.-]{1,80}?)\s+is\s+denied",
    re.IGNORECASE,
)
_DATABASE = re.compile(r"\bPAM\s+authentication\s+failed\s+for\s+user\b", re.IGNORECASE)
_ACCESS = re.compile(
    r"\b(?:user:?\s+(?P<principal>\S{1,2200})\s+is|user\s+is)\s+not\s+authorized\s+to\s+access\s+this\s+resource"
    r"(?P<explicit>\s+with\s+an\s+explicit\s+deny)?",
    re.IGNORECASE,
)
# In other texts, these indicate a denied call, without details.
_DENIED = re.compile(
    r"\bAccess\s?Denied(?:Exception|Fault)?\b|\bUnauthorizedOperation\b|\bAuthorizationError\b|\bnot\s+authorized\s+to\b"
    r"|\b403\)?:?\s+(?:\(?Forbidden|when\s+calling)|\bAccess\s+to\s+the\s+resource\s+\S{1,200}\s+is\s+denied",
    re.IGNORECASE,
)
_ONLY = re.compile(r"\s*(?:403\s+)?Forbidden\.?\s*", re.IGNORECASE)


def other_denial(text: str) -> Denial | None:
    """Return the denial in a text of a less common form, or None."""
    return next((denial for form in _FORMS if (denial := form(text))), None)


def _key(text: str) -> Denial | None:
    return Denial("unknown", action="kms:Decrypt") if _KEY.search(text) else None


def _queue(text: str) -> Denial | None:
    match = _QUEUE.search(text)
    if match is None:
        return None
    region = match["region"] or match["old"]
    partition = next((name for name, each in partitions().items() if each.could_have(region)), "aws")
    return Denial("unknown", resource=f"arn:{partition}:sqs:{region}:{match['account']}:{match['name']}")


def _database(text: str) -> Denial | None:
    return Denial("unknown", action="rds-db:connect") if _DATABASE.search(text) else None


def _access(text: str) -> Denial | None:
    match = _ACCESS.search(text)
    if match is None:
        return None
    return Denial("unknown", True if match["explicit"] else None, match["principal"] or "")


def _denied(text: str) -> Denial | None:
    return Denial("unknown") if _DENIED.search(text) or _ONLY.fullmatch(text) else None


_FORMS: tuple[Callable[[str], Denial | None], ...] = (_key, _queue, _database, _access, _denied)
