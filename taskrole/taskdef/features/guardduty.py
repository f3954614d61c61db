"""GuardDuty Runtime Monitoring: on Fargate it adds an agent as a sidecar, pulled with the execution role.

A task definition does not contain this setting (option `guardduty_agent`). data/guardduty_agent.json lists, with its
date, the account that publishes the agent's image in each region.
Source: https://docs.aws.amazon.com/guardduty/latest/ug/ecs-runtime-agent-ecr-image-uri.html
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from pkgutil import get_data

from taskrole.arns import repository_arn
from taskrole.taskdef.document import Field, Node
from taskrole.taskdef.feature import TASK_ENVIRONMENT, Feature
from taskrole.taskdef.feature_results import Item, Setting, finding, option_used
from taskrole.taskdef.features.compatibility import could_run_on, is_windows
from taskrole.taskdef.features.images.options import ImageOptions
from taskrole.taskdef.features.images.pulls import pull_conditions
from taskrole.taskdef.features.images.rules import LOGIN_DENIED, PULL_DENIED
from taskrole.taskdef.option import Flag, option, options
from taskrole.taskdef.option_checks import account
from taskrole.taskdef.rule import DOCS, EXECUTION, FieldRule

_GUARDDUTY = f"{DOCS}/guardduty/latest/ug"

_RULES = (
    FieldRule(
        "GD-1",
        "option",
        "The image of GuardDuty's agent, from the account listed for the region",
        "option guardduty_agent",
        f"{_GUARDDUTY}/ecs-runtime-agent-ecr-image-uri.html",
        EXECUTION,
        ("ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"),
        "arn:P:ecr:R:ACCOUNT:repository/aws-guardduty-agent-fargate; ecr:GetAuthorizationToken on *",
        failure=PULL_DENIED,
        action_failures={"ecr:GetAuthorizationToken": LOGIN_DENIED},
    ),
    FieldRule(
        "GD-2",
        "note",
        "Permissions boundaries and service control policies must allow guardduty:SendSecurityTelemetry",
        "option guardduty_agent",
        f"{_GUARDDUTY}/prereq-runtime-monitoring-ecs-support.html",
    ),
)


@options
class GuardDutyOptions:
    """Whether GuardDuty's agent runs in tasks."""

    guardduty_agent: bool = option(
        False,
        "GuardDuty Runtime Monitoring adds its agent to Fargate tasks. Default: false",
        flag=Flag("--guardduty", "GuardDuty adds its agent to Fargate tasks."),
    )
    guardduty_account: str | None = option(
        None, "The account that publishes the agent. Default: the one listed for the region", check=account
    )


_REPOSITORY = "aws-guardduty-agent-fargate"


@cache
def agent_accounts() -> dict[str, str]:
    """Return the accounts, of 12 digits, that publish the agent's image, by region."""
    text = get_data("taskrole.taskdef", "data/guardduty_agent.json") or b""
    accounts: dict[str, str] = json.loads(text)["accounts"]
    return accounts


def guardduty_items(task: Node, setting: Setting) -> Iterator[Item]:
    """Yield the permissions for pulling GuardDuty's agent, if it runs in the task (GD-1, GD-2)."""
    options, context = setting.options_of(GuardDutyOptions), setting.context
    if not options.guardduty_agent or is_windows(task) or not could_run_on(task, "FARGATE"):
        return
    yield option_used("guardduty_agent")
    field = Field("options:/guardduty_agent", task.file)
    publisher = options.guardduty_account or agent_accounts().get(context.region)
    if options.guardduty_account:
        yield option_used("guardduty_account")
    if publisher is None:
        message = (
            f"is published in {context.region} by an account that AWS does not list; any account is allowed,"
            " unless you set the option guardduty_account"
        )
        yield finding("GD-1", "warning", field, message)
    arn = repository_arn(context.partition, context.region, publisher or "*", _REPOSITORY)
    conditions, used = pull_conditions(task, setting)
    if used:
        yield used
    login = "GuardDuty's agent is pulled from ECR, which requires a login"
    yield setting.grant("GD-1", field, login, ("*",), actions=("ecr:GetAuthorizationToken",))
    yield setting.grant("GD-1", field, "GuardDuty adds its agent to the task", (arn,), conditions=conditions)
    if "managed-policy" in setting.options_of(ImageOptions).compat:
        yield option_used("compat", "managed-policy")
        yield setting.grant(
            "IMG-3", field, "listed on GuardDuty's page; pulls do not need it", (arn,), conditions=conditions
        )
    message = (
        "needs guardduty:SendSecurityTelemetry, which permissions boundaries and service control policies must allow"
    )
    yield finding("GD-2", "note", field, message)


FEATURE = Feature(TASK_ENVIRONMENT, _RULES, options=GuardDutyOptions, items=guardduty_items)
