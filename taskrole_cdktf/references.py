"""Substitutes symbolic values for references to an app's resources while grants are derived, and restores them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from taskrole.arns import Context
from taskrole.symbolic_forms import attributes_of, has_form, symbolic_value

# `${aws_ecr_repository.web.arn}`, also of a data source or of an instance of a resource; `$${` is not a reference.
_REFERENCE = re.compile(
    r"(?<!\$)\$\{(?P<address>(?:data\.)?(?P<type>aws_\w+)\.[\w-]+(?:\[[^\]{}]*\])?)\.(?P<attribute>\w+)\}"
)


@dataclass
class References:
    """Substitutes symbolic values for references, and restores the references.

    `place_of` returns the region and account of the resource at an address, `expression_of` a reference to an
    attribute of it. `types` are the Terraform types of the referenced resources, by address.
    """

    place_of: Callable[[str], Context]
    expression_of: Callable[[str, str], str]
    types: dict[str, str] = field(default_factory=dict)
    _restored: dict[str, str] = field(default_factory=dict)

    def substitute(self, value: Any) -> Any:
        """Return data with a symbolic value for each reference of a known form, in the keys of mappings, too."""
        if isinstance(value, str):
            return _REFERENCE.sub(self._symbolic, value)
        if isinstance(value, Mapping):
            return {self.substitute(key): self.substitute(item) for key, item in value.items()}
        return [self.substitute(item) for item in value] if isinstance(value, (list, tuple)) else value

    def restore(self, text: str) -> str:
        """Return a text with references for the symbolic values in it; a whole ARN becomes a reference to the ARN."""
        if not self._restored:
            return text
        # Longest first: an ARN before the name in it.
        symbolic = sorted(self._restored, key=lambda value: (-len(value), value))
        return re.sub("|".join(map(re.escape, symbolic)), lambda match: self._restored[match.group()], text)

    def _symbolic(self, match: re.Match[str]) -> str:
        type_, address = match["type"], match["address"]
        if not has_form(type_, match["attribute"]):
            return match.group()
        place = self.place_of(address)
        self.types[address] = type_
        # All attributes: a task definition has the URL of a repository, and its role gets the ARN.
        for attribute in attributes_of(type_):
            value = symbolic_value(type_, attribute, place, address)
            if value not in self._restored:
                self._restored[value] = self.expression_of(address, attribute)
        return symbolic_value(type_, match["attribute"], place, address)
