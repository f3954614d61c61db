"""IAM's evaluation of a request against a role's policies and its permissions boundary, offline.

An explicit Deny decides. Otherwise the request is allowed if a policy of the role and the boundary, if any, allow it.
Otherwise it is denied.

If a Deny may apply to an otherwise allowed request, the outcome is "cannot tell"; for a request that no statement
allows, it stays "deny". Policies of resources, organizations and sessions are not evaluated.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any, Literal, Protocol, TypeAlias

from taskrole.dataclass import dataclass
from taskrole.errors import quote
from taskrole.policy.conditions.three_valued import Truth, Unknown, all_of
from taskrole.policy.documents.statements import Document
from taskrole.policy.evaluation.compiled import CompiledStatement, compile_statements
from taskrole.policy.evaluation.request import ContextKeys, Request
from taskrole.policy.evaluation.statement_index import StatementIndex

__all__ = ["AccessOutcome", "Decision", "Evaluator", "NamedPolicy", "Request", "compile_policies", "evaluate"]

AccessOutcome = Literal["allow", "deny", "cannot tell"]

BOUNDARY = "permissions boundary"
MOST_ACTIONS_REMEMBERED = 10_000


class NamedPolicy(Protocol):
    """A policy of a role, such as taskrole.role.Policy."""

    @property
    def name(self) -> str:
        """The policy's name in messages."""

    @property
    def document(self) -> Document:
        """The policy as JSON data."""


@dataclass(frozen=True)
class Decision:
    """The outcome of a request, and the reason in one sentence.

    `policy` and `statement` are the ones that decided, or that made the outcome unknown; None if no statement allows
    the request. `explicit` is True for a Deny.
    """

    outcome: AccessOutcome
    because: str
    policy: str | None = None
    statement: Mapping[str, Any] | None = None
    explicit: bool = False


# Whether a statement applies to a call, regardless of the action.
AppliesTo: TypeAlias = Callable[[CompiledStatement], Truth]

# Up to this many statements, checking each is faster than using the index.
_FEW = 8


@dataclass(frozen=True)
class _Candidates:
    """Statements that may cover an action, each with its answer."""

    all: tuple[tuple[CompiledStatement, Truth], ...]

    def of(self, request: Request, *, is_pattern: bool) -> Iterator[tuple[CompiledStatement, Truth]]:
        """Yield those that may apply to the request's resource, in their original order."""
        if len(self.all) <= _FEW:
            yield from self.all
            return
        for place in self._index.possible(request.resource, is_pattern=is_pattern):
            yield self.all[place]

    @cached_property
    def _index(self) -> StatementIndex:
        return StatementIndex(statement for statement, _ in self.all)


class _Layer:
    """The statements of policies, indexed by action; a request needs an Allow from any one of them."""

    def __init__(self, statements: Iterable[CompiledStatement]) -> None:
        self._statements = tuple(statements)
        self._anywhere: list[int] = []
        self._by_service: dict[str, list[int]] = {}
        for index, statement in enumerate(self._statements):
            services = None if isinstance(statement.actions, Unknown) else statement.actions.services
            for service in services or ():
                self._by_service.setdefault(service, []).append(index)
            if services is None:
                self._anywhere.append(index)
        self._remembered: dict[str, tuple[_Candidates, _Candidates]] = {}

    def about(self, action: str) -> tuple[_Candidates, _Candidates]:
        """Return the statements that may deny and those that may allow an action, given in lower case."""
        known = self._remembered.get(action)
        if known is None:
            known = self._find(action)
            if len(self._remembered) < MOST_ACTIONS_REMEMBERED:
                self._remembered[action] = known
        return known

    def _find(self, action: str) -> tuple[_Candidates, _Candidates]:
        indices = sorted([*self._by_service.get(action.partition(":")[0], ()), *self._anywhere])
        covers = [(self._statements[index], self._statements[index].covers_action(action)) for index in indices]
        about = [(statement, covered) for statement, covered in covers if covered is not False]
        return (
            _Candidates(tuple(candidate for candidate in about if candidate[0].effect != "Allow")),
            _Candidates(tuple(candidate for candidate in about if candidate[0].effect != "Deny")),
        )


