"""The failures that rules declare for denied calls, by rule and action."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import lru_cache

from taskrole.taskdef.failure import GITHUB, IN_CONTAINER, Failure
from taskrole.taskdef.rules import RULES, FieldRule

__all__ = ["FAILURES", "TRUST_FAILURE", "Failure", "failure_of", "failures"]

TRUST_FAILURE = Failure(
    "service event",
    "ECS was unable to assume the role '…' that was provided for this task. Please verify that the role being passed"
    " has the proper trust relationship and permissions and that your IAM user has permissions to pass this role.",
    f"{GITHUB}/aws-samples/aws-modern-application-workshop/issues/149",
)


def failures(rules: Iterable[FieldRule]) -> dict[str, Failure]:
    """Return the failures of rules by rule id, those of single actions by `RULE service:Action`."""
    by_key: dict[str, Failure] = {}
    for rule in rules:
        if rule.failure:
            by_key[rule.id] = rule.failure
        by_key.update({f"{rule.id} {action}": failure for action, failure in rule.action_failures.items()})
    return by_key


FAILURES: Mapping[str, Failure] = failures(RULES.values())


_GOES_ON = "the container stops, and the task continues without it"


@lru_cache(maxsize=1024)
def failure_of(rule: str, action: str, *, is_ec2: bool = False, is_expendable: bool = False) -> Failure:
    """Return the failure of a denied call of a rule, on Fargate or on EC2.

    `is_expendable`: the task continues without the container whose field needs the call.
    """
    failure = FAILURES.get(f"{rule} {action}") or FAILURES.get(rule) or IN_CONTAINER
    if is_ec2 and failure.on_ec2:
        failure = failure.on_ec2
    if failure.ends_container and is_expendable:
        failure = replace(failure, stops=False, note=_GOES_ON)
    return replace(failure, words=failure.words.replace("{action}", action))
