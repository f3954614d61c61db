"""The rules on recorded calls that `check` does not have."""

from __future__ import annotations

from taskrole.rule import Rule

_IAM = "https://docs.aws.amazon.com/IAM/latest/UserGuide"
_CALLS = "recorded calls"

OBSERVE_DENIED = Rule(
    "OBSERVE-DENIED",
    "warning",
    "A call of a role was denied",
    _CALLS,
    f"{_IAM}/troubleshoot_access-denied.html",
    why="the application made a call that its role does not allow",
    fix="`taskrole explain-denial` names the policy that lacks the permission",
)
OBSERVE_FAILED = Rule(
    "OBSERVE-FAILED",
    "warning",
    "A task failed for another reason than its permissions",
    _CALLS,
    "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/stopped-task-error-codes.html",
    why="the message looks like a denied call, but no policy can fix it",
)
OBSERVE_PROPOSED = Rule(
    "OBSERVE-PROPOSED",
    "note",
    "A role used a permission that roles.yaml does not declare",
    _CALLS,
    f"{_IAM}/access-analyzer-policy-generation.html",
    why="the role that roles.yaml declares would not allow it",
    fix="add it to grants in roles.yaml",
)
OBSERVE_UNUSED = Rule(
    "OBSERVE-UNUSED",
    "note",
    "A role did not use a permission",
    _CALLS,
    f"{_IAM}/access_policies_last-accessed.html",
    why="the evidence shows such calls, and there were none",
    fix="remove it if the evidence covers all of the application's calls",
)
OBSERVE_OPEN = Rule(
    "OBSERVE-OPEN",
    "warning",
    "No permission is proposed for a recorded event",
    _CALLS,
    f"{_IAM}/cloudtrail-integration.html",
    why="the role may lack a permission that the application needs",
    fix="find the permission in the service authorization reference, and grant it",
)

RULES = (OBSERVE_DENIED, OBSERVE_FAILED, OBSERVE_PROPOSED, OBSERVE_UNUSED, OBSERVE_OPEN)
