"""The conditions of a template: met, not met, or unknown if a parameter has no value."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NoReturn

from taskrole.errors import InputError, Place, Problem, quote

_PLACEHOLDER = re.compile(r"\$\{([^{}]+)\}")
_FLAGS = {"true": True, "false": False}


@dataclass
class TemplateConditions:
    """Evaluates conditions by name. `resolve` resolves an entire value, `given` returns the value of a name.

    Raises InputError for circular or undefined conditions.
    """

    file: str
    definitions: Mapping[str, Any]
    resolve: Callable[[Any], Any]
    given: Callable[[str], str | None]
    known: dict[str, bool | None] = field(default_factory=dict)
    unknowns: dict[str, str] = field(default_factory=dict)
    path: list[str] = field(default_factory=list)

    def check(self) -> None:
        """Evaluate all conditions, so that problems of unused conditions are reported too."""
        for name in self.definitions:
            self.is_met(str(name))

    def is_met(self, name: str) -> bool | None:
        """Return whether a condition is met; None if unknown."""
        if name in self.known:
            return self.known[name]
        if name in self.path:
            circle = " → ".join([*self.path[self.path.index(name) :], name])
            self._fail(name, f"conditions must not be circular; got {circle}")
        if name not in self.definitions:
            self._fail(name, "is used, but not defined under Conditions")
        given = _FLAGS.get((self.given(name) or "").lower())
        self.path.append(name)
        met = given if given is not None else self._evaluate(self.definitions[name], name)
        self.path.pop()
        self.known[name] = met
        return met

    def is_wanted(self, name: Any) -> bool:
        """Return whether a resource with this condition (None: no condition) is or may be created."""
        return name is None or self.is_met(str(name)) is not False

    def unknown(self, name: str) -> str:
        """Return the name that needs a value to decide a condition: a parameter, or the condition itself."""
        return self.unknowns.get(name, name)

    def _evaluate(self, expression: Any, name: str) -> bool | None:
        if isinstance(expression, bool):
            return expression
        if not isinstance(expression, Mapping) or len(expression) != 1:
            self._fail(name, "must be one condition function, such as Fn::Equals")
        ((function, arguments),) = expression.items()
        if function == "Condition":
            met = self.is_met(str(arguments))
            if met is None:
                self.unknowns.setdefault(name, self.unknown(str(arguments)))
            return met
        if not isinstance(arguments, list):
            self._fail(name, f"{quote(function)} must have a list of arguments")
        if function == "Fn::Equals" and len(arguments) == 2:
            return self._equals(arguments, name)
        if function not in ("Fn::Not", "Fn::And", "Fn::Or") or (function == "Fn::Not" and len(arguments) != 1):
            self._fail(name, f"{quote(function)} is not a condition function, or has the wrong arguments")
        parts = [self._evaluate(argument, name) for argument in arguments]
        if function == "Fn::Not":
            return None if parts[0] is None else not parts[0]
        decisive = function == "Fn::Or"
        return decisive if decisive in parts else None if None in parts else not decisive

    def _equals(self, arguments: list[Any], name: str) -> bool | None:
        first, second = (_plain(self.resolve(argument)) for argument in arguments)
        match = _PLACEHOLDER.search(f"{first}{second}")
        if match is None or first == second:
            return first == second
        self.unknowns.setdefault(name, match.group(1))
        return None

    def _fail(self, name: str, message: str) -> NoReturn:
        raise InputError([Problem(Place(self.file, path=f"Conditions.{name}"), message)])


def _plain(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
