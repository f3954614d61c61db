"""Rules for all fields, names and ARNs of a task definition, and for the options."""

from __future__ import annotations

from taskrole.taskdef.feature import TASK_ENVIRONMENT, Feature, task_fields
from taskrole.taskdef.rule import API, DOCS, FieldRule
from taskrole.taskdef.shape import Scalar

_REGISTER = f"{API}/API_RegisterTaskDefinition.html"

_RULES = (
    FieldRule(
        "PARTITION",
        "refused",
        "A role cannot access another partition",
        "any ARN",
        f"{DOCS}/IAM/latest/UserGuide/reference-arns.html",
    ),
    FieldRule("PLACEHOLDER", "refused", "Placeholders never become part of an ARN", "any field", _REGISTER),
    FieldRule(
        "WILDCARD",
        "note",
        "A policy cannot have characters above U+00FF; `?` replaces them and matches any character",
        "any name",
        f"{DOCS}/IAM/latest/UserGuide/reference_iam-quotas.html",
    ),
    FieldRule(
        "LITERAL",
        "fact",
        "`*`, `?` and `$` in names are written ${*}, ${?} and ${$}",
        "any name",
        f"{DOCS}/IAM/latest/UserGuide/reference_policies_variables.html",
        verified=False,
        note="The page was not read; the escapes are general knowledge.",
    ),
    FieldRule("TYPE", "refused", "Values of the wrong type", "any field", _REGISTER),
    FieldRule("KEY", "refused", "Fields in the wrong case, which ECS ignores", "any field", _REGISTER),
    FieldRule(
        "OPTION-UNUSED",
        "note",
        "An option that no task definition uses, such as a misspelled one",
        "options",
        _REGISTER,
    ),
)

FEATURE = Feature(TASK_ENVIRONMENT, _RULES, task_fields({"family": Scalar.TEXT}))
