"""The results that features yield (grants, findings and others), and functions to create them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import field
from functools import lru_cache
from typing import Any, TypeAlias, TypeVar

from taskrole.arns import Context
from taskrole.dataclass import dataclass
from taskrole.errors import quote
from taskrole.finding import Finding, Severity
from taskrole.grant import Condition, Grant, RequiredElsewhere, RoleKind
from taskrole.taskdef.document import Field, Node, UnusableError
from taskrole.taskdef.option import option_path
from taskrole.taskdef.option_reads import OptionReads
from taskrole.taskdef.rule import FieldRule

_Options = TypeVar("_Options")


@dataclass(frozen=True)
class Used:
    """An option that a task definition uses: its path, `/kms_keys/NAME`."""

    option: str


def option_used(*steps: str) -> Used:
    """Return the use of an option, by the steps of its path."""
    return Used(option_path(*steps))


@dataclass(frozen=True)
class PossibleNeed:
    """A need that depends on what no task definition contains: `grant` is the most that could be needed.

    `reason` is a clause on what is not known, and the option to set. It is not part of the derived permissions.
    """

    grant: Grant
    reason: str


def quote_text(value: str | None) -> str:
    """Return a value quoted for a message, or "nothing" for None."""
    return "nothing" if value is None else quote(value)


Item: TypeAlias = Grant | Finding | RequiredElsewhere | PossibleNeed | Used


@dataclass(frozen=True)
class Setting:
    """The context of a derivation: where tasks run, the options, the rules by id, and the ARNs of the two roles.

    The ARNs are only used in statements that other accounts must add. `options` are all options; a feature reads its
    own with `options_of`. Without `lists_possible`, it need not yield each PossibleNeed.
    """

    context: Context
    options: object
    rules: Mapping[str, FieldRule] = field(repr=False, compare=False)
    execution_role: str
    task_role: str
    lists_possible: bool = True

    def options_of(self, kind: type[_Options]) -> _Options:
        """Return the options as a feature's dataclass. Raises TypeError for a class that is not registered."""
        given: Any = self.options
        if not isinstance(given.options if isinstance(given, OptionReads) else given, kind):
            raise TypeError(f"{kind.__name__} is not among the options; register the feature that declares it")
        options: _Options = given
        return options

    def grant(  # noqa: PLR0913 -- a grant has this many parts, each named where it is made
        self,
        rule: str,
        field: Field,
        because: str,
        resources: Iterable[str],
        *,
        actions: tuple[str, ...] | None = None,
        conditions: tuple[Condition, ...] = (),
        role: RoleKind | None = None,
    ) -> Grant:
        """Return a grant caused by a field, with the rule's actions and role by default.

        Raises KeyError for a rule that no feature has.
        """
        entry = self.rules[rule]
        return Grant(
            role or entry.roles[0],
            rule,
            entry.actions if actions is None else actions,
            tuple(resources),
            field.source,
            because,
            entry.doc,
            conditions,
            file=field.file,
        )


def finding(code: str, severity: Severity, field: Field, message: str) -> Finding:
    """Return a finding about a field."""
    return Finding(code, severity, field.source, message, field.file)


def unusable(code: str, field: Field, message: str) -> UnusableError:
    """Return the error to raise for a field that breaks a rule, so that nothing is derived from it."""
    return UnusableError(finding(code, "error", field, message))


def required_elsewhere(  # noqa: PLR0913 -- as grant
    field: Field, *, account: str | None, service: str, resource: str, statement: Mapping[str, Any], because: str
) -> RequiredElsewhere:
    """Return a statement, caused by a field, that another account must add to a policy of its own."""
    full = {"Effect": "Allow", **statement}
    return RequiredElsewhere(account, service, resource, full, because, field.source, field.file)


def usable(items: Iterator[Item]) -> Iterator[Item]:
    """Yield items; after an UnusableError, yield its findings and stop."""
    try:
        yield from items
    except UnusableError as reason:
        yield from reason.findings


def name_of(container: Node) -> str:
    """Return the name of a container in messages."""
    name = container.data.get("name")
    return _named(name) if isinstance(name, str) and name else f"container {container.source}"


# Each feature names the same containers.
@lru_cache(maxsize=64)
def _named(name: str) -> str:
    return f"container {quote(name)}"
