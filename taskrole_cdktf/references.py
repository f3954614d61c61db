"""References to the resources of an app: symbolic values for them while grants are derived, and back."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from taskrole.arns import Context
from taskrole.symbolic_forms import attributes_of, has_form, symbolic_value

# `${aws_ecr_repository.web.arn}`, also of a data source or of one resource of several; `$${` is no reference.
_REFERENCE = re.compile(
    r"(?<!\$)\$\{(?P<address>(?:data\.)?(?P<type>aws_\w+)\.[\w-]+(?:\[[^\]{}]*\])?)\.(?P<attribute>\w+)\}"
)


@dataclass
class References:
    """Substitutes symbolic values for references, and restores the references.

    `place_of` returns where the resource at an address is; `expression_of` what refers to an attribute of it. `types`
    are the Terraform types of the resources that were referred to, by address.
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
        """Return a text with references for the symbolic values in it: the whole ARN's, where it is whole."""
        if not self._restored:
            return text
        # The longest first: an ARN before the name in it.
        symbolic = sorted(self._restored, key=lambda value: (-len(value), value))
        return re.sub("|".join(map(re.escape, symbolic)), lambda found: self._restored[found.group()], text)

    def _symbolic(self, found: re.Match[str]) -> str:
        type_, address = found["type"], found["address"]
        if not has_form(type_, found["attribute"]):
            return found.group()
        place = self.place_of(address)
        self.types[address] = type_
        # All attributes: a task definition has the URL of a repository, and its role gets the ARN.
        for attribute in attributes_of(type_):
            value = symbolic_value(type_, attribute, place, address)
            if value not in self._restored:
                self._restored[value] = self.expression_of(address, attribute)
        return symbolic_value(type_, found["attribute"], place, address)
