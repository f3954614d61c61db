"""Resources that AWS creates with a new id each time, so that an exact ARN is never used again.

Source:
https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
"""

from __future__ import annotations

import re

from taskrole.dataclass import dataclass


@dataclass(frozen=True)
class ShortLived:
    """A pattern for all resources of the same kind and parent, and the noun for them: `task`."""

    pattern: str
    kind: str


_ID = "(?:[0-9a-f]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})"
# By service: the kind of resource, and the constant part of the ARN after the account, before the id.
_FORMS = {
    "states": {"execution": re.compile("((?:execution|express):[^:*]+:).+")},
    "ecs": {
        "task": re.compile(f"(task/(?:[^/*]+/)?){_ID}"),
        "container instance": re.compile(f"(container-instance/(?:[^/*]+/)?){_ID}"),
    },
    "logs": {"log stream of a task": re.compile(f"(log-group:[^*]+:log-stream:[^*]+/){_ID}")},
    "batch": {"job": re.compile(f"(job/){_ID}")},
    "ssm": {"automation": re.compile(f"(automation-execution/){_ID}")},
    "bedrock": {"invocation": re.compile("(async-invoke/)[a-z0-9]{12}")},
}


def short_lived(resource: str) -> ShortLived | None:
    """Return the kind of a resource that exists for a single task or call, or None."""
    fields = resource.split(":", 5)
    for kind, form in _FORMS.get(fields[2], {}).items() if len(fields) == 6 else ():
        if match := form.fullmatch(fields[5]):
            return ShortLived(f"{':'.join(fields[:5])}:{match[1]}*", kind)
    return None
