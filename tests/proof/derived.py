"""Reads, derives, builds and compiles a case."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass

from taskrole.grant import Grant
from taskrole.policy.documents.build import build_policies
from taskrole.policy.documents.policy import Policy, PolicyKind
from taskrole.policy.evaluation.evaluate import Evaluator, compile_policies
from taskrole.policy.evaluation.request import Request
from taskrole.taskdef import Derivation, derive
from taskrole.taskdef.json_text import parse_json
from taskrole.taskdef.read import parse_document
from tests.proof.generated import Case
from tests.proof.neighbours import Asked

ROLES = ("execution", "task")


@dataclass(frozen=True)
class Roles:
    """Evaluators of the policies of both roles."""

    evaluators: dict[str, Evaluator]

    def allow(self, asked: Asked) -> bool:
        """Return whether a request is allowed; an unknown result is an error of the proof."""
        request = Request(asked.action, asked.resource, asked.context, complete=True)
        outcome = self.evaluators[asked.role].evaluate(request).outcome
        assert outcome != "cannot tell", asked
        return outcome == "allow"


def derivation_of(case: Case) -> Derivation:
    """Return the derivation of the task definitions of a case, read from their text."""
    texts = [json.dumps(document).encode() for document in case.documents]
    documents = [parse_document(parse_json(text, f"{at}.json"), f"{at}.json") for at, text in enumerate(texts)]
    return derive(documents, case.context, case.options)


def grants_of(case: Case) -> tuple[Grant, ...]:
    """Return the grants of a case, which must have no errors, since it is valid."""
    derivation = derivation_of(case)
    errors = [finding for finding in derivation.findings if finding.severity == "error"]
    assert not errors, errors
    return derivation.grants


def policies_of(grants: Iterable[Grant], kind: PolicyKind = "inline") -> dict[str, tuple[Policy, ...]]:
    """Return the policies of both roles."""
    grants = tuple(grants)
    return {
        role: build_policies([grant for grant in grants if grant.role == role], kind=kind, base_name="taskrole")
        for role in ROLES
    }


def roles_of(policies: dict[str, tuple[Policy, ...]]) -> Roles:
    """Return compiled policies."""
    return Roles({role: compile_policies(role_policies) for role, role_policies in policies.items()})
