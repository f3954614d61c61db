"""A call judged: allowed, denied, or not to be told, and why."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from taskrole.check.allowed import allowed_resources
from taskrole.check.bounds import bounded
from taskrole.check.calls import Call
from taskrole.check.near_misses import near_miss
from taskrole.check.subject import Subject
from taskrole.errors import shown
from taskrole.policy.evaluation.evaluate import BOUNDARY, Decision, Evaluator, Request, compile_policies
from taskrole.policy.patterns import overlaps
from taskrole.role import Policy

Status = Literal["OK", "MISSING", "CANNOT TELL"]


@dataclass(frozen=True)
class Judgement:
    """The status of a call, and the reason where it is not OK: a clause without a full stop."""

    status: Status
    why: str = ""


@dataclass(frozen=True)
class Judge:
    """A role, asked about many calls."""

    subject: Subject

    def judge(self, call: Call) -> Judgement:
        """Return how a call stands with the role's policies, within its boundary."""
        known = self._judged.get(call)
        if known is None:
            known = self._judged[call] = self._judge(call)
        return known

    @cached_property
    def _judged(self) -> dict[Call, Judgement]:
        return {}

    def _judge(self, call: Call) -> Judgement:
        most = self._decide(call, at_most=True)
        if most.outcome == "deny":
            return self._denied(most, call)
        least = most if call.resource is not None else self._decide(call, at_most=False)
        if least.outcome == "allow":
            unknown = (*self.subject.unknown, *filter(None, [self.subject.boundary_problem]))
            return (
                Judgement("CANNOT TELL", f"it is allowed, unless by what is not known: {unknown[0]}")
                if unknown
                else _OK
            )
        doubt = next((one for one in (most, least) if one.outcome == "cannot tell"), None)
        return Judgement("CANNOT TELL", _because(doubt, call) if doubt else self._partly(least, call))

    @cached_property
    def _as_they_are(self) -> Evaluator:
        return compile_policies(self.subject.policies, self.subject.boundary)

    def _decide(self, call: Call, *, at_most: bool) -> Decision:
        request = Request(call.action, _resource(call), call.context)
        if call.resource is not None and not call.conditions:
            return self._as_they_are.evaluate(request)
        policies = [bounded(one, call, at_most=at_most) for one in self.subject.policies]
        boundary = self.subject.boundary
        if boundary is not None:
            boundary = bounded(Policy(BOUNDARY, "managed", boundary), call, at_most=at_most).document
        return compile_policies(policies, boundary).evaluate(request)

    def _denied(self, most: Decision, call: Call) -> Judgement:
        if most.policy is not None:
            return Judgement("MISSING", _because(most, call))
        if self.subject.unknown:
            return Judgement("CANNOT TELL", f"no known statement allows it, and {self.subject.unknown[0]}")
        near = near_miss(call, self.subject.policies)
        return Judgement("MISSING", f"no statement allows it{f'; {near}' if near else ''}")

    def _partly(self, least: Decision, call: Call) -> str:
        if least.explicit:
            return f"a part of it is denied: {_because(least, call)}"
        allowed = allowed_resources(call.action, self.subject.policies)
        parts = list(dict.fromkeys(one for one in allowed if overlaps(one, call.pattern)))
        named = f" ({', '.join(parts[:2])}{', …' if len(parts) > 2 else ''})" if parts else ""
        return f"a part of it is allowed{named}; whether that is the part that is needed is not known"


_OK = Judgement("OK")


def _resource(call: Call) -> str:
    return call.pattern if call.resource is None else call.resource


def _because(decision: Decision, call: Call) -> str:
    """Return the evaluator's sentence as a clause that speaks of the call as `it`."""
    named = f"{shown(call.action)} on {shown(_resource(call))}"
    return decision.because.removesuffix(".").replace(named, "it")
