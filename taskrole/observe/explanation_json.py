"""Explanations of denied calls as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from taskrole.observe.explanations import Declared, Explanation, Remedy
from taskrole.output.json_text import json_text
from taskrole.output.report_members import required_member
from taskrole.report_versions import REPORT_VERSIONS


def explanations_json(explanations: Sequence[Explanation]) -> str:
    """Return the JSON of explanations, with a trailing newline."""
    return json_text(
        {
            "schema_version": REPORT_VERSIONS["explain-denial"],
            "denials": [_explanation(explanation) for explanation in explanations],
        }
    )


def _explanation(explanation: Explanation) -> dict[str, Any]:
    call, denial = explanation.call, explanation.call.denial
    session = call.session
    return {
        "is_denied": explanation.is_denied,
        "actions": list(call.actions),
        "resources": list(call.resources),
        "principal": denial.principal,
        "role": session.role if session else "",
        "role_kind": call.kind,
        "task": session.task if session else "",
        "time": call.time,
        "event": call.event,
        "reason": denial.reason,
        "is_explicit": denial.explicit,
        "policy": denial.policy,
        "because": explanation.why,
        "rule": call.symptom.rule if call.symptom else None,
        "is_ours": explanation.is_ours,
        "remedies": [_remedy(remedy) for remedy in explanation.remedies],
        "notes": list(explanation.notes),
        "declared": _declared(explanation.declared) if explanation.declared else None,
    }


def _remedy(remedy: Remedy) -> dict[str, Any]:
    return {
        "sentence": remedy.sentence,
        "roles_yaml": remedy.lines or None,
        "statement": remedy.statement,
        "required_elsewhere": required_member(remedy.required) if remedy.required else None,
        "to_fill_in": remedy.to_fill_in,
    }


def _declared(declared: Declared) -> dict[str, Any]:
    return {
        "stack": declared.stack,
        "role": declared.role,
        "kind": declared.kind,
        "actions": [
            {"action": action, "answer": coverage.answer, "reason": coverage.reason}
            for action, coverage in declared.coverage
        ],
        "forbidden": list(declared.forbidden),
    }
