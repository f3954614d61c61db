r"""ARNs: parsing, and the forms that taskrole writes.

The forms, numbered as code and tests refer to them:

1.  role                  arn:P:iam::A:role[/PATH]/NAME
2.  AWS managed policy    arn:P:iam::aws:policy[/PATH]/NAME
3.  customer policy       arn:P:iam::A:policy[/PATH]/NAME
4.  all ECS of a region   arn:P:ecs:R:A:*                      (aws:SourceArn of a task's role)

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from taskrole.errors import shown
from taskrole.partitions import partitions

LONGEST_ARN = 2048
ACCOUNT = re.compile(r"\d{12}")
SERVICE = re.compile(r"[a-z0-9-]+")

# The same in every partition, China included: https://github.com/terraform-aws-modules/terraform-aws-ecs/issues/124
ECS_TASKS_PRINCIPAL = "ecs-tasks.amazonaws.com"


@dataclass(frozen=True)
class Arn:
    """The six parts of an ARN; region and account are empty where the service leaves them out."""

    partition: str
    service: str
    region: str
    account: str
    resource: str

    def __str__(self) -> str:
        return f"arn:{self.partition}:{self.service}:{self.region}:{self.account}:{self.resource}"


@dataclass(frozen=True)
class Context:
    """Where a role lives: partition and region always, the 12-digit account where it is known."""

    partition: str
    region: str
    account: str | None = None


def parse_arn(text: str) -> Arn:
    """Return the parts of an ARN without wildcards in its first five parts.

    Raises ValueError, its text naming the rule that is broken and the value.
    """
    parts = text.split(":", 5)
    if len(parts) != 6 or parts[0] != "arn" or not parts[5]:
        raise ValueError(f"must be an ARN, arn:partition:service:region:account:resource; got {shown(text)}")
    if len(text) > LONGEST_ARN:
        raise ValueError(f"must be at most {LONGEST_ARN} characters long, as every ARN; got {len(text)}")
    arn = Arn(*parts[1:])
    if arn.partition not in partitions():
        raise ValueError(f"must name a partition ({', '.join(partitions())}); got {shown(arn.partition)}")
    if not SERVICE.fullmatch(arn.service):
        raise ValueError(f"must name a service in its third part; got {shown(text)}")
    if arn.region and not partitions()[arn.partition].could_have(arn.region):
        raise ValueError(f"must name a region of partition {arn.partition}; got {shown(arn.region)}")
    if arn.account not in ("", "aws") and not ACCOUNT.fullmatch(arn.account):
        raise ValueError(f"must name an account of 12 digits in its fifth part; got {shown(arn.account)}")
    if not text.isprintable() or " " in text:
        raise ValueError(f"must hold no white space or control characters; got {shown(text)}")
    return arn


def parse_policy_arn(text: str) -> Arn:
    """Return the parts of the ARN of a managed policy, AWS's or a customer's (forms 2 and 3).

    Raises ValueError, its text naming the rule that is broken and the value.
    """
    arn = parse_arn(text)
    if arn.service != "iam" or arn.region or not arn.account or not re.fullmatch(POLICY_RESOURCE, arn.resource):
        raise ValueError(
            f"must be the ARN of a managed policy, arn:PARTITION:iam::ACCOUNT:policy/NAME; got {shown(text)}"
        )
    return arn


POLICY_RESOURCE = r"policy/([A-Za-z0-9.,+@=_-]+/)*[A-Za-z0-9_+=,.@-]{1,128}"


def aws_managed_policy_arn(partition: str, name: str) -> str:
    """Return form 2 for a name with its path, such as `service-role/AmazonECSTaskExecutionRolePolicy`."""
    return f"arn:{partition}:iam::aws:policy/{name}"


def all_ecs_arn(context: Context) -> str:
    """Return form 4: AWS documents that a single cluster cannot be named.

    Source: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-iam-roles.html
    """
    return f"arn:{context.partition}:ecs:{context.region}:{context.account}:*"
