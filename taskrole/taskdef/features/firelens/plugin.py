"""The table of an output plugin: its names, the options that it reads, and the calls that it makes.

A table is data, evaluated by table.py. A plugin whose ARNs depend on more than names defines a function (`items`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import field
from typing import Any, Literal, TypeAlias

from taskrole.dataclass import dataclass
from taskrole.taskdef.document import Node
from taskrole.taskdef.feature_results import Item, Setting
from taskrole.taskdef.rule import FieldRule

# on: true as C plugins read it. true, not false: as Go plugins read it; other values keep the default.
# days: an integer above 0. given: any text.
OptionTest: TypeAlias = Literal["on", "true", "not false", "days", "given"]


@dataclass(frozen=True)
class When:
    """A condition on an option's value."""

    option: str
    test: OptionTest


@dataclass(frozen=True)
class Name:
    """A name that is part of ARNs, and the options that contain it.

    The first of `options` that is set has the name; an option in `prefixes` has only its beginning. Each of `templates`
    has a second name, built from a record. `fallback` is an option, with its default, whose name is used if variables
    cannot be filled in. `is_inner`: the name is within another one, such as a stream in its group, so that its
    variables need no consent. The part that `cut` matches is known only at run time.
    """

    options: tuple[str, ...]
    grammar: re.Pattern[str]
    prefixes: frozenset[str] = frozenset()
    templates: tuple[str, ...] = ()
    fallback: tuple[str, str] | None = None
    is_inner: bool = False
    cut: re.Pattern[str] | None = None

    @property
    def all_options(self) -> tuple[str, ...]:
        """All options that may contain the name."""
        return (*self.options, *self.templates, *(self.fallback[:1] if self.fallback else ()))


@dataclass(frozen=True)
class PluginCall:
    """Actions that a plugin calls on `resources`, ARNs without `arn:PARTITION:`, as in `kinesis:{region}:{account}:…`.

    Braces enclose names of the plugin's table, `region` or `account`. `option` is the option that causes the call,
    `because` the reason; all conditions in `when` must hold.
    """

    actions: tuple[str, ...]
    resources: tuple[str, ...]
    option: str
    because: str = "the log router forwards the logs of {container}"
    when: tuple[When, ...] = ()


@dataclass(frozen=True)
class Output:
    """One output of the log router: a container's log options, their keys in lower case.

    `given` are the FireLens options, as under `firelens` in roles.yaml. `has_init` is True if the router's image sets
    the variables of the task before it starts (run_time.py).
    """

    options: Node
    container: str
    setting: Setting
    given: Any
    has_init: bool = False


@dataclass(frozen=True)
class Plugin:
    """One output plugin.

    `names` are the values of the option Name, in lower case. `page` is the source of the table. `rule` is the rule of
    its grants. The plugin calls AWS only if `when` holds. `role` is the option that names a role to assume.
    `bucket` is the name, among `parts`, of a bucket that it writes to. `reads` are options that `items` reads.
    """

    names: tuple[str, ...]
    page: str
    rule: FieldRule
    parts: Mapping[str, Name] = field(default_factory=dict)
    calls: tuple[PluginCall, ...] = ()
    role: str = ""
    when: When | None = None
    bucket: str = ""
    reads: tuple[str, ...] = ()
    items: Callable[[Plugin, Output], Iterator[Item]] | None = None

    @property
    def conditions(self) -> tuple[When, ...]:
        """All conditions in the table."""
        return (*((self.when,) if self.when else ()), *(when for call in self.calls for when in call.when))

    @property
    def options(self) -> frozenset[str]:
        """All options of the plugin that affect permissions."""
        return frozenset(
            (
                *(option for part in self.parts.values() for option in part.all_options),
                *(when.option for when in self.conditions),
                *(call.option for call in self.calls),
                *(("region",) if any("{region}" in text for call in self.calls for text in call.resources) else ()),
                *((self.role,) if self.role else ()),
                *self.reads,
            )
        )

    @property
    def options_present(self) -> frozenset[str]:
        """The options whose presence matters, but not their value."""
        return frozenset(when.option for when in self.conditions if when.test == "given")
