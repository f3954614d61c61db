"""Placeholders that a template's author meant somebody to fill in, and that nobody has.

    ${NAME}  $(NAME)  $NAME  $$$NAME$$$      shells, CloudFormation, the agent's own tests
    {{name}}  {name}  <name>  [[name]]       Jinja, Go, pages of documentation
    #{NAME}  %NAME%  @NAME@  __NAME__        release tools
    XXXXXXXXXXXX  CHANGE_ME                  letters and words
    arn:aws:ssm:region-code:account-id:…     words in the place of a region or account

A value that holds one never becomes part of an ARN.
"""

from __future__ import annotations

import re

from taskrole.errors import shown
from taskrole.grant import Finding
from taskrole.taskdef.confidential import NOT_QUOTED, is_confidential, looks_secret

_NAME = r"[A-Za-z_][A-Za-z0-9_.-]*"
_REGION = r"(?:(?:your|my|aws|the)[-_])?region(?:[-_](?:code|name|id))?"
_ACCOUNT = r"(?:(?:your|my|aws|the)[-_])?account(?:[-_]?id)?"
_PLACEHOLDER = re.compile(
    "|".join(
        (
            r"\$\{[^}]*\}?",
            r"\$\([^)]*\)?",
            r"\$+[A-Za-z_][A-Za-z0-9_]*\$*",
            r"\{\{.*?(?:\}\}|\Z)",
            r"\#?\{[^{}]*\}?",
            r"<[^<>]*>?",
            r"\[\[.*?(?:\]\]|\Z)",
            rf"%{_NAME}%",
            rf"@{_NAME}@",
            r"__[A-Za-z][A-Za-z0-9_]*__(?![A-Za-z0-9])",
            r"(?<![A-Za-z0-9])[Xx]{4,}(?![A-Za-z0-9])",
            r"(?<![A-Za-z0-9])(?i:(?:replace|change)[-_]?me)(?![A-Za-z0-9])",
            # In a name such words may be meant; where an ARN has its region and account they never are.
            rf"\Aarn:[^:]*:[^:]*:(?i:{_REGION}):",
            rf"\Aarn:[^:]*:[^:]*:[^:]*:(?i:{_ACCOUNT}):",
        )
    ),
    re.DOTALL,
)
# Most values hold none of these, and are done with a few quick looks.
_SIGN = re.compile(r"[${}<>%@\[]")


def find_placeholder(text: str) -> str | None:
    """Return the first placeholder in a text as it is written there, or None."""
    if not _may_hold_one(text):
        return None
    found = _PLACEHOLDER.search(text)
    return found.group() if found else None


def mask_placeholders(text: str, mask: str) -> str:
    """Return a text with each placeholder replaced by one character, so that it can be taken apart safely."""
    return _PLACEHOLDER.sub(mask, text) if _may_hold_one(text) else text


def _may_hold_one(text: str) -> bool:
    if _SIGN.search(text):
        return True
    lowered = text.lower()
    # Spelled out, since it is asked of every value: half as long as any() takes.
    return "__" in lowered or "xxxx" in lowered or "region" in lowered or "account" in lowered or "me" in lowered


def placeholder_finding(text: str, source: str) -> Finding | None:
    """Return the error that names a placeholder in a value, or None."""
    found = find_placeholder(text)
    if found is None:
        return None
    if is_confidential(source) or (source.endswith("/valueFrom") and looks_secret(text)):
        message = f"holds a placeholder; fill it in before deriving permissions; got {NOT_QUOTED}"
        return Finding("PLACEHOLDER", "error", source, message)
    message = f"holds the placeholder {shown(found)}; fill it in before deriving permissions; got {shown(text)}"
    return Finding("PLACEHOLDER", "error", source, message)
