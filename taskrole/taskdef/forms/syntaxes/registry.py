"""The syntaxes that are read, in the order in which they are tried. Add a module and one line here."""

from __future__ import annotations

from functools import cache
from importlib import import_module

from taskrole.taskdef.forms.syntaxes.syntax import Syntax

# Modules, relative to this package or in another one; each defines SYNTAX. The last one accepts everything.
NAMES = (
    "taskrole.plan.task_forms.large_json",
    ".json_syntax",
    ".yaml_syntax",
)


@cache
def syntaxes() -> tuple[Syntax, ...]:
    """Return all syntaxes. Imported on first use, since packages with a syntax depend on this one."""
    return tuple(import_module(name, __package__).SYNTAX for name in NAMES)


def syntax_of(content: bytes) -> Syntax:
    """Return the syntax of a file's bytes."""
    return next(syntax for syntax in syntaxes() if len(content) >= syntax.least and syntax.recognizes(content))


def largest(head: bytes) -> int:
    """Return the maximum size, in bytes, of a file with this beginning."""
    return max(syntax.largest for syntax in syntaxes() if syntax.recognizes(head))
