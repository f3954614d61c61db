"""The forms that are read, in the order in which they are tried. Add a module or package and one line here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from importlib import import_module
from types import ModuleType
from typing import Any

from taskrole.errors import InputError, Place, Problem, quote
from taskrole.taskdef.forms.form import Form, Source, SourceDefinition
from taskrole.taskdef.forms.not_read import data_message
from taskrole.taskdef.rule import FieldRule
from taskrole.taskdef.values.values import Values

# Modules, relative to this package or in another one; each defines FORMS, and RULES if its findings have rules.
# Large modules are imported only when used.
NAMES = (
    ".daemon",
    ".register",
    ".express",
    "taskrole.plan.task_forms.form",
    ".cloudformation.template",
    ".containers",
    ".arrays",
)


@cache
def forms() -> tuple[Form, ...]:
    """Return all forms. Imported on first use, since packages with a form depend on this one."""
    return tuple(form for module in _modules() for form in module.FORMS)


def form_rules() -> tuple[FieldRule, ...]:
    """Return the rules for findings of all forms."""
    return tuple(rule for module in _modules() for rule in getattr(module, "RULES", ()))


def _modules() -> Iterator[ModuleType]:
    yield from (import_module(name, __package__) for name in NAMES)


EXPECTED = "must contain a task definition, an object with containerDefinitions"

# Keys of task definitions in any form, in lower case.
_PARTS_OF_A_DEFINITION = frozenset(
    {
        "containerdefinition",
        "containerdefinitions",
        "executionrolearn",
        "family",
        "primarycontainer",
        "requirescompatibilities",
        "taskdefinition",
        "taskrolearn",
    }
)


class OtherContentError(InputError):
    """A file contains something other than task definitions: an error only if the user named the file."""


def read_source(source: Source, values: Values) -> list[SourceDefinition]:
    """Return the task definitions of a source. Raises OtherContentError or InputError."""
    form = find_form(source.data)
    if form is None:
        message = data_message(source.data)
        if message is None and looks_like_a_definition(source.data):
            raise InputError([Problem(Place(source.file), _expected(source.data))])
        raise OtherContentError([Problem(Place(source.file), message or _expected(source.data))])
    definitions = list(form.read(source, values))
    if not definitions:
        raise OtherContentError([Problem(Place(source.file), form.empty)])
    return definitions


def find_form(data: Any) -> Form | None:
    """Return the form of parsed data, or None."""
    if isinstance(data, list) and data_message(data) is not None:
        return None
    # The loop stops at the first match, so later forms are not imported.
    return next((form for module in _modules() for form in module.FORMS if form.recognizes(data)), None)


def looks_like_a_definition(data: Any) -> bool:
    """Return whether an object has keys that only task definitions have."""
    if not isinstance(data, Mapping):
        return False
    return any(str(key).replace("_", "").lower() in _PARTS_OF_A_DEFINITION for key in data)


def _expected(data: Any) -> str:
    if isinstance(data, list) and not data:
        return "contains an empty array, and no task definition"
    if not isinstance(data, Mapping):
        kind = {list: "an array", str: "text", type(None): "null"}.get(type(data), "a plain value")
        return f"{EXPECTED}; got {kind}"
    some = ", ".join(quote(key) for key in list(data)[:3]) or "no keys"
    return f"{EXPECTED}; got one with {some}"
