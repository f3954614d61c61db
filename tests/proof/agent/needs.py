"""A need: a call of a running task, with exactly the permissions that a policy may grant for it."""

from __future__ import annotations

import random
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

from taskrole.arns import Context
from taskrole.taskdef.options import Options

EXECUTION, TASK = "execution", "task"
ANYTHING = ".*"
LAUNCH_TYPES = frozenset(("EC2", "EXTERNAL", "FARGATE", "MANAGED_INSTANCES"))


@dataclass(frozen=True)
class Need:
    """A call of a role: its `resource` and `context`, and the extent of its permission.

    `scope` is a regular expression of all resources that a policy may allow for this call, `demanded` are
    the keys of the context that must match the expressions. `effect` is "Deny" for
    calls that must always be denied.
    """

    role: str
    action: str
    resource: str
    scope: str
    rule: str
    context: Mapping[str, str]
    demanded: tuple[tuple[str, str], ...] = ()
    effect: str = "Allow"


class Needs:
    """The needs of tasks, by role and action."""

    def __init__(self, needs: Iterable[Need]) -> None:
        self.all = tuple(needs)
        self._of: dict[tuple[str, str], list[Need]] = defaultdict(list)
        for need in self.all:
            self._of[need.role, need.action].append(need)

    def cover(self, role: str, action: str, resource: str, context: Mapping[str, str]) -> bool:
        """Return whether a request must be allowed: a need covers it, and no denied need does."""
        effects = {need.effect for need in self._of.get((role, action), ()) if _extends(need, resource, context)}
        return effects == {"Allow"}


def _extends(need: Need, resource: str, context: Mapping[str, str]) -> bool:
    return compiled(need.scope).fullmatch(resource) is not None and all(
        key in context and compiled(wanted).fullmatch(context[key]) for key, wanted in need.demanded
    )


@lru_cache(maxsize=100_000)
def compiled(pattern: str) -> re.Pattern[str]:
    """Return a pattern whose dot matches any character."""
    return re.compile(pattern, re.DOTALL)


def exactly(text: str) -> str:
    """Return the expression of a text; any character matches one above U+00FF, which a policy cannot contain."""
    return "".join("." if character > "\xff" else re.escape(character) for character in text)


@dataclass(frozen=True)
class Place:
    """The context and options of a task, with the random values of a run."""

    context: Context
    options: Options
    document: Mapping[str, Any]
    run: int = 0

    def arn(self, service: str, resource: str, *, region: str | None = None, account: str | None = None) -> str:
        """Return an ARN in the task's region and account, unless others are given (empty text: none)."""
        region = self.context.region if region is None else region
        account = self.context.account if account is None else account
        return f"arn:{self.context.partition}:{service}:{region}:{account}:{resource}"

    @property
    def account(self) -> str:
        """The task's account."""
        return self.context.account or ""

    @cached_property
    def launch_types(self) -> frozenset[str]:
        """The launch types of the task; invalid ones are ignored."""
        return LAUNCH_TYPES & {*(self.document.get("requiresCompatibilities") or ())}

    @property
    def may_be_fargate(self) -> bool:
        """Whether it runs on Fargate, or has no launch type."""
        return not self.launch_types or "FARGATE" in self.launch_types

    @property
    def is_windows(self) -> bool:
        """Whether it runs on Windows."""
        family = (self.document.get("runtimePlatform") or {}).get("operatingSystemFamily") or ""
        return family.startswith("WINDOWS")

    @property
    def containers(self) -> list[Mapping[str, Any]]:
        """The container definitions."""
        return list(self.document["containerDefinitions"])

    def chance(self, what: str) -> random.Random:
        """Return the random generator of a value of this run: the id of a task, the suffix of a secret."""
        return random.Random(f"{self.run} {what}")

    def task_id(self) -> str:
        """Return the id of the task."""
        return f"{self.chance('task').getrandbits(128):032x}"
