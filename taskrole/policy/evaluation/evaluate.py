"""May this request be made? IAM's evaluation of a role's policies and its permissions boundary, offline.

An explicit Deny anywhere wins; else an Allow of the role's policies counts if the boundary, where there is one,
allows the request too; else the answer is no.

What cannot be told stays untold: a Deny that may apply to what is allowed makes the answer "cannot tell", one that
may apply to what nothing allows leaves it "deny". The policies of resources, organisations and sessions are not seen.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal, Protocol, TypeAlias

from taskrole.errors import shown
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
        """What messages call the policy."""

    @property
    def document(self) -> Document:
        """The policy as JSON data."""


@dataclass(frozen=True)
class Decision:
    """What comes of a request, and why in one sentence.

    `policy` and `statement` are the ones that decided or left it open; None where nothing allows the request.
    `explicit` tells a Deny from that.
    """

    outcome: AccessOutcome
    because: str
    policy: str | None = None
    statement: Mapping[str, Any] | None = None
    explicit: bool = False


# Whether a statement applies to a call, its action left aside.
AppliesTo: TypeAlias = Callable[[CompiledStatement], Truth]

# Of so few statements, each is asked: to look for some of them takes longer.
_FEW = 8


@dataclass(frozen=True)
class _Candidates:
    """Statements that may be about an action, each with whether it is."""

    all: tuple[tuple[CompiledStatement, Truth], ...]

    def of(self, request: Request, *, is_pattern: bool) -> Iterator[tuple[CompiledStatement, Truth]]:
        """Yield those that may apply to the request's resource, in their order."""
        if len(self.all) <= _FEW:
            yield from self.all
            return
        for place in self._index.possible(request.resource, is_pattern=is_pattern):
            yield self.all[place]

    @cached_property
    def _index(self) -> StatementIndex:
        return StatementIndex(statement for statement, _ in self.all)


class _Layer:
    """The statements of some policies of which one Allow is enough, found by the action they are about."""

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
        """Return what may deny and what may allow an action, in lower case, with whether it is about it."""
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
            _Candidates(tuple(one for one in about if one[0].effect != "Allow")),
            _Candidates(tuple(one for one in about if one[0].effect != "Deny")),
        )


@dataclass(frozen=True)
class _Applies:
    """A statement that applies to a request, or may: `doubt` is None where it is certain."""

    statement: CompiledStatement
    doubt: Unknown | None = None


def _first(candidates: Iterable[tuple[CompiledStatement, Truth]], applies_to: AppliesTo) -> _Applies | None:
    """Return the first that certainly applies, else the first that may."""
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
    """Policies and a boundary compiled, for many requests."""

    def __init__(self, policies: Sequence[NamedPolicy], boundary: Document | None = None) -> None:
        self._policies = _Layer(
            statement for policy in policies for statement in compile_statements(policy.name, policy.document)
        )
        self._boundary = None if boundary is None else _Layer(compile_statements(BOUNDARY, boundary))

    def evaluate(self, request: Request) -> Decision:
        """Return what comes of a request; never raises, whatever the policies hold."""
        keys = ContextKeys(request)
        return self.evaluate_by(request, lambda statement: statement.covers_rest(request.resource, keys))

    def evaluate_by(self, request: Request, applies_to: AppliesTo, *, is_pattern: bool = False) -> Decision:
        """Return the decision where `applies_to` says which statements about the request's action apply.

        `is_pattern` says that its resource is a pattern, to a part of which a statement may apply.
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
        """Return the Allow statements of the policies, not the boundary's, that are or may be about an action."""
        _, allows = self._policies.about(action.lower())
        return tuple(statement for statement, _ in allows.all if statement.effect == "Allow")


def compile_policies(policies: Sequence[NamedPolicy], boundary: Document | None = None) -> Evaluator:
    """Return an evaluator of all policies of a role, attached and inline, within its permissions boundary."""
    return Evaluator(policies, boundary)


def evaluate(policies: Sequence[NamedPolicy], request: Request, boundary: Document | None = None) -> Decision:
    """Return what comes of one request to a role with these policies; never raises, whatever they hold."""
    return compile_policies(policies, boundary).evaluate(request)


def _conclude(request: Request, denies: list[_Applies | None], allows: list[_Applies | None]) -> Decision:
    """Return the decision when no Deny is certain; each of `allows` is needed, the first is the role's own."""
    allowed = allows[0]
    if allowed is None:
        return Decision("deny", f"no statement allows {_call(request)}.")
    for verb, found in (("may deny", denies), ("may allow", allows)):
        for one in found:
            if one and one.doubt:
                return _decide("cannot tell", verb, one, request)
    return _decide("allow", "allows", allowed, request)


def _decide(outcome: AccessOutcome, verb: str, found: _Applies, request: Request) -> Decision:
    why = f": {found.doubt.why}" if found.doubt else ""
    return Decision(
        outcome,
        f"{found.statement.title} {verb} {_call(request)}{why}.",
        found.statement.policy,
        found.statement.source,
        explicit=outcome == "deny",
    )


def _call(request: Request) -> str:
    return f"{shown(request.action)} on {shown(request.resource)}"
