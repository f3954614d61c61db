"""The error that appears when AWS denies a call: where, its text, and the page that documents it.

`…` replaces variable parts: request ids, ARNs, numbers of retries.
"""

from __future__ import annotations

from typing import Literal

from taskrole.dataclass import dataclass

_Where = Literal["stopped reason", "service event", "execute-command", "session", "router's log", "container's log"]

GITHUB = "https://github.com"
AGENT_REPOSITORY = f"{GITHUB}/aws/amazon-ecs-agent"
PULL_SECRETS_PAGE = "https://repost.aws/knowledge-center/ecs-unable-to-pull-secrets"
EXECUTION_RESOURCES = (
    "ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: "
)
_ACCESS_DENIED = "https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html"


@dataclass(frozen=True)
class Failure:
    """The result of a denied call: its text, where it appears, and the page that shows it.

    `stops` is true if the task does not start, or does not continue, without the call; otherwise only part of its work
    fails. `ends_container` is true if a container stops without the call, and the task with it unless the
    container is expendable. `on_ec2` is the failure on EC2 where the agent there reports it differently. `note`
    says when it fails, if not always. `{action}` in the text is replaced by the denied action.
    """

    where: _Where
    words: str
    page: str
    stops: bool = True
    on_ec2: Failure | None = None
    note: str = ""
    ends_container: bool = False


def access_denied(where: _Where, *, stops: bool) -> Failure:
    """Return the failure of a call with IAM's own error, for which no page documents another text."""
    return Failure(where, "AccessDenied: … is not authorized to perform: {action} …", _ACCESS_DENIED, stops)


STOPS = access_denied("stopped reason", stops=True)
IN_CONTAINER = access_denied("container's log", stops=False)
IN_ROUTER = access_denied("router's log", stops=False)
