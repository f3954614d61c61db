"""A feature of task definitions: its shape, rules, options and functions.

Each module or package in `features/` defines a FEATURE; `features/registry.py` lists them. The shape of a task
definition, the options, the rules with their page, and the failures are generated from that list.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from typing import NamedTuple

from taskrole.grant import Grant
from taskrole.taskdef.document import Node
from taskrole.taskdef.feature_results import Item, Setting
from taskrole.taskdef.rule import FieldRule
from taskrole.taskdef.shape import ListOf, Record, Shape

# The chapters of docs/rules.md; they appear in the order in which the registry first uses them.
IMAGES = "Images and registries"
SECRETS = "Secrets, parameters and keys"
LOGS_AND_FILES = "Logs, files and credential specs"
FIRELENS = "FireLens"
VOLUMES = "Volumes"
TASK_ENVIRONMENT = "Task environment, roles and document"

_NOTHING = Record({})
_NEVER = re.compile(r"(?!)")


class Variables(NamedTuple):
    """Environment variables that a feature reads: those whose names begin with `prefix`.

    Values are read if the whole name matches `with_values`, else only the presence of the variable.
    """

    prefix: str
    with_values: re.Pattern[str] = _NEVER


class LogOptions(NamedTuple):
    """Options of a log driver that a feature reads, in lower case; for `present`, only their presence."""

    driver: str
    names: tuple[str, ...]
    present: tuple[str, ...] = ()


class Feature(NamedTuple):
    """One feature: the fields that it reads, its rules and options, and its functions.

    `shape` has the fields that it reads, as part of a whole task definition. `options` is a class of `option()` fields.
    `items` yields the results for one task definition, `overall` those for all of them, given all grants. `needs` are
    fields of a task definition and of its containers: without any of them, `items` would yield nothing.
    """

    chapter: str
    rules: tuple[FieldRule, ...]
    shape: Record = _NOTHING
    options: type | None = None
    items: Callable[[Node, Setting], Iterator[Item]] | None = None
    overall: Callable[[Setting, Sequence[Grant]], Iterator[Item]] | None = None
    log_options: LogOptions | None = None
    variables: tuple[Variables, ...] = ()
    needs: frozenset[str] = frozenset()

    def applies_to(self, fields: Set[str]) -> bool:
        """Return whether `items` can yield anything for a task definition that has these fields."""
        return not self.needs or not self.needs.isdisjoint(fields)


def task_fields(fields: Mapping[str, Shape]) -> Record:
    """Return the shape of a task definition with these fields."""
    return Record(fields)


def container_fields(fields: Mapping[str, Shape]) -> Record:
    """Return the shape of a task definition whose containers have these fields."""
    return Record({"containerDefinitions": ListOf(Record(fields))})


def volume_fields(fields: Mapping[str, Shape]) -> Record:
    """Return the shape of a task definition whose volumes have these fields."""
    return Record({"volumes": ListOf(Record(fields))})
