"""The session that made a call; for credentials from ECS, the session name is the task id.

Source: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-iam-roles.html
"""

from __future__ import annotations

from taskrole.arns import Arn, known_arn
from taskrole.dataclass import dataclass
from taskrole.observe.event_rows import task_of


@dataclass(frozen=True)
class Session:
    """A session of a role: the role's ARN and name, and the task's id; each empty if unknown.

    `has_path` is False if the ARN is derived from the session's, which lacks the role's path.
    """

    role: str
    name: str
    task: str = ""
    has_path: bool = False

    @property
    def account(self) -> str:
        """Return the account of the role, or an empty string."""
        return self.role.split(":")[4] if self.role else ""


def session_of(principal: str, issuer: str = "") -> Session | None:
    """Return the session in a principal's ARN, or None for other principals.

    `issuer` is the ARN of the role, including its path, if an event contains it.
    """
    arn, role = _parsed(principal), _parsed(issuer)
    kind, _, rest = arn.resource.partition("/") if arn else ("", "", "")
    name = rest.partition("/")[0]
    task = task_of({"arn": principal}) if kind == "assumed-role" else ""
    if role and role.resource.startswith("role/"):
        return Session(issuer, role.resource.rpartition("/")[2], task, has_path=True)
    if arn and kind == "assumed-role":
        return Session(str(Arn(arn.partition, "iam", "", arn.account, f"role/{name}")), name, task)
    if arn and arn.service == "iam" and kind == "role":
        return Session(principal, rest.rpartition("/")[2], has_path=True)
    return None


def _parsed(text: str) -> Arn | None:
    try:
        return known_arn(text) if text else None
    except ValueError:
        return None
