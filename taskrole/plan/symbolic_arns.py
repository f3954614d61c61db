"""Stand-ins for names that only the apply will tell: ARNs of the right form, so that needs and grants can be compared.

A task definition that reads `${aws_secretsmanager_secret.db.arn}` needs a permission on just that; with the same ARN
put in for it on both sides, one sees whether the role has it. What a person reads has the reference in it again.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from taskrole.arns import Context
from taskrole.plan.configuration import Configuration
from taskrole.plan.infer_context import Places
from taskrole.policy.policy_variables import variables_end
from taskrole.symbolic_forms import MARK_LENGTH, has_form, mark_of_address, symbolic_value

# In characters; longer ones are left as they are.
_LONGEST_REFERENCE = 1_000
_SYMBOL = re.compile(r"\$\{([^}]+)\}")
# Looked for at every place of a text.
_MARK = re.compile(rf"(?=([0-9a-f]{{{MARK_LENGTH}}}))")
_PARTS = re.compile(
    r"(?P<module>(?:module\.[^.\[]+(?:\[[^\]]*\])?\.)*)(?P<type>\w+)\.(?P<rest>[\w-]+.*)\.(?P<attribute>\w+)"
)

# What makes the name of a resource where it is not a name of the user's own.
_NAMED = ("name", "bucket")


@dataclass
class StandIns:
    """Puts stand-ins in for references, and references back for stand-ins."""

    configuration: Configuration
    places: Places
    references: dict[str, str] = field(default_factory=dict)
    _by_mark: dict[str, set[str]] = field(default_factory=dict)

    def put(self, value: Any) -> Any:
        """Return data with each reference in its texts replaced, where its form is known."""
        if isinstance(value, str):
            end = variables_end(value)
            return _SYMBOL.sub(self._stand_in, value[:end]) + value[end:] if "${" in value else value
        if isinstance(value, (dict, Mapping)):
            return {
                key: one if one.__class__ is str and "${" not in one else self.put(one) for key, one in value.items()
            }
        if isinstance(value, (list, tuple)):
            return [one if one.__class__ is str and "${" not in one else self.put(one) for one in value]
        return value

    def back(self, text: str) -> str:
        """Return a text with the references in it again."""
        # Each stand-in has the six digits of its reference in it: only those whose digits are in the text are tried.
        marks = {match.group(1) for match in _MARK.finditer(text)}
        stand_ins = [stand_in for mark in sorted(marks) for stand_in in self._by_mark.get(mark, ())]
        for stand_in in sorted(stand_ins, key=lambda one: (-len(one), one)):
            text = text.replace(stand_in, self.references[stand_in])
        return text

    def _stand_in(self, found: re.Match[str]) -> str:
        parts = _PARTS.fullmatch(found.group(1)) if len(found.group(1)) <= _LONGEST_REFERENCE else None
        if parts is None or not has_form(parts["type"], parts["attribute"]):
            return found.group()
        address = f"{parts['module']}{parts['type']}.{parts['rest']}"
        place = self._place(address)
        if place is None:
            return found.group()
        name = self._name(address)
        if name and parts["type"] == "aws_ssm_parameter":
            name = name.lstrip("/")
        stand_in = symbolic_value(parts["type"], parts["attribute"], place, address, name)
        own = mark_of_address(address)
        # A known name needs no way back, and could stand in other texts too.
        if own in stand_in:
            self.references[stand_in] = found.group()
            self._by_mark.setdefault(own, set()).add(stand_in)
        return stand_in

    def _place(self, address: str) -> Context | None:
        """Return where a resource is; of one that the plan does not list by this address, where all of them are."""
        change = self.configuration.at(address)
        place = self.places.of(change) if change else None
        return place if isinstance(place, Context) else self.places.whole

    def _name(self, address: str) -> str | None:
        change = self.configuration.at(address)
        values = (change.after if change else None) or {}
        return next((values[key] for key in _NAMED if isinstance(values.get(key), str) and values[key]), None)
