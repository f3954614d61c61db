"""The rules on roles.yaml."""

from __future__ import annotations

from taskrole.rule import Rule

_IAM = "https://docs.aws.amazon.com/IAM/latest/UserGuide"
LEVELS_PAGE = f"{_IAM}/access_policies_understand-policy-summary-access-level-summaries.html"
_REFERENCE = "https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html"
_FILE = "roles.yaml"

GRANTS_ENTRY = Rule(
    "GRANTS",
    "grant",
    "An entry of grants",
    _FILE,
    LEVELS_PAGE,
    why="no task definition needs it; the entry names resources, and actions or an access level, which stands for the"
    " actions of that level that each resource takes",
)
DENY_ENTRY = Rule(
    "DENY",
    "grant",
    "An entry of deny",
    _FILE,
    f"{_IAM}/reference_policies_evaluation-logic.html",
    why="it holds against whatever else allows the same, also against what policies of resources allow",
)
GRANT_STAR = Rule(
    "GRANT-STAR",
    "note",
    "An access level leaves out what can be allowed on * only",
    _FILE,
    _REFERENCE,
    why="such actions name no resource, so that the ARNs of the entry cannot limit them; to allow them, they must be"
    " allowed on everything",
    fix="name the actions that are called in an entry of their own, on *",
)
GRANT_ELSEWHERE = Rule(
    "GRANT-ELSEWHERE",
    "note",
    "An access level grants what may need another resource, too",
    _FILE,
    _REFERENCE,
    why="AWS asks for some actions on resources of two types at once, and the entry names those of one",
    fix="add the resources of the types that the note names, where the calls need them",
)
CONFIG = Rule(
    "CONFIG",
    "error",
    "roles.yaml is not valid",
    _FILE,
    f"{_IAM}/reference_policies_elements.html",
    why="no verb runs with it",
    fix="the message names the rule and the value",
)

RULES = (GRANTS_ENTRY, DENY_ENTRY, GRANT_STAR, GRANT_ELSEWHERE, CONFIG)
