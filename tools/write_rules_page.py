"""Write docs/rules.md from the rules, for `make docs`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from taskrole.rule import RuleType
from taskrole.rule_catalogue import other_rules
from taskrole.taskdef.feature import FIRELENS
from taskrole.taskdef.features.firelens.plugin import OptionTest, Plugin, When
from taskrole.taskdef.features.firelens.plugins.registry import PLUGINS
from taskrole.taskdef.rules import CHAPTERS, FieldRule

TARGET = Path(__file__).parent.parent / "docs" / "rules.md"

_KINDS: Mapping[RuleType, str] = {
    "grant": "grants",
    "option": "grants if an option says so",
    "refused": "error",
    "note": "finding",
    "fact": "fact",
}

_TESTS: dict[OptionTest, str] = {
    "on": "is On",
    "true": "is true",
    "not false": "is not false",
    "days": "is above 0",
    "given": "is given",
}

_INTRODUCTION = """\
# Rules

The permissions that each field of an ECS task definition needs. Every grant of `taskrole derive` has the id of its
rule, and every finding has one of these codes; `taskrole derive --explain RULE` prints a single rule.

- **grants**: the field requires these actions. **grants if an option says so**: the task definition does not contain
  the information; by default, nothing is granted. **error**: rejected, since the task would not start or its need
  cannot be determined exactly. **finding**: a note or warning, or an error if a field contradicts the rule. **fact**:
  background of other rules, without a result of its own.
- P, R and A are the partition, region and account of the task, unless the field names its own. `??????` matches the
  six random characters at the end of a secret's ARN.
- *Unverified* marks rules without a primary source; the text after it describes what is unknown.

`make docs` (`tools/write_rules_page.py`) generates this page from `taskrole/taskdef/features/`.
"""


def page() -> str:
    """Return the page as Markdown."""
    return "\n".join([_INTRODUCTION, *(_chapter(title, rules) for title, rules in CHAPTERS), _others()])


def _others() -> str:
    """Return the table of findings that are not about task definitions."""
    rows = [
        f"| **{rule.id}** | {rule.title}: {rule.why}. | {rule.fix or '-'} | [{_source(rule.doc)}]({rule.doc}) |"
        for rule in other_rules()
    ]
    table = "\n".join(["| code | meaning | fix | source |", "| --- | --- | --- | --- |", *rows])
    return f"## Other codes\n\nOf roles.yaml, `lock`, `check`, `verify`, `audit` and `observe`.\n\n{table}\n"


def _chapter(title: str, rules: tuple[FieldRule, ...]) -> str:
    rows = [
        "| rule | what it says | field | role | actions | resource | source |",
        "| --- | --- | --- | --- | --- | --- | --- |",
        *map(_row, rules),
    ]
    return "\n".join([f"## {title}", "", *rows, "", *([_plugins()] if title == FIRELENS else [])])


def _plugins() -> str:
    """Return the table of output plugins for the FireLens rules."""
    rows = [
        "The log options that matter for permissions, by the value of the option Name. Letter case does not matter.",
        "",
        "| Name | options | calls | rule | source |",
        "| --- | --- | --- | --- | --- |",
        *map(_plugin_row, PLUGINS),
    ]
    return "\n".join(["### Output plugins", "", *rows, ""])


def _plugin_row(plugin: Plugin) -> str:
    always = (plugin.when,) if plugin.when else ()
    calls = [f"{_code(action)}{_when((*always, *call.when))}" for call in plugin.calls for action in call.actions]
    cells = (
        "<br>".join(map(_code, plugin.names)),
        "<br>".join(map(_code, sorted(plugin.options))),
        "<br>".join(calls) or f"by host and service{_when(always)}, such as {_code(plugin.rule.actions[-1])}",
        plugin.rule.id,
        f"[{_source(plugin.page)}]({plugin.page})",
    )
    return f"| {' | '.join(cells)} |"


def _when(conditions: tuple[When, ...]) -> str:
    texts = [f"{_code(when.option)} {_TESTS[when.test]}" for when in conditions]
    return f" if {' and '.join(texts)}" if texts else ""


def _row(rule: FieldRule) -> str:
    source = f"[{_source(rule.doc)}]({rule.doc})"
    unverified = "" if rule.verified else " *Unverified.*"
    note = f" {rule.note}" if rule.note else ""
    cells = (
        f"**{rule.id}**<br>{_KINDS[rule.kind]}",
        f"{rule.title}.{unverified}{note}",
        _code(rule.field) if "[" in rule.field or "." in rule.field else rule.field,
        ", ".join(rule.roles) or "-",
        "<br>".join(map(_code, rule.actions)) or "-",
        _code(rule.resource) if rule.resource else "-",
        source,
    )
    return f"| {' | '.join(cells)} |"


def _code(text: str) -> str:
    return f"`{text}`"


def _source(address: str) -> str:
    """Return the name of a page, for the table."""
    return address.rsplit("/", 1)[-1].partition("#")[0].removesuffix(".html")
