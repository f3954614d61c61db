"""Why a role needs a grant: the fields of task definitions that require it, and what roles.yaml declares."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from taskrole.arns import Context
from taskrole.dataclass import dataclass
from taskrole.grant import Grant
from taskrole.plan.symbolic_arns import SymbolicArns
from taskrole.policy.comparison.compare import Row
from taskrole.policy.documents.policy import Policy
from taskrole.policy.documents.statements import policy_document
from taskrole.policy.effective_role import EffectiveRole
from taskrole.policy.evaluation.coverage import Judge
from taskrole.policy.evaluation.grant_calls import Regions
from taskrole.policy.evaluation.grant_coverage import cover_grant
from taskrole.policy.match import compile_glob, has_wildcard
from taskrole.policy.patterns import overlaps
from taskrole.review.rows import Because
from taskrole.review.task_use import TaskUse, not_needed


@dataclass(frozen=True)
class Cause:
    """A grant that a role needs, why, and the context and regions where it is used. Texts may contain symbolic ARNs."""

    grant: Grant
    why: str
    place: Context
    regions: Regions


def because_of(causes: Sequence[Cause], symbolic_arns: SymbolicArns | None, use: TaskUse) -> Because | None:
    """Return a function from a row to its reason, or None if there are no causes."""
    if not causes or symbolic_arns is None:
        return None

    def because(row: Row) -> str:
        if row.origin != "policy":
            return ""
        resources = [symbolic_arns.substitute(resource) for resource in row.resources]
        needed: dict[str, str] = {}
        row_judge = _row_judge(row, resources, symbolic_arns) if row.conditions else None
        for cause in causes:
            for action in _needed(row, resources, cause, row_judge):
                needed.setdefault(action, symbolic_arns.restore(cause.why))
        return _clauses(row, needed, not_needed(use.kinds, use.unknown, "the rest"))

    return because


def _row_judge(row: Row, resources: Sequence[str], symbolic_arns: SymbolicArns) -> Judge:
    """Return a judge of a role with this row only."""
    conditions: dict[str, dict[str, list[str]]] = {}
    for operator, key, values in row.conditions:
        conditions.setdefault(operator, {}).setdefault(key, symbolic_arns.substitute(list(values)))
    statement = {"Effect": "Allow", "Action": list(row.actions), "Resource": list(resources), "Condition": conditions}
    return Judge(EffectiveRole("", (Policy("row", "inline", policy_document([statement])),)))


def _needed(row: Row, resources: Sequence[str], cause: Cause, row_judge: Judge | None) -> list[str]:
    """Return the actions of a cause that a row allows, or may allow, on some of the resources of the cause.

    `row_judge` is None for a row without conditions.
    """
    grant = cause.grant
    if row.not_actions or row.not_resources or grant.effect != "Allow":
        return []
    actions = [action for action in grant.actions if any(names_action(pattern, action) for pattern in row.actions)]
    if not actions or not any(overlaps(resource, other) for resource in resources for other in grant.resources):
        return []
    if row_judge is None:
        return actions
    covered = dict(cover_grant(row_judge, grant, cause.place, cause.regions))
    return [action for action in actions if action not in covered or covered[action].answer != "denied"]


def _clauses(row: Row, needed: Mapping[str, str], rest: str) -> str:
    """Return the reasons of the needed actions; the actions are named unless they are all that the row allows.

    `rest` is a clause about the other actions; it may be empty.
    """
    exactly = {action.lower() for action in needed}
    is_all = all(action.lower() in exactly for action in row.actions)
    whys = list(dict.fromkeys(needed.values()))
    if is_all and len(whys) == 1:
        return whys[0]
    causes = [f"{', '.join(action for action in needed if needed[action] == why)}: {why}" for why in whys]
    return "; ".join([*causes, *([] if is_all or not causes or not rest else [rest])])


def names_action(pattern: str, action: str) -> bool:
    """Return whether an action matches a pattern, ignoring case."""
    if not has_wildcard(pattern):
        return pattern.lower() == action.lower()
    return compile_glob(pattern.lower()).matches(action.lower())
