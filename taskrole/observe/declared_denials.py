"""Evaluating a denied call with a role of roles.yaml: whether its policies and its boundary allow it."""

from __future__ import annotations

from pathlib import Path

from taskrole.config import StackSpec
from taskrole.config.roles_file import declares
from taskrole.config.stack_lookup import find_stack, role_of
from taskrole.errors import InputError, Place, Problem, quote
from taskrole.observe.denied_calls import DeniedCall
from taskrole.observe.explanations import Declared
from taskrole.policy.evaluation.coverage import Judge
from taskrole.policy.evaluation.role_calls import call_of_role
from taskrole.role import Role
from taskrole.sources.declared import configured_role


class DeclaredRoles:
    """A stack of roles.yaml, and the role for denied calls: a given one, or the one with the session's role name."""

    def __init__(self, config: Path, name: str, key: str) -> None:
        """Read the stack; `key` is the role's, empty to find it by each call. Raises InputError."""
        self._config = config
        self._stack: StackSpec = find_stack(config, name)
        self._chosen = role_of(self._stack, key, "task", config) if key else None
        self._judges: dict[str, Judge] = {}

    def judge(self, call: DeniedCall) -> Declared:
        """Return the declared role's answer for a denied call. Raises InputError for an unknown role."""
        role = self._chosen or self._role(call)
        judge = self._judges.get(role.key)
        if judge is None:
            judge = self._judges[role.key] = Judge(configured_role(role, self._stack.context))
        account = self._stack.context.account or "ACCOUNT"
        resources = [resource.replace(":ACCOUNT:", f":{account}:") for resource in call.resources] or ["*"]
        calls = [call_of_role(action, resource, judge.role.arn) for action in call.actions for resource in resources]
        answers = tuple((judged.action, judge.judge(judged)) for judged in calls)
        forbidden = tuple(dict.fromkeys(judged.action for judged in calls if judge.is_forbidden(judged)))
        return Declared(self._stack.name, role.key, role.kind, answers, forbidden)

    def _role(self, call: DeniedCall) -> Role:
        name = call.session.name if call.session else ""
        roles = [role for role in self._stack.roles if name and declares(role, name)]
        if not roles and not name and call.kind:
            roles = [role for role in self._stack.roles if role.kind == call.kind]
        if len(roles) == 1:
            return roles[0]
        names = ", ".join(f"--stack {self._stack.name}/{role.key}" for role in self._stack.roles)
        what = (
            f"declares no role {quote(name)}" if name else "has several roles, and the text does not name one of them"
        )
        message = f"{what}; name the role: {names}"
        raise InputError([Problem(Place(str(self._config), path=f"stacks.{self._stack.name}"), message)])
