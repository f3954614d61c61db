"""Symbolic ARNs: well-formed placeholders for names known only after the apply, so that grants can be compared.

A task definition with `${aws_secretsmanager_secret.db.arn}` needs a permission on exactly that secret. Needs and grants
are compared with the same symbolic ARN in place of the reference. Messages contain the reference again.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import field
from typing import Any, TypeAlias

from taskrole.arns import Context
from taskrole.dataclass import dataclass
from taskrole.plan.configuration import Configuration
from taskrole.plan.infer_context import Places
from taskrole.policy.comparison.reading import read_once
from taskrole.policy.documents.statements import Document
from taskrole.policy.policy_variables import variables_end
from taskrole.symbolic_forms import MARK_LENGTH, has_form, mark_of_address, symbolic_value

# In characters; longer references are not replaced.
_LONGEST_REFERENCE = 1_000
_SYMBOL = re.compile(r"\$\{([^}]+)\}")
# Matches at every position of a text.
_MARK = re.compile(rf"(?=([0-9a-f]{{{MARK_LENGTH}}}))")
_PARTS = re.compile(
    r"(?P<module>(?:module\.[^.\[]+(?:\[[^\]]*\])?\.)*)(?P<type>\w+)\.(?P<rest>[\w-]+.*)\.(?P<attribute>\w+)"
)

# The attributes that contain the name of a resource.
_NAMED = ("name", "bucket")


# A symbolic ARN, its reference, and its mark.
Learned: TypeAlias = tuple[str, str, str]


class ReplacedReferences:
    """The references that symbolic ARNs stand for.

    They are collected while they are substituted: a plan can refer to an address that it does not contain, so that
    no list of them can be made before. Entries are added and never changed.
    """

    def __init__(self) -> None:
        self._by_symbol: dict[str, str] = {}
        self._by_mark: dict[str, list[str]] = {}
        self._new: list[Learned] = []

    def add(self, learned: Iterable[Learned]) -> None:
        """Add symbolic ARNs: those of this process, or of another one."""
        for symbol, reference, mark in learned:
            if symbol not in self._by_symbol:
                self._by_symbol[symbol] = reference
                self._by_mark.setdefault(mark, []).append(symbol)
                self._new.append((symbol, reference, mark))

    def take_new(self) -> list[Learned]:
        """Return the symbolic ARNs that were added since the last call, for another process."""
        new, self._new = self._new, []
        return new

    def restore(self, text: str) -> str:
        """Return text with each symbolic ARN replaced by its reference."""
        # Each symbolic ARN contains the mark of its reference; only those whose mark occurs in the text are tried.
        marks = {match.group(1) for match in _MARK.finditer(text)}
        symbols = [symbol for mark in sorted(marks) for symbol in self._by_mark.get(mark, ())]
        for symbol in sorted(symbols, key=lambda symbol: (-len(symbol), symbol)):
            text = text.replace(symbol, self._by_symbol[symbol])
        return text


@dataclass(frozen=True)
class SymbolicArns:
    """Substitutes symbolic ARNs for references, and restores the references."""

    configuration: Configuration
    places: Places
    references: ReplacedReferences = field(default_factory=ReplacedReferences)

    def substitute(self, value: Any) -> Any:
        """Return data with each reference whose ARN has a known form replaced by its symbolic ARN.

        Data without references is returned as the same object, so that cached results for a document are reused.
        """
        if isinstance(value, str):
            end = variables_end(value)
            return _SYMBOL.sub(self._symbolic_arn, value[:end]) + value[end:] if "${" in value else value
        if isinstance(value, (dict, Mapping)):
            changed = {
                key: new
                for key, item in value.items()
                if (item.__class__ is not str or "${" in item) and (new := self.substitute(item)) is not item
            }
            return {**value, **changed} if changed else value
        if isinstance(value, (list, tuple)):
            items = [item if item.__class__ is str and "${" not in item else self.substitute(item) for item in value]
            return items if any(new is not item for new, item in zip(items, value, strict=True)) else value
        return value

    def substitute_document(self, document: Document) -> Document:
        """Return a policy document with symbolic ARNs; the same object each time within `documents_cached`."""
        return read_once(document, self.substitute)

    def restore(self, text: str) -> str:
        """Return text with each symbolic ARN replaced by its reference."""
        return self.references.restore(text)

    def _symbolic_arn(self, match: re.Match[str]) -> str:
        parts = _PARTS.fullmatch(match.group(1)) if len(match.group(1)) <= _LONGEST_REFERENCE else None
        if parts is None or not has_form(parts["type"], parts["attribute"]):
            return match.group()
        address = f"{parts['module']}{parts['type']}.{parts['rest']}"
        place = self._place(address)
        if place is None:
            return match.group()
        name = self._name(address)
        if name and parts["type"] == "aws_ssm_parameter":
            name = name.lstrip("/")
        symbol = symbolic_value(parts["type"], parts["attribute"], place, address, name)
        own = mark_of_address(address)
        # A known name is not restored, since it can also occur in other texts.
        if own in symbol:
            self.references.add([(symbol, match.group(), own)])
        return symbol

    def _place(self, address: str) -> Context | None:
        """Return the context of a resource; that of the whole plan if the address is not in it."""
        change = self.configuration.at(address)
        place = self.places.of(change) if change else None
        return place if isinstance(place, Context) else self.places.whole

    def _name(self, address: str) -> str | None:
        change = self.configuration.at(address)
        values = (change.after if change else None) or {}
        return next((values[key] for key in _NAMED if isinstance(values.get(key), str) and values[key]), None)