@dataclass(frozen=True)
class _Applies:
    """A statement that applies, or may apply, to a request; `doubt` is None if it certainly applies."""

    statement: CompiledStatement
    doubt: Unknown | None = None


def _first(candidates: Iterable[tuple[CompiledStatement, Truth]], applies_to: AppliesTo) -> _Applies | None:
    """Return the first statement that certainly applies, or else the first that may."""
    open_: _Applies | None = None
    for statement, covered in candidates:
        applies = applies_to(statement)
        if covered is not True:
            applies = all_of((covered, applies))
        if applies is True:
            return _Applies(statement)
        if open_ is None and isinstance(applies, Unknown):
            open_ = _Applies(statement, applies)
    return open_


class Evaluator:
    """Compiled policies and boundary, for many requests."""

    def __init__(self, policies: Sequence[NamedPolicy], boundary: Document | None = None) -> None:
        self._policies = _Layer(
            statement for policy in policies for statement in compile_statements(policy.name, policy.document)
        )
        self._boundary = None if boundary is None else _Layer(compile_statements(BOUNDARY, boundary))

    def evaluate(self, request: Request) -> Decision:
        """Return the decision on a request; never raises, even for malformed policies."""
        keys = ContextKeys(request)
        return self.evaluate_by(request, lambda statement: statement.covers_rest(request.resource, keys))

    def evaluate_by(self, request: Request, applies_to: AppliesTo, *, is_pattern: bool = False) -> Decision:
        """Return the decision, with `applies_to` deciding which statements about the request's action apply.

        `is_pattern`: the resource is a pattern, and a statement may apply to a part of it.
        """
        action = request.action.lower()
        denies, allows = self._policies.about(action)
        denied = _first(denies.of(request, is_pattern=is_pattern), applies_to)
        if denied and not denied.doubt:
            return _decide("deny", "denies", denied, request)
        allowed = _first(allows.of(request, is_pattern=is_pattern), applies_to)
        if self._boundary is None:
            return _conclude(request, [denied], [allowed])
        limits, permits = self._boundary.about(action)
        limited = _first(limits.of(request, is_pattern=is_pattern), applies_to)
        if limited and not limited.doubt:
            return _decide("deny", "denies", limited, request)
        permitted = _first(permits.of(request, is_pattern=is_pattern), applies_to)
        if allowed and not permitted:
            return Decision("deny", f"the {BOUNDARY} does not allow {_call(request)}.", BOUNDARY)
        return _conclude(request, [denied, limited], [allowed, permitted])

    def allowing(self, action: str) -> tuple[CompiledStatement, ...]:
        """Return the Allow statements of the policies (not the boundary) that cover or may cover an action."""
        _, allows = self._policies.about(action.lower())
        return tuple(statement for statement, _ in allows.all if statement.effect == "Allow")


def compile_policies(policies: Sequence[NamedPolicy], boundary: Document | None = None) -> Evaluator:
    """Return an evaluator for all attached and inline policies of a role, within its permissions boundary."""
    return Evaluator(policies, boundary)


def evaluate(policies: Sequence[NamedPolicy], request: Request, boundary: Document | None = None) -> Decision:
    """Return the decision on a request of a role with these policies; never raises, even for malformed policies."""
    return compile_policies(policies, boundary).evaluate(request)


def _conclude(request: Request, denies: list[_Applies | None], allows: list[_Applies | None]) -> Decision:
    """Return the decision if no Deny is certain; every layer of `allows` must allow. The first is the policies."""
    allowed = allows[0]
    if allowed is None:
        return Decision("deny", f"no statement allows {_call(request)}.")
    for verb, group in (("may deny", denies), ("may allow", allows)):
        for applied in group:
            if applied and applied.doubt:
                return _decide("cannot tell", verb, applied, request)
    return _decide("allow", "allows", allowed, request)


def _decide(outcome: AccessOutcome, verb: str, applied: _Applies, request: Request) -> Decision:
    why = f": {applied.doubt.why}" if applied.doubt else ""
    return Decision(
        outcome,
        f"{applied.statement.title} {verb} {_call(request)}{why}.",
        applied.statement.policy,
        applied.statement.source,
        explicit=outcome == "deny",
    )


def _call(request: Request) -> str:
    return f"{quote(request.action)} on {quote(request.resource)}"
