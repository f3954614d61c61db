"""Evaluates whether a role allows a call; used by check, review, audit and lock.

Policies and the permissions boundary may be partly unknown. An unknown policy may allow calls that no known policy
allows, or deny calls that a known policy allows; an unknown boundary can only deny.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from itertools import islice
from typing import Literal

from taskrole.dataclass import dataclass
from taskrole.errors import quote
from taskrole.policy.documents.policy import Policy
from taskrole.policy.effective_role import EffectiveRole
from taskrole.policy.evaluation.call import Call
from taskrole.policy.evaluation.evaluate import BOUNDARY, Decision, Evaluator, Request, compile_policies
from taskrole.policy.evaluation.near_misses import NearMisses, allowed_resources
from taskrole.policy.evaluation.pattern_statements import applies_to_call
from taskrole.policy.evaluation.request import ContextKeys
from taskrole.policy.patterns import overlaps

Answer = Literal["allowed", "denied", "unknown"]


@dataclass(frozen=True)
class Coverage:
    """Whether a call is allowed, and the reason: a clause without a full stop that refers to the call as `it`."""

    answer: Answer
    reason: str


@dataclass(frozen=True)
class Judge:
    """Evaluates calls of a role; its policies are compiled once."""

    role: EffectiveRole

    def judge(self, call: Call) -> Coverage:
        """Return whether the role allows a call; never raises, even for malformed policies."""
        # The context is part of the key, since calls may differ only in it, such as logins in two regions.
        key = (call.action, call.pattern, call.conditions, *call.context.items())
        known = self._judged.get(key)
        if known is None:
            known = self._judged[key] = self._without_hidden_text(self._judge(call))
        return known

    def has_allow(self, action: str) -> bool:
        """Return whether a known statement allows an action on any resource; without one, no call of it is allowed."""
        return bool(self._evaluator.allowing(action))

    def is_forbidden(self, call: Call) -> bool:
        """Return whether the permissions boundary certainly denies a call."""
        return self._forbidden(call) is not None

    @cached_property
    def _judged(self) -> dict[tuple[object, ...], Coverage]:
        return {}

    @cached_property
    def _evaluator(self) -> Evaluator:
        return compile_policies(self.role.policies, None if self.role.boundary_problem else self.role.boundary)

    @cached_property
    def _boundary(self) -> Evaluator | None:
        """The known part of the boundary."""
        boundary = self.role.boundary
        return None if boundary is None else compile_policies([Policy(BOUNDARY, "managed", boundary)])

    @cached_property
    def _near_misses(self) -> NearMisses:
        return NearMisses(self._evaluator)

    def _judge(self, call: Call) -> Coverage:
        most = self._decide(self._evaluator, call, at_most=True)
        if most.outcome == "deny":
            return self._denied(most, call)
        if self.role.boundary_problem and (forbidden := self._forbidden(call)):
            return forbidden
        least = most if call.resource is not None else self._decide(self._evaluator, call, at_most=False)
        if least.outcome == "allow":
            unknown = (*self.role.unknown_policies, *filter(None, [self.role.boundary_problem]))
            if unknown:
                return Coverage("unknown", f"it is allowed by what is known, but {unknown[0]}")
            return Coverage("allowed", _because(least, call))
        doubt = next((decision for decision in (most, least) if decision.outcome == "cannot tell"), None)
        return Coverage("unknown", _because(doubt, call) if doubt else self._partly(least, call))

    def _decide(self, evaluator: Evaluator, call: Call, *, at_most: bool) -> Decision:
        request = Request(call.action, _resource(call), call.context)
        keys = ContextKeys(request)
        return evaluator.evaluate_by(
            request,
            lambda statement: applies_to_call(statement, call, keys, at_most=at_most),
            is_pattern=call.resource is None,
        )

    def _denied(self, most: Decision, call: Call) -> Coverage:
        if most.policy is not None:
            return Coverage("denied", _because(most, call))
        if self.role.unknown_policies:
            undecided = f"no known statement allows it, and {self.role.unknown_policies[0]}"
            return self._forbidden(call) or Coverage("unknown", undecided)
        near = self._near_misses.of(call)
        return Coverage("denied", f"no statement allows it{f'; {near}' if near else ''}")

    def _forbidden(self, call: Call) -> Coverage | None:
        """Return the denial by the boundary, or None if it is not certain."""
        if self._boundary is None:
            return None
        most = self._decide(self._boundary, call, at_most=True)
        if most.outcome == "deny" and most.explicit:
            return Coverage("denied", _because(most, call))
        if most.outcome == "deny" and not self.role.boundary_problem:
            return Coverage("denied", f"the {BOUNDARY} does not allow it")
        return None

    def _partly(self, least: Decision, call: Call) -> str:
        if least.explicit:
            return f"a part of it is denied: {_because(least, call)}"
        if least.policy == BOUNDARY:
            return f"the {BOUNDARY} allows a part of it; whether that is the part that is needed is not known"
        # The message names two resources, so the search stops at three, even with thousands of resources.
        different = dict.fromkeys(allowed_resources(call.action, self._evaluator))
        parts = list(islice((resource for resource in different if overlaps(resource, call.pattern)), 3))
        named = f" ({', '.join(parts[:2])}{', …' if len(parts) > 2 else ''})" if parts else ""
        return f"a part of it is allowed{named}; whether that is the part that is needed is not known"

    def _without_hidden_text(self, coverage: Coverage) -> Coverage:
        """Return the coverage without quotes from sensitive policies."""
        return Coverage(coverage.answer, _HIDDEN[coverage.answer]) if self.role.is_hidden else coverage


_HIDDEN: Mapping[Answer, str] = {
    "allowed": "its policies allow it; their text is sensitive",
    "denied": "its policies do not allow it; their text is sensitive",
    "unknown": "whether its policies allow it is not known; their text is sensitive",
}


def _resource(call: Call) -> str:
    return call.pattern if call.resource is None else call.resource


def _because(decision: Decision, call: Call) -> str:
    """Return the evaluator's reason as a clause that refers to the call as `it`."""
    named = f"{quote(call.action)} on {quote(_resource(call))}"
    return decision.because.removesuffix(".").replace(named, "it")
