"""The form: container definitions without a task definition, as an array or a single object."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from taskrole.taskdef.forms.form import Form, Pointers, Source, SourceDefinition
from taskrole.taskdef.values.values import Values

# Keys of other kinds of definitions that have an image.
_OTHERS = ("containerDefinitions", "services", "apiVersion", "kind", "type")


def is_container(data: Any) -> bool:
    """Return whether data is a container definition."""
    return isinstance(data, Mapping) and isinstance(data.get("image"), str) and not any(key in data for key in _OTHERS)


def _recognizes(data: Any) -> bool:
    if isinstance(data, list):
        return bool(data) and all(is_container(container) for container in data)
    return is_container(data)


def _read(source: Source, _: Values) -> Iterator[SourceDefinition]:
    is_single = not isinstance(source.data, list)
    containers = [source.data] if is_single else source.data
    beginning = "/containerDefinitions/0" if is_single else "/containerDefinitions"
    yield SourceDefinition("", {"containerDefinitions": containers}, Pointers({beginning: ""}))


CONTAINERS = Form("container definitions", _recognizes, _read)
FORMS = (CONTAINERS,)
