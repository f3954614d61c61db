"""Names in an output's options as ARN patterns, with `*` for parts that are known only when the task runs.

    /app/$(ecs_cluster)        variables of the task or of a record, as FireLens and the Go plugins write them
    /app/$kubernetes['app']    values in a record, in templates of the C plugins
    /app/${ECS_CLUSTER}        variables that the init image sets (run_time.py)

Values such as `--set ecs_cluster=prod` are filled in before this module reads the names. A variable that is left needs
the owner's consent, since the pattern may match names of others. A name that begins with a variable would match all
names and is refused.
Source: https://docs.fluentbit.io/manual/administration/configuring-fluent-bit/classic-mode/record-accessor
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import product

from taskrole.arns import is_exact, is_region, literal
from taskrole.taskdef.document import Node, UnusableError
from taskrole.taskdef.feature_results import Item, finding, option_used, quote_text, unusable
from taskrole.taskdef.features.firelens.plugin import Name, Output
from taskrole.taskdef.features.firelens.run_time import INIT_VARIABLE, is_same_for_all_tasks
from taskrole.taskdef.features.logs import region_rule
from taskrole.taskdef.placeholders import placeholder_finding
from taskrole.taskdef.values.styles import bare_name

_VARIABLE = re.compile(r"\$\([A-Za-z0-9_.\[\]'\"-]{1,100}\)")
# For Fluent Bit, a variable extends to one of these separators.
_PLAIN = r"[^\s.,\"\[\]$]*"
_RECORD = re.compile(rf"\$[A-Za-z0-9_]{_PLAIN}(?:\[(?:'[^']*'|[0-9]+)\]{_PLAIN})*")
# Always set in the Go plugins; only values from a record may be missing.
_ALWAYS_KNOWN = re.compile(r"\$\((?:ecs_task_id|ecs_cluster|ecs_task_arn|uuid|tag)\)")
_STARS = re.compile(r"\*+")


def region_of(output: Output, rule: str, key: str = "region") -> str:
    """Return the region in an option. Raises UnusableError for a region that is not in the partition."""
    (region,) = output.options.resolved(key)
    if region is None or not is_region(region, output.setting.context.partition):
        raise unusable(rule, output.options.field(key), region_rule(region, output.setting))
    return region


def name_patterns(output: Output, name: Name, rule: str, items: list[Item]) -> tuple[str, ...]:
    """Return distinct patterns for all names that an output may use in one part of its ARNs.

    Findings and used options are added to `items`. Raises UnusableError for a name that is missing or invalid, or
    matches too much.
    """
    key = next((option for option in name.options if output.options.has(option)), name.options[0])
    reader = _Reader(output, name, rule, items)
    patterns = [reader.pattern(key, _variables(output))]
    if name.fallback:
        patterns += reader.fallback(key, *name.fallback)
    for template in name.templates:
        if output.options.has(template):
            patterns.append(reader.pattern(template, _RECORD))
    return tuple(dict.fromkeys(patterns))


def filled(template: str, parts: Mapping[str, tuple[str, ...]]) -> Iterator[str]:
    """Yield a template of an ARN with every combination of the names in it."""
    used = [name for name in parts if f"{{{name}}}" in template]
    for chosen in product(*(parts[name] for name in used)):
        yield template.format(**dict(zip(used, chosen, strict=True)))


def _variables(output: Output) -> re.Pattern[str]:
    return re.compile(f"{_VARIABLE.pattern}|{INIT_VARIABLE.pattern}") if output.has_init else _VARIABLE


class _Reader:
    """Reads the names of one part."""

    def __init__(self, output: Output, name: Name, rule: str, items: list[Item]) -> None:
        self.output, self.name, self.rule, self.items = output, name, rule, items

    def pattern(self, key: str, variable: re.Pattern[str]) -> str:
        options = self.output.options
        text = options.text(key) or ""
        field = options.field(key)
        if self.name.cut:
            text = self.name.cut.sub("", text)
        plain = variable.sub("x", text)
        placeholder = placeholder_finding(plain, field.source)
        if placeholder:
            raise UnusableError(options.named(placeholder))
        if not self.name.grammar.fullmatch(plain):
            names = " or ".join(self.name.options)
            message = f"must be given as {names}" if not text else f"must match {self.name.grammar.pattern}"
            raise unusable(self.rule, field, f"{message}; got {quote_text(text or None)}")
        try:
            literals = [literal(part) for part in variable.split(text)]
        except ValueError as error:
            raise unusable(self.rule, field, str(error)) from None
        if not is_exact(text):
            message = "has characters that a policy cannot have; the grant has ? for each, which matches any"
            self.items.append(finding("WILDCARD", "warning", field, f"{message}; got {quote_text(text)}"))
        pattern = _STARS.sub("*", "*".join([*literals, ""]) if key in self.name.prefixes else "*".join(literals))
        match = variable.search(text)
        if match and not self.name.is_inner:
            self._consented(options, key, pattern, text[: match.start()], variable.findall(text))
        return pattern

    def fallback(self, key: str, option: str, default: str) -> Iterator[str]:
        text = self.output.options.text(key) or ""
        variables = _VARIABLE.findall(text)
        if variables and self.output.options.has(option):
            yield self.pattern(option, _VARIABLE)
        elif any(not _ALWAYS_KNOWN.fullmatch(variable) for variable in variables):
            yield literal(default)

    def _consented(self, options: Node, key: str, pattern: str, before: str, variables: list[str]) -> None:
        field, text = options.field(key), options.text(key)
        names = dict.fromkeys(map(bare_name, filter(is_same_for_all_tasks, variables)))
        values = " ".join(f"--set {name}=VALUE" for name in names)
        give = f"give its value with {values}, or " if values else ""
        if not any(character.isalnum() for character in before):
            message = (
                f"begins with a variable, so * would match too much; {give}use a literal name; got {quote_text(text)}"
            )
            raise unusable("FL-TEMPLATE", field, message)
        if not self.output.given.templated_values:
            message = (
                f"has a variable whose value is not known; {give}allow {quote_text(pattern)} with the option"
                f" firelens.templated_values: true; got {quote_text(text)}"
            )
            raise unusable("FL-TEMPLATE", field, message)
        self.items.append(option_used("firelens", "templated_values"))
