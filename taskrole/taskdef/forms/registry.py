"""The forms that are read, in the order in which they are asked. A new one is a module or package and one line here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from importlib import import_module
from types import ModuleType
from typing import Any

from taskrole.errors import InputError, Place, Problem, quote
from taskrole.taskdef.forms.form import Form, Found, Source
from taskrole.taskdef.forms.not_read import data_message
from taskrole.taskdef.rule import Rule
from taskrole.taskdef.values.values import Values

# Modules, by their names beside this one or in another room; each defines FORMS, and RULES if its findings have some.
# What is large is loaded only to read.
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
    """Return all forms. Loaded at the first file, since rooms that have a form of their own build on this one."""
    return tuple(form for module in _modules() for form in module.FORMS)


def form_rules() -> tuple[Rule, ...]:
    """Return the rules by which forms report what they do not say."""
    return tuple(rule for module in _modules() for rule in getattr(module, "RULES", ()))


def _modules() -> Iterator[ModuleType]:
    yield from (import_module(name, __package__) for name in NAMES)


EXPECTED = "must hold a task definition, an object with containerDefinitions"

# What people call the parts of a task definition, in whatever form.
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
    """A file that holds something else than task definitions: an error where a person named it."""


def read_source(source: Source, values: Values) -> list[Found]:
    """Return the task definitions of a source. Raises OtherContentError or InputError."""
    form = find_form(source.data)
    if form is None:
        message = data_message(source.data)
        if message is None and looks_like_a_definition(source.data):
            raise InputError([Problem(Place(source.file), _expected(source.data))])
        raise OtherContentError([Problem(Place(source.file), message or _expected(source.data))])
    found = list(form.read(source, values))
    if not found:
        raise OtherContentError([Problem(Place(source.file), form.empty)])
    return found


def find_form(data: Any) -> Form | None:
    """Return the form that parsed data are of, or None."""
    if isinstance(data, list) and data_message(data) is not None:
        return None
    # Forms behind the first that recognises it are not loaded.
    return next((form for module in _modules() for form in module.FORMS if form.recognises(data)), None)


def looks_like_a_definition(data: Any) -> bool:
    """Return whether an object has keys that only parts of task definitions have."""
    if not isinstance(data, Mapping):
        return False
    return any(str(key).replace("_", "").lower() in _PARTS_OF_A_DEFINITION for key in data)


def _expected(data: Any) -> str:
    if isinstance(data, list) and not data:
        return "holds an empty array, and so no task definition"
    if not isinstance(data, Mapping):
        kind = {list: "an array", str: "text", type(None): "null"}.get(type(data), "a plain value")
        return f"{EXPECTED}; got {kind}"
    some = ", ".join(quote(key) for key in list(data)[:3]) or "no keys"
    return f"{EXPECTED}; got one with {some}"
