"""Values that messages do not quote: those of environment variables, and rejected `valueFrom` values.

A rejected `valueFrom` is often the secret itself, pasted into the wrong field, and many people can read CI logs.
"""

from __future__ import annotations

import re
from dataclasses import replace

from taskrole.errors import quote
from taskrole.finding import Finding

HIDDEN = "which is not shown, as it may be secret"
SENSITIVE = "(sensitive value)"
NOT_QUOTED = f"a value {HIDDEN}"

_ENVIRONMENT = re.compile(r"/containerDefinitions/[^/]*/environment(?:/.*)?", re.DOTALL)
# Fields whose content may be or contain a secret if its type is wrong.
_SECRETS = re.compile(
    r"/containerDefinitions/[^/]*/(?:logConfiguration/)?(?:secrets|secretOptions|options)(?:/.*)?", re.DOTALL
)

# A value as `quote` writes it; a truncated value has no closing quote.
_QUOTE = re.compile(r"(?<![A-Za-z])(?:'(?:[^'\\]|\\.)*(?:'|\Z)|\"(?:[^\"\\]|\\.)*(?:\"|\Z))", re.DOTALL)

# A typical reference: words between slashes, with a version after a colon.
_REFERENCE = re.compile(r"/?[A-Za-z0-9_.-]+(?:/[A-Za-z0-9_.-]*)*(?::[A-Za-z0-9_.:-]*)?")
_TEMPLATE = re.compile(
    r"\$\{[^{}]*\}|\{\{[^{}]*\}\}|<[^<>]*>|\$\([^()]*\)|\[\[[^\[\]]*\]\]|%[A-Za-z_]+%|@[A-Za-z_]+@"
    r"|(?<![A-Za-z0-9$])\$+[A-Z_]+\$*(?![A-Za-z0-9])"
)
_KNOWN_TOKEN = re.compile(r"(?:AKIA|ASIA|gh[pousr]_|github_pat_|glpat-|xox[a-z]-|sk[-_]|rk_|eyJ|SG\.|npm_|AIza)")
_LONG_WORD = re.compile(r"[A-Za-z0-9]{16,}")
_HEXADECIMAL = re.compile(r"[0-9A-Fa-f]{20,}")


def is_confidential(source: str) -> bool:
    """Return whether a field, by its JSON pointer in a task definition, has values that messages must not quote."""
    return _ENVIRONMENT.fullmatch(source) is not None


def may_hold_secrets(source: str) -> bool:
    """Return whether a value of the wrong type at a JSON pointer may be or contain a secret."""
    return is_confidential(source) or _SECRETS.fullmatch(source) is not None


def quoted(text: str | None, source: str = "") -> str:
    """Return a value quoted for a message, or NOT_QUOTED for a confidential field."""
    if text is None:
        return "nothing"
    return NOT_QUOTED if is_confidential(source) else quote(text)


def quoted_reference(text: str) -> str:
    """Return a rejected reference quoted for a message, or NOT_QUOTED if it may be a secret."""
    return NOT_QUOTED if looks_secret(text) else quote(text)


def without_quotes(finding: Finding) -> Finding:
    """Return a finding with all quoted values in its message masked, for a sensitive document."""
    return replace(finding, message=_QUOTE.sub(SENSITIVE, finding.message))


def looks_secret(text: str) -> bool:
    """Return whether an invalid reference looks like a secret rather than a name or an ARN."""
    if text.startswith("arn:"):
        return False
    plain = _TEMPLATE.sub("x", text)
    if not _REFERENCE.fullmatch(plain) or _KNOWN_TOKEN.match(plain) or _HEXADECIMAL.search(plain):
        return text != ""
    return any(_is_random(word) for word in _LONG_WORD.findall(plain))


def _is_random(word: str) -> bool:
    kinds = (str.islower, str.isupper, str.isdigit)
    return all(any(kind(character) for character in word) for kind in kinds)
