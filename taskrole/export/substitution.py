"""Substitutes variables for the account, region and partition in a module, and for the ARNs that callers can replace.

| where | becomes |
| --- | --- |
| an ARN's partition, region and account, if they are the stack's | `${var.partition}`, `${var.region}`, … |
| a condition's value that is the stack's account or region | `var.account_id`, `var.region` |
| a service of the region in a condition, `s3.eu-west-1.amazonaws.com` | `s3.${var.region}.amazonaws.com` |
| with `--parameterise`, the ARN of a secret, parameter, repository or log group | `local.secret_arns["name"]`, … |

Everything else is unchanged: another account's ARN, a bucket with the account in its name.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property, lru_cache
from typing import Any, Literal, cast

from taskrole.arns import Context
from taskrole.dataclass import dataclass
from taskrole.export.hcl import hcl_text
from taskrole.export.terms import Expression, TextTemplate, Value
from taskrole.policy.documents.statements import Document, as_list, statements_of

ParameterKind = Literal["secrets", "repositories", "logs"]

# The variable of each, and the resources of its ARNs.
PARAMETERS: Mapping[ParameterKind, tuple[str, str]] = {
    "secrets": ("secret_arns", "secrets and parameters"),
    "repositories": ("repository_arns", "ECR repositories"),
    "logs": ("log_group_arns", "log groups"),
}

# Service and resource of each; the part after the name, such as `:log-stream:…`, is appended to the caller's ARN.
_FORMS: tuple[tuple[ParameterKind, re.Pattern[str]], ...] = (
    ("secrets", re.compile(r"(arn:[^:]*:secretsmanager:[^:]*:[^:]*:secret:([^:*]+))()", re.DOTALL)),
    ("secrets", re.compile(r"(arn:[^:]*:ssm:[^:]*:[^:]*:parameter(/[^:*]+))()", re.DOTALL)),
    ("repositories", re.compile(r"(arn:[^:]*:ecr:[^:]*:[^:]*:repository/([^:*]+))()", re.DOTALL)),
    ("logs", re.compile(r"(arn:[^:]*:logs:[^:]*:[^:]*:log-group:([^:*]+))((?::.*)?)", re.DOTALL)),
)
_SETS = ("Resource", "NotResource")


@dataclass(frozen=True)
class Substitution:
    """Converts the texts of a stack to values; `names` are the names of replaceable ARNs, by ARN."""

    context: Context
    names: Mapping[str, tuple[ParameterKind, str]]

    def arn(self, text: str) -> Value:
        """Return an ARN, or an ARN pattern, with variables for the parts that are the stack's own."""
        return self._arn(text)

    @cached_property
    def _arn(self) -> Callable[[str], Value]:
        """The conversion of an ARN, cached: most roles of a stack have the same attachments and trust policy."""
        return lru_cache(maxsize=4_096)(lambda text: _value(_arn_parts(text, self.context)))

    def statement(self, statement: Mapping[str, Any]) -> dict[str, Value]:
        """Return a policy statement with variables in its ARNs and conditions."""
        return {key: self._element(key, value) for key, value in statement.items()}

    def defaults(self, parameter: ParameterKind) -> dict[str, Value]:
        """Return the ARNs that callers can replace, by their names in the module."""
        arns = {name: self.arn(arn) for arn, (kind, name) in self.names.items() if kind == parameter}
        return dict(sorted(arns.items()))

    def _element(self, key: str, value: Any) -> Value:
        if key in _SETS:
            return _each(value, self._resource)
        if key in ("Principal", "NotPrincipal") and isinstance(value, Mapping):
            return {kind: _each(item, self.arn) for kind, item in value.items()}
        if key == "Condition":
            return {
                operator: {name: _each(item, self._condition_value) for name, item in pairs.items()}
                for operator, pairs in value.items()
            }
        return cast("Value", value)

    def _resource(self, text: str) -> Value:
        for _, form in _FORMS:
            match = form.fullmatch(text)
            if match and match[1] in self.names:
                parameter, name = self.names[match[1]]
                local = Expression(f"local.{PARAMETERS[parameter][0]}[{hcl_text(name)}]")
                return TextTemplate((local, match[3])) if match[3] else local
        return self.arn(text)

    def _condition_value(self, text: str) -> Value:
        context = self.context
        if text == context.account:
            return Expression("var.account_id")
        if text == context.region:
            return Expression("var.region")
        service = re.fullmatch(rf"([a-z0-9-]+\.){re.escape(context.region)}(\.[a-z.]+)", text)
        if service:
            return TextTemplate((service[1], Expression("var.region"), service[2]))
        return self.arn(text)


def substitution(documents: Iterable[Document], context: Context, parameters: Iterable[ParameterKind]) -> Substitution:
    """Return the substitution for a stack's policies; the kinds of ARNs in `parameters` get names.

    A name is that of the resource; if two ARNs would share one, both have the whole ARN as their name.
    """
    wanted = set(parameters)
    by_arn: dict[str, tuple[ParameterKind, str]] = {}
    for text in _resources(documents):
        for parameter, form in _FORMS:
            matched = form.fullmatch(text)
            if matched and parameter in wanted:
                by_arn[matched[1]] = (parameter, matched[2])
    uses = Counter(by_arn.values())
    names = {arn: (kind, name if uses[kind, name] == 1 else arn) for arn, (kind, name) in by_arn.items()}
    return Substitution(context, names)


def _resources(documents: Iterable[Document]) -> Iterator[str]:
    for document in documents:
        for statement in statements_of(document):
            for key in _SETS:
                yield from (item for item in as_list(statement.get(key, [])) if isinstance(item, str))


def _each(value: Any, change: Callable[[str], Value]) -> Value:
    """Return a value, or each of several, converted; other types, such as `true` in a condition, are unchanged."""
    if isinstance(value, (list, tuple)):
        return [_each(item, change) for item in value]
    return change(value) if isinstance(value, str) else cast("Value", value)


def _arn_parts(text: str, context: Context) -> Iterator[str | Expression]:
    parts = text.split(":", 5)
    if len(parts) < 6 or parts[0] != "arn":
        yield text
        return
    _, partition, service, region, account, resource = parts
    yield "arn:"
    yield Expression("var.partition") if partition == context.partition else partition
    yield f":{service}:"
    yield Expression("var.region") if region == context.region else region
    yield ":"
    yield Expression("var.account_id") if account and account == context.account else account
    yield f":{resource}"


def _value(parts: Iterable[str | Expression]) -> Value:
    """Return parts as plain text if possible, otherwise as a template with adjacent texts joined."""
    joined: list[str | Expression] = []
    for part in parts:
        if isinstance(part, str) and joined and isinstance(joined[-1], str):
            joined[-1] += part
        else:
            joined.append(part)
    return joined[0] if len(joined) == 1 and isinstance(joined[0], str) else TextTemplate(tuple(joined))
