"""What a role of roles.yaml says of a denied call: the one judge's answer, and whether the boundary forbids it."""

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
from taskrole.sources.config import configured_role


class DeclaredRoles:
    """A stack of roles.yaml, of which each denied call has a role: the one named, else that of the session's name."""

    def __init__(self, config: Path, name: str, key: str) -> None:
        """Read the stack; `key` is the role's, empty to find it by each call. Raises InputError."""
        self._config = config
        self._stack: StackSpec = find_stack(config, name)
        self._chosen = role_of(self._stack, key, "task", config) if key else None
        self._judges: dict[str, Judge] = {}

    def judge(self, call: DeniedCall) -> Declared:
        """Return what the declared role says of a denied call. Raises InputError where its role is not known."""
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
