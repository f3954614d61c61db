"""Policy variables: `${aws:username}`, `${aws:userid, 'anonymous'}`, and the escapes `${*}`, `${?}` and `${$}`.

Only policies of version 2012-10-17 have them; in others they are plain text. The value of a variable is plain text
too: a `*` in it is no wildcard.

A variable without a value matches nothing, and AWS says that it "might cause the entire statement to be invalid".
Where it would have to match, both come to the same. Where it must not match (NotResource, StringNotEquals …) they do
not, and the answer is unknown.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeAlias

from taskrole.errors import shown
from taskrole.policy.conditions.three_valued import Truth, Unknown
from taskrole.policy.evaluation.request import ContextKeys
from taskrole.policy.match import Piece, Wildcard, pattern_pieces

_VARIABLE = re.compile(r"\$\{([^}]*)\}")
_WITH_DEFAULT = re.compile(r"([^,']*), *'(.*)'", re.DOTALL)
_ESCAPES = ("*", "?", "$")

# Compiles a pattern into a test of values.
Compile: TypeAlias = Callable[[Iterable[Piece]], Callable[[str], Truth]]


@dataclass(frozen=True)
class Variable:
    """A context key, in lower case, whose value goes in its place; `default` is used when the request has none."""

    key: str
    default: str | None = None


@dataclass(frozen=True)
class Template:
    """A text of a policy that may hold variables: plain text, wildcards and variables in their order."""

    text: str
    parts: tuple[Piece | Variable, ...]

    @property
    def pieces(self) -> tuple[Piece, ...] | None:
        """The pattern itself where it has no variables; None where it has."""
        pieces = tuple(part for part in self.parts if not isinstance(part, Variable))
        return pieces if len(pieces) == len(self.parts) else None

    def matches(
        self, value: str, keys: ContextKeys, compiled: Compile, could: Compile | None = None, *, negated: bool = False
    ) -> Truth:
        """Return whether a value fits the template once its variables have their values.

        `could` compiles the pattern in which `*` stands for a variable that is not known; it is `compiled` unless the
        variable may hold what that divides patterns by. `negated` says that the statement needs this not to match.
        """
        pieces: list[Piece] = []
        missing: Unknown | None = None
        for part in self.parts:
            if not isinstance(part, Variable):
                pieces.append(part)
                continue
            values = keys.values(part.key)
            if values is not None and len(values) == 1:
                pieces.append(values[0])
            elif values == () and part.default is not None:
                pieces.append(part.default)
            elif values == () and not negated:
                return False
            else:
                missing = missing or _missing(self.text, part, values)
                pieces.append(Wildcard.TEXT)
        if missing is None:
            return compiled(pieces)(value)
        # Where any text at all in the variable's place makes no match, none of its values does.
        return False if not negated and (could or compiled)(pieces)(value) is False else missing


def parse_template(text: str, *, wildcards: bool, variables: bool) -> Template:
    """Return a policy's text read with or without wildcards and variables."""
    read = pattern_pieces if wildcards else _plain
    if not variables:
        return Template(text, tuple(read(text)))
    parts: list[Piece | Variable] = []
    end = 0
    for found in _VARIABLE.finditer(text):
        parts.extend(read(text[end : found.start()]))
        parts.append(_variable(found[1]))
        end = found.end()
    return Template(text, (*parts, *read(text[end:])))


def _plain(text: str) -> tuple[str, ...]:
    return (text,) if text else ()


def _variable(inside: str) -> str | Variable:
    if inside in _ESCAPES:
        return inside
    with_default = _WITH_DEFAULT.fullmatch(inside)
    if with_default:
        return Variable(with_default[1].strip().lower(), with_default[2])
    return Variable(inside.strip().lower())


def _missing(text: str, variable: Variable, values: tuple[str, ...] | None) -> Unknown:
    if values is None:
        return Unknown(f"{variable.key!r}, a variable in {shown(text)}, is not known")
    if not values:
        return Unknown(f"{variable.key!r}, a variable in {shown(text)}, has no value, which may void the statement")
    return Unknown(f"{variable.key!r}, a variable in {shown(text)}, has more than one value")
