r"""Plain text: what terminals and the logs of CI systems show, and the first step of every other target.

Control, bidirectional and invisible characters become visible escapes (`\x1b`, `\u202e`), and so do the beginnings of
commands that CI systems obey when they read them in a log: `::error …::`, `##[…]`, `##vso[…]`, `##teamcity[…]`.

Sources: https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands
https://learn.microsoft.com/en-us/azure/devops/pipelines/scripts/logging-commands
"""

from __future__ import annotations

import re

from taskrole.errors import printable

# Letters and marks by category, and yet nothing to see: fillers, joiners and variation selectors.
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]"
)
_GITHUB_COMMAND = re.compile(
    r":(:)(?=\s*(?:add-mask|add-matcher|add-path|debug|echo|endgroup|error|group|internal-set-repo-path|notice"
    r"|remove-matcher|save-state|set-env|set-output|stop-commands|warning)\b.*?::)",
    re.IGNORECASE,
)
_HASH_COMMAND = re.compile(r"#(#)(?=(?:vso|teamcity)?\[)", re.IGNORECASE)


def visible(text: str) -> str:
    """Return a text on one line, of which every character can be seen, and which no CI system takes for a command."""
    if not (text.isascii() and text.isprintable()):
        text = _INVISIBLE.sub(lambda found: found.group().encode("unicode_escape").decode("ascii"), printable(text))
    if "::" in text:
        text = _GITHUB_COMMAND.sub(r":\\x3a", text)
    return _HASH_COMMAND.sub(r"#\\x23", text) if "##" in text else text


def cut(text: str, longest: int) -> str:
    """Return a text of at most about `longest` characters that says how many were left out."""
    return text if len(text) <= longest else f"{text[:longest]}… (+{len(text) - longest:,} characters)"
