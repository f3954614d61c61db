"""The output plugins whose calls are known. A new one is a file beside this one and a line here."""

from __future__ import annotations

from importlib import import_module

from taskrole.taskdef.features.firelens.plugin import Plugin
from taskrole.taskdef.rule import Rule

# Modules beside this one; each defines PLUGINS and RULES. The order is that of docs/rules.md.
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
RULES: tuple[Rule, ...] = tuple(rule for module in _MODULES for rule in module.RULES)
