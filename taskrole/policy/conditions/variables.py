"""Policy variables: `${aws:username}`, `${aws:userid, 'anonymous'}`, and the escapes `${*}`, `${?}` and `${$}`.

Only policies of version 2012-10-17 support them; in others they are plain text. The value of a variable is plain text
too: a `*` in it is not a wildcard.

A variable without a value and default is null, and "there is no equal or like value": text that contains it matches
nothing. So StringEquals and Resource do not match; StringNotEquals and NotResource do.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html#policy-vars-no-value
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeAlias

from taskrole.dataclass import dataclass
from taskrole.errors import quote
from taskrole.policy.conditions.three_valued import Truth, Unknown
from taskrole.policy.evaluation.request import ContextKeys
from taskrole.policy.match import Piece, Wildcard, pattern_pieces
from taskrole.policy.policy_variables import PolicyVariable, find_variables, parse_variable

# Compiles a pattern into a test of values.
Compile: TypeAlias = Callable[[Iterable[Piece]], Callable[[str], Truth]]


@dataclass(frozen=True)
class Template:
    """Text of a policy that may contain variables: plain text, wildcards and variables in order."""

    text: str
    parts: tuple[Piece | PolicyVariable, ...]

    @property
    def pieces(self) -> tuple[Piece, ...] | None:
        """The pieces of a pattern without variables; None if it has variables."""
        pieces = tuple(part for part in self.parts if not isinstance(part, PolicyVariable))
        return pieces if len(pieces) == len(self.parts) else None

    def matches(self, value: str, keys: ContextKeys, compiled: Compile, could: Compile | None = None) -> Truth:
        """Return whether a value matches the template with its variables replaced by their values.

        `could` compiles the pattern with `*` in place of each unknown variable; it defaults to `compiled`. Pass it if
        `compiled` splits patterns at a character that the value of a variable may contain.
        """
        pieces: list[Piece] = []
        missing: Unknown | None = None
        for part in self.parts:
            if not isinstance(part, PolicyVariable):
                pieces.append(part)
                continue
            values = keys.values(part.key)
            if values is not None and len(values) == 1:
                pieces.append(values[0])
            elif values == () and part.default is not None:
                pieces.append(part.default)
            elif values == ():
                return False
            else:
                missing = missing or _missing(self.text, part, values)
                pieces.append(Wildcard.TEXT)
        if missing is None:
            return compiled(pieces)(value)
        # If `*` in its place does not match, no value of the variable does.
        return False if (could or compiled)(pieces)(value) is False else missing


def parse_template(text: str, *, wildcards: bool, variables: bool) -> Template:
    """Return policy text as a template, with or without wildcards and variables."""
    read = pattern_pieces if wildcards else _plain
    if not variables:
        return Template(text, tuple(read(text)))
    parts: list[Piece | PolicyVariable] = []
    end = 0
    for variable in find_variables(text):
        parts.extend(read(text[end : variable.start()]))
        parts.append(parse_variable(variable[1]))
        end = variable.end()
    return Template(text, (*parts, *read(text[end:])))


def _plain(text: str) -> tuple[str, ...]:
    return (text,) if text else ()


def _missing(text: str, variable: PolicyVariable, values: tuple[str, ...] | None) -> Unknown:
    if values is None:
        return Unknown(f"{variable.key!r}, a variable in {quote(text)}, is not known")
    return Unknown(f"{variable.key!r}, a variable in {quote(text)}, has more than one value")
