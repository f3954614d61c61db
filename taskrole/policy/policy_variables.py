"""The syntax of policy variables: `${aws:username}` and `${aws:PrincipalTag/team, 'red'}`.

The name of a variable ignores case; its default is case-sensitive text.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from taskrole.dataclass import dataclass

# A variable; the group is the text between the braces. Use `find_variables` to search.
VARIABLE = re.compile(r"\$\{([^}]*)\}")


def variables_end(text: str) -> int:
    """Return the end of the last possible variable; searching for `${` after it would take quadratic time."""
    return text.rfind("}") + 1


def find_variables(text: str) -> Iterator[re.Match[str]]:
    """Yield the variables of a text, in linear time."""
    return VARIABLE.finditer(text, 0, variables_end(text))


def remove_variables(text: str) -> str:
    """Return a text without its variables."""
    end = variables_end(text)
    return VARIABLE.sub("", text[:end]) + text[end:]


_WITH_DEFAULT = re.compile(r"([^,']*), *'(.*)'", re.DOTALL)
_ESCAPES = ("*", "?", "$")


@dataclass(frozen=True)
class PolicyVariable:
    """A context key, in lower case, whose value replaces the variable; `default` is used when the key has none."""

    key: str
    default: str | None = None


def parse_variable(inside: str) -> str | PolicyVariable:
    """Return the variable between `${` and `}`; for the escapes `*`, `?` and `$`, that character."""
    if inside in _ESCAPES:
        return inside
    with_default = _WITH_DEFAULT.fullmatch(inside)
    if with_default:
        return PolicyVariable(with_default[1].strip().lower(), with_default[2])
    return PolicyVariable(inside.strip().lower())
