"""The outputs of FireLens: `logConfiguration.options` of the awsfirelens driver, read with the table of their plugin.

All call AWS with the task role, or assume another role with it (FL-9).
Sources: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/using_firelens.html,
https://github.com/aws-samples/amazon-ecs-firelens-examples; each plugin's own in its table.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from taskrole.arns import parse_arn
from taskrole.taskdef.feature_results import Item, finding, quote_text, required_elsewhere, unusable
from taskrole.taskdef.features.firelens.plugin import Output, Plugin
from taskrole.taskdef.features.firelens.plugins.registry import PLUGINS
from taskrole.taskdef.features.firelens.table import ignored_items, is_met, table_items

_BY_NAME = {name: plugin for plugin in PLUGINS for name in plugin.names}
# The options for an assumed role; each plugin reads only one of them.
ROLE_OPTIONS = ("aws_role_arn", "role_arn")


def output_items(output: Output) -> Iterator[Item]:
    """Yield the permissions that an output requires."""
    options = output.options
    if options.has("@type"):
        message = "is an output of Fluentd, whose options are not read; grant what it needs yourself"
        yield finding("FL-FLUENTD", "warning", options.field("@type"), message)
        return
    (name,) = options.resolved("name")
    plugin = _BY_NAME.get((name or "").lower())
    if plugin is None:
        if name is None:
            message = "has no output, so the router's configuration decides where these logs go"
            yield finding("FL-VISIBLE", "note", options.place, message)
        return
    is_active = plugin.when is None or is_met(plugin.when, options)
    yield from _unused_roles(plugin, output, is_active=is_active)
    if not is_active:
        return
    if plugin.role and options.has(plugin.role):
        yield from _assumed_role_items(plugin.role, output)
        return
    yield from ignored_items(plugin, options)
    yield from (plugin.items or table_items)(plugin, output)


def _unused_roles(plugin: Plugin, output: Output, *, is_active: bool) -> Iterator[Item]:
    """Yield a finding for each option that names a role that the plugin does not assume."""
    for key in ROLE_OPTIONS:
        if not output.options.has(key):
            continue
        field = output.options.field(key)
        if key != plugin.role:
            instead = f"; it reads {plugin.role}" if plugin.role else ""
            message = f"is not an option of the plugin {plugin.names[0]}, so no role is assumed{instead}"
            yield finding("FL-IGNORED", "warning", field, message)
        elif not is_active and plugin.when:
            message = f"has no effect without {plugin.when.option} On, so no role is assumed"
            yield finding("FL-IGNORED", "warning", field, message)


def _assumed_role_items(key: str, output: Output) -> Iterator[Item]:
    options, setting = output.options, output.setting
    (text,) = options.resolved(key)
    field = options.field(key)
    try:
        role = parse_arn(text or "")
    except ValueError as error:
        raise unusable("FL-9", field, str(error)) from None
    path = re.fullmatch(r"role/([A-Za-z0-9_+=,.@/-]+)", role.resource)
    if role.service != "iam" or role.region or not role.account.isdigit() or not path:
        raise unusable("FL-9", field, f"must be a role's ARN; got {quote_text(text)}")
    if role.partition != setting.context.partition:
        message = f"must be in partition {setting.context.partition}, as the task role; got {quote_text(text)}"
        raise unusable("PARTITION", field, message)
    because = f"the log router forwards the logs of {output.container} through this role, which needs the rest"
    yield setting.grant("FL-9", field, because, [str(role)])
    yield required_elsewhere(
        field,
        account=role.account,
        service="iam",
        resource=str(role),
        statement={"Sid": "LogRouter", "Principal": {"AWS": setting.task_role}, "Action": "sts:AssumeRole"},
        because="The role's trust policy must allow the task role, and its own policies the destination",
    )
