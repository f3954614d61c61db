"""Evaluates a plugin's table for one output: its grants, and options that the plugin reads as another value."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from taskrole.grant import Condition
from taskrole.taskdef.document import Node
from taskrole.taskdef.feature_results import Item, finding, quote_text, unusable
from taskrole.taskdef.features.firelens.names import filled, name_patterns, region_of
from taskrole.taskdef.features.firelens.plugin import Output, Plugin, PluginCall, When
from taskrole.taskdef.features.s3_objects.buckets import owner_conditions, written_items

_TRUE = ("true", "on", "yes", "1")
_FALSE = ("false", "off", "no", "0")
_DAYS = re.compile(r"[+-]?[0-9]{1,9}")


def table_items(plugin: Plugin, output: Output) -> Iterator[Item]:
    """Yield the permissions that an output requires according to its plugin's table."""
    items: list[Item] = []
    parts = {name: name_patterns(output, part, plugin.rule.id, items) for name, part in plugin.parts.items()}
    yield from items
    if "region" in plugin.options:
        parts["region"] = (region_of(output, plugin.rule.id),)
    calls = [call for call in plugin.calls if all(is_met(when, output.options) for when in call.when)]
    for call in calls:
        field, because = output.options.field(call.option), call.because.format(container=output.container)
        conditions: tuple[Condition, ...] = ()
        for bucket in parts.get(plugin.bucket, ()):
            conditions, used = owner_conditions(bucket, output.setting)
            yield from used
        resources = _arns(call, output, parts)
        yield output.setting.grant(
            plugin.rule.id, field, because, resources, actions=call.actions, conditions=conditions
        )
    for bucket in parts.get(plugin.bucket, ()):
        needs: dict[str, tuple[str, ...]] = {}
        for call in calls:
            for arn in _arns(call, output, parts):
                needs[arn] = (*needs.get(arn, ()), *call.actions)
        field = output.options.field(plugin.bucket)
        yield from written_items(field, bucket, output.setting, [(actions, arn) for arn, actions in needs.items()])


def _arns(call: PluginCall, output: Output, parts: Mapping[str, tuple[str, ...]]) -> list[str]:
    context = output.setting.context
    known = {**parts, "account": (context.account or "",)}
    return [f"arn:{context.partition}:{arn}" for text in call.resources for arn in filled(text, known)]


def is_met(when: When, options: Node) -> bool:
    """Return whether a condition on an option holds. Raises UnusableError for an invalid value."""
    if when.test == "given":
        return options.has(when.option)
    (text,) = options.resolved(when.option)
    if when.test == "days":
        return _is_positive(when.option, text, options)
    if when.test in ("true", "not false"):
        return (text or "").lower() == "true" or (when.test == "not false" and (text or "").lower() != "false")
    if text is None or text.lower() in _FALSE:
        return False
    if text.lower() not in _TRUE:
        raise unusable("FL-OPTION", options.field(when.option), f"must be On or Off; got {quote_text(text)}")
    return True


def _is_positive(option: str, text: str | None, options: Node) -> bool:
    if text is None:
        return False
    if not _DAYS.fullmatch(text):
        raise unusable("FL-OPTION", options.field(option), f"must be a number of days; got {quote_text(text)}")
    return int(text) > 0


def ignored_items(plugin: Plugin, options: Node) -> Iterator[Item]:
    """Yield a finding for each option that the plugin reads as another value."""
    for when in dict.fromkeys(plugin.conditions):
        if when.test not in ("true", "not false"):
            continue
        (text,) = options.resolved(when.option)
        if text is not None and text.lower() not in ("true", "false"):
            default = "false" if when.test == "true" else "true"
            message = (
                f"is read as {default} by the plugin {plugin.names[0]}, which accepts only true and false;"
                f" got {quote_text(text)}"
            )
            yield finding("FL-IGNORED", "warning", options.field(when.option), message)
