"""The rules of a check that are not about a field: excess and recorded calls."""

from __future__ import annotations

from taskrole.rule import Rule

_IAM = "https://docs.aws.amazon.com/IAM/latest/UserGuide"

ROLE_EXCESS = Rule(
    "EXCESS",
    "note",
    "A role allows more than its task definitions need",
    "a role",
    f"{_IAM}/best-practices.html#grant-least-privilege",
    why="every unused permission is one that an attacker in the task can use",
    fix="replace its policies with the output of `taskrole derive`",
)
CALL_DENIED = Rule(
    "CALL-DENIED",
    "error",
    "A recorded call would be denied",
    "recorded calls",
    f"{_IAM}/reference_policies_evaluation-logic.html",
    why="the application made the call with the old role, and would fail with the new one",
    fix="grant the call, or make sure that it is not needed",
)
CALL_UNKNOWN = Rule(
    "CALL-UNKNOWN",
    "warning",
    "It is unknown whether a recorded call would be allowed",
    "recorded calls",
    f"{_IAM}/reference_policies_evaluation-logic.html",
    why="its resource, a condition or a part of the role is unknown",
)

RULES = (ROLE_EXCESS, CALL_DENIED, CALL_UNKNOWN)
