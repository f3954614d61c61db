"""The syntaxes that are read, in the order in which they are asked. A new one is one module and one line here."""

from __future__ import annotations

from functools import cache
from importlib import import_module

from taskrole.taskdef.forms.syntaxes.syntax import Syntax

# Modules, by their names beside this one or in another room; each defines SYNTAX. The last takes whatever is left.
NAMES = (
    "taskrole.plan.task_forms.large_json",
    ".json_syntax",
    ".yaml_syntax",
)


@cache
def syntaxes() -> tuple[Syntax, ...]:
    """Return all syntaxes. Loaded at the first file, since rooms that have one of their own build on this one."""
    return tuple(import_module(name, __package__).SYNTAX for name in NAMES)


def syntax_of(content: bytes) -> Syntax:
    """Return the syntax that a file's bytes are in."""
    return next(syntax for syntax in syntaxes() if len(content) >= syntax.least and syntax.recognises(content))


def largest(head: bytes) -> int:
    """Return how large a file may be that begins like this, in bytes."""
    return max(syntax.largest for syntax in syntaxes() if syntax.recognises(head))
