"""Checks of option values, for the features that declare the options.

For a value with a placeholder, only the placeholder is reported.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from taskrole.arns import ACCOUNT, ACCOUNT_FORM, Context, parse_arn
from taskrole.errors import Place, Problem, quote
from taskrole.taskdef.option import OptionCheck
from taskrole.taskdef.placeholders import placeholder_finding


def problem(path: str, message: str) -> Problem:
    """Return a problem with the option at a JSON pointer."""
    return Problem(Place("options", path=path), message)


def placeholder_problems(path: str, text: str) -> list[Problem]:
    """Return the problem of a value with a placeholder; empty if it has none."""
    placeholder = placeholder_finding(text, path)
    return [problem(path, placeholder.message)] if placeholder else []


def text_problems(path: str, text: str, rule: str, *, is_right: bool) -> Iterator[Problem]:
    """Yield the problem of a value: its placeholder, or the rule that it breaks."""
    broken = [] if is_right else [problem(path, f"{rule}; got {quote(text)}")]
    yield from placeholder_problems(path, text) or broken


def matching(pattern: re.Pattern[str], rule: str) -> OptionCheck:
    """Return a check that a text matches a pattern; `rule` is the message."""

    def check(path: str, text: str, context: Context) -> Iterator[Problem]:  # noqa: ARG001 -- the checks' signature
        yield from text_problems(path, text, rule, is_right=pattern.fullmatch(text) is not None)

    return check


account = matching(ACCOUNT, f"must be an account of {ACCOUNT_FORM}")


def words(allowed: tuple[str, ...]) -> OptionCheck:
    """Return a check that a word, or each word of a list, is allowed."""

    def check(path: str, value: str | tuple[str, ...], context: Context) -> Iterator[Problem]:  # noqa: ARG001
        for word in (value,) if isinstance(value, str) else value:
            if word not in allowed:
                yield problem(path, f"must be one of {', '.join(allowed)}; got {quote(word)}")

    return check


def each(check_value: OptionCheck) -> OptionCheck:
    """Return a check of every value of a mapping or list."""

    def check(path: str, value: Mapping[str, Any] | Iterable[Any], context: Context) -> Iterator[Problem]:
        is_mapping = isinstance(value, Mapping)
        pairs = value.items() if isinstance(value, Mapping) else ((path, item) for item in value)
        for key, item in pairs:
            yield from check_value(f"{path}/{key}" if is_mapping else path, item, context)

    return check


def arn(service: str, resource: re.Pattern[str], rule: str) -> OptionCheck:
    """Return a check that a text is the regional ARN of a resource, in the partition of the tasks."""

    def check(path: str, text: str, context: Context) -> Iterator[Problem]:
        yield from placeholder_problems(path, text) or _arn_problems(path, text, context)

    def _arn_problems(path: str, text: str, context: Context) -> Iterator[Problem]:
        try:
            parsed = parse_arn(text)
        except ValueError as error:
            yield problem(path, str(error))
            return
        is_regional = bool(parsed.region) and ACCOUNT.fullmatch(parsed.account)
        if parsed.service != service or not is_regional or not resource.fullmatch(parsed.resource):
            yield problem(path, f"{rule}; got {quote(text)}")
        elif parsed.partition != context.partition:
            yield problem(path, f"must be in partition {context.partition}, as the roles; got {quote(text)}")

    return check
