"""Reads taskrole.review.yaml and reports all problems at once.

An invalid waiver or approval does not stop a review: it has no effect, and the review reports it. Every other problem
stops the review, because ignoring an assertion would be worse than having none.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from taskrole.arns import ACCOUNT, ACCOUNT_FORM
from taskrole.config.pydantic_messages import unknown_key
from taskrole.errors import BadValueError, InputError, Place, Problem, quote
from taskrole.nearest import nearest
from taskrole.review.rules import RULES
from taskrole.review.settings import Approval, Assertion, Must, ReviewSettings, SeverityOrOff, WaiverEntry
from taskrole.yaml_reader import Keys, Tree, read_file, read_yaml


class _Settings(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


def _known_rule(id_: str) -> str:
    if id_ not in RULES:
        near = nearest(id_.upper(), RULES, cutoff=0.5)
        hint = f"; did you mean {near[0]}?" if near else "; docs/review-rules.md lists them"
        raise BadValueError(f"unknown rule {quote(id_)}{hint}")
    return id_


def _day(text: str) -> str:
    try:
        datetime.date.fromisoformat(text)
    except ValueError:
        raise BadValueError(f"must be a date, YYYY-MM-DD; got {quote(text)}") from None
    return text


def _account(text: str) -> str:
    if not ACCOUNT.fullmatch(text):
        raise BadValueError(f"must be {ACCOUNT_FORM} in quotes; got {quote(text)}")
    return text


def _key_for_all(value: Any) -> Any:
    return {"*": value} if isinstance(value, str) else value


_RuleId = Annotated[str, AfterValidator(_known_rule)]
_Day = Annotated[str, AfterValidator(_day)]
_Text = Annotated[str, Field(min_length=1)]


class _WaiverSettings(_Settings):
    rule: _RuleId
    address: _Text
    action: _Text | None = None
    resource: _Text | None = None
    owner: _Text
    reason: _Text
    expires: _Day


class _ApprovalSettings(_Settings):
    key: Annotated[str, Field(pattern=r"^[0-9a-f]{16}$")]
    owner: _Text
    reason: _Text
    expires: _Day | None = None


class _AssertionSettings(_Settings):
    role: _Text
    action: Annotated[str, Field(pattern=r"^[A-Za-z0-9-]+:[A-Za-z0-9*?]+$")]
    resource: _Text
    context: dict[str, str | list[str]] = Field(default_factory=dict)
    must: Must


class _File(_Settings):
    version: Literal[1]
    region: _Text | None = None
    account: Annotated[str, AfterValidator(_account)] | None = None
    severities: dict[_RuleId, SeverityOrOff] = Field(default_factory=dict)
    # Validated individually: an invalid entry has no effect, but the others still count.
    waivers: list[Any] = Field(default_factory=list)
    approvals: list[Any] = Field(default_factory=list)
    assertions: list[_AssertionSettings] = Field(default_factory=list)
    kms_keys: Annotated[dict[_Text, _Text], BeforeValidator(_key_for_all)] = Field(default_factory=dict)


def load_settings(path: Path) -> ReviewSettings:
    """Return the settings in a file. Raises InputError with every problem, each with its line and column.

    Reports name a file outside the working folder without its folder.
    """
    is_outside = path.is_absolute() and not path.is_relative_to(Path.cwd())
    return parse_settings(read_file(path), path.name if is_outside else str(path))


def parse_settings(content: bytes, file: str) -> ReviewSettings:
    """Return the settings in the content of a file; `file` is its name in messages. Raises InputError."""
    tree = read_yaml(content, file)
    if not isinstance(tree.data, dict):
        raise InputError([Problem(Place(file, 1, 1), "must be a mapping with the key version")])
    try:
        settings = _File.model_validate(tree.data)
    except ValidationError as error:
        raise InputError(_problems(error, tree, (), _File)) from None
    not_understood: list[str] = []
    waivers = list(_each(settings.waivers, "waivers", _WaiverSettings, tree, not_understood))
    approvals = list(_each(settings.approvals, "approvals", _ApprovalSettings, tree, not_understood))
    return ReviewSettings(
        file,
        settings.region,
        settings.account,
        settings.severities,
        tuple(_waiver(waiver, place) for waiver, place in waivers),
        tuple(_approval(approval, place) for approval, place in approvals),
        tuple(
            _assertion(assertion, _line(tree, ("assertions", index)))
            for index, assertion in enumerate(settings.assertions)
        ),
        tuple(not_understood),
        settings.kms_keys,
    )


_Model = TypeVar("_Model", bound=_Settings)


def _each(
    values: list[Any], key: str, model: type[_Model], tree: Tree, not_understood: list[str]
) -> Iterator[tuple[_Model, str]]:
    for index, value in enumerate(values):
        try:
            yield model.model_validate(value), _line(tree, (key, index))
        except ValidationError as error:  # noqa: PERF203 -- an invalid entry does not affect the others
            not_understood += map(str, _problems(error, tree, (key, index), model))


def _waiver(entry: _WaiverSettings, place: str) -> WaiverEntry:
    expires = datetime.date.fromisoformat(entry.expires)
    return WaiverEntry(
        entry.rule, entry.address, entry.owner, entry.reason, expires, place, entry.action, entry.resource
    )


def _approval(entry: _ApprovalSettings, place: str) -> Approval:
    expires = datetime.date.fromisoformat(entry.expires) if entry.expires else None
    return Approval(entry.key, entry.owner, entry.reason, place, expires)


def _assertion(entry: _AssertionSettings, place: str) -> Assertion:
    context = {key: value if isinstance(value, str) else tuple(value) for key, value in entry.context.items()}
    return Assertion(entry.role, entry.action, entry.resource, entry.must, place, context)


def _line(tree: Tree, keys: Keys) -> str:
    return str(tree.place(keys))


def _problems(error: ValidationError, tree: Tree, base: Keys, model: type[BaseModel]) -> Iterable[Problem]:
    """Return the errors of pydantic as problems, each at its place in the file."""
    problems = []
    for detail in error.errors(include_url=False):
        location = tuple(part for part in detail["loc"] if part != "[key]")
        keys = (*base, *location)
        while keys and keys not in tree.positions:
            keys = keys[:-1]
        problems.append(Problem(tree.place(keys), _message(detail, model)))
    return problems


def _message(detail: Any, model: type[BaseModel]) -> str:  # noqa: PLR0911 -- a table of cases
    kind, value, location = detail["type"], detail["input"], detail["loc"]
    if kind == "missing":
        return f"must have the key {location[-1]}"
    if kind == "extra_forbidden":
        inner = _AssertionSettings if location[0] == "assertions" else model
        return unknown_key(str(location[-1]), inner.model_fields)
    if kind == "value_error":
        return str(detail["ctx"]["error"])
    if kind == "literal_error":
        return f"must be {detail['ctx']['expected'].replace(chr(39), '')}; got {quote(value)}"
    kinds = {"string_type": "text", "dict_type": "a mapping", "list_type": "a list", "model_type": "a mapping"}
    if kind in kinds:
        return f"must be {kinds[kind]}; got {quote(value)}"
    if kind == "string_pattern_mismatch":
        return f"must match {detail['ctx']['pattern']}; got {quote(value)}"
    return (
        f"must not be empty; got {quote(value)}"
        if kind == "string_too_short"
        else f"{detail['msg']}; got {quote(value)}"
    )
