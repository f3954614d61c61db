"""A call judged: allowed, denied, or not to be told, and why."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from taskrole.check.bounds import bounded, touching
from taskrole.check.calls import Call
from taskrole.check.subject import Subject
from taskrole.errors import shown
from taskrole.policy.evaluate import BOUNDARY, Decision, Request, compile_policies
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
        least = self._decide(call, at_most=False)
        if least.outcome == "allow":
            unknown = (*self.subject.unknown, *filter(None, [self.subject.boundary_problem]))
            return (
                Judgement("CANNOT TELL", f"it is allowed, unless by what is not known: {unknown[0]}")
                if unknown
                else _OK
            )
        doubt = next((one for one in (most, least) if one.outcome == "cannot tell"), None)
        return Judgement("CANNOT TELL", _because(doubt, call) if doubt else self._partly(least, call))

    def _decide(self, call: Call, *, at_most: bool) -> Decision:
        policies = [bounded(one, call, at_most=at_most) for one in self.subject.policies]
        boundary = self.subject.boundary
        if boundary is not None:
            boundary = bounded(Policy(BOUNDARY, "managed", boundary), call, at_most=at_most).document
        return compile_policies(policies, boundary).evaluate(Request(call.action, _resource(call), call.context))

    def _denied(self, most: Decision, call: Call) -> Judgement:
        if most.policy is not None:
            return Judgement("MISSING", _because(most, call))
        if self.subject.unknown:
            return Judgement("CANNOT TELL", f"no known statement allows it, and {self.subject.unknown[0]}")
        return Judgement("MISSING", "no statement allows it")

    def _partly(self, least: Decision, call: Call) -> str:
        if least.explicit:
            return f"a part of it is denied: {_because(least, call)}"
        parts = list(dict.fromkeys(text for policy in self.subject.policies for text in touching(policy, call)))
        named = f" ({', '.join(parts[:2])}{', …' if len(parts) > 2 else ''})" if parts else ""
        return f"a part of it is allowed{named}; whether that is the part that is needed is not known"


_OK = Judgement("OK")


def _resource(call: Call) -> str:
    return call.pattern if call.resource is None else call.resource


def _because(decision: Decision, call: Call) -> str:
    """Return the evaluator's sentence as a clause that speaks of the call as `it`."""
    named = f"{shown(call.action)} on {shown(_resource(call))}"
    return decision.because.removesuffix(".").replace(named, "it")
