"""The output plugins whose calls are known. To add one, add a file in this package and a line here."""

from __future__ import annotations

from importlib import import_module

from taskrole.taskdef.features.firelens.plugin import Plugin
from taskrole.taskdef.rule import FieldRule

# Modules in this package. Each defines PLUGINS and RULES, and OPTIONS if it has any: classes of `option()` fields
# under `firelens`. The order is that of docs/rules.md.
NAMES = (
    "firehose",
    "kinesis",
    "s3",
    "cloudwatch_logs",
    "cloudwatch",
    "opensearch",
    "signed",
    "kafka",
)

_MODULES = tuple(import_module(f"taskrole.taskdef.features.firelens.plugins.{name}") for name in NAMES)

PLUGINS: tuple[Plugin, ...] = tuple(plugin for module in _MODULES for plugin in module.PLUGINS)
RULES: tuple[FieldRule, ...] = tuple(rule for module in _MODULES for rule in module.RULES)
OPTIONS: tuple[type, ...] = tuple(dict.fromkeys(kind for module in _MODULES for kind in getattr(module, "OPTIONS", ())))
