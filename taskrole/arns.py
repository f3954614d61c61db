r"""ARNs and accounts: parsing, the forms that taskrole writes, and how messages describe an account (ACCOUNT_FORM).

The forms, numbered as code and tests refer to them:

1.  role                  arn:P:iam::A:role[/PATH]/NAME
2.  AWS managed policy    arn:P:iam::aws:policy[/PATH]/NAME
3.  customer policy       arn:P:iam::A:policy[/PATH]/NAME
4.  all ECS of a region   arn:P:ecs:R:A:*                      (aws:SourceArn of a task's role)
5.  repository            arn:P:ecr:R:A:repository/NAME
6.  secret                arn:P:secretsmanager:R:A:secret:NAME-SUFFIX    (six random characters; unknown: -??????)
7.  parameter             arn:P:ssm:R:A:parameter/NAME                   (NAME without its leading slash)
8.  log group             arn:P:logs:R:A:log-group:GROUP
9.  log stream            arn:P:logs:R:A:log-group:GROUP:log-stream:STREAM
10. bucket                arn:P:s3:::BUCKET
11. object                arn:P:s3:::BUCKET/KEY
12. KMS key               arn:P:kms:R:A:key/ID                           (an alias's ARN grants nothing)
13. EFS file system       arn:P:elasticfilesystem:R:A:file-system/FS
14. EFS access point      arn:P:elasticfilesystem:R:A:access-point/AP
15. S3 file system        arn:P:s3files:R:A:file-system/FS[/access-point/AP]
16. Firehose stream       arn:P:firehose:R:A:deliverystream/NAME
17. Kinesis stream        arn:P:kinesis:R:A:stream/NAME
18. OpenSearch domain     arn:P:es:R:A:domain/NAME
19. App Mesh node         arn:P:appmesh:R:A:mesh/MESH/virtualNode/NODE

P is the partition, R the region, A the account. Names that come from people are made literal first (`literal`).

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import NamedTuple

from taskrole.dataclass import dataclass
from taskrole.errors import BadValueError, quote
from taskrole.partitions import partitions

LONGEST_ARN = 2048
ACCOUNT = re.compile(r"[0-9]{12}")
# Its form in messages.
ACCOUNT_FORM = "12 digits"
SERVICE = re.compile(r"[a-z0-9-]+")

# The same in every partition, China included: https://github.com/terraform-aws-modules/terraform-aws-ecs/issues/124
ECS_TASKS_PRINCIPAL = "ecs-tasks.amazonaws.com"


class Arn(NamedTuple):
    """The six parts of an ARN; region and account are empty if the service omits them."""

    partition: str
    service: str
    region: str
    account: str
    resource: str

    def __str__(self) -> str:
        return f"arn:{self.partition}:{self.service}:{self.region}:{self.account}:{self.resource}"


@dataclass(frozen=True)
class Context:
    """The partition, region and, if known, 12-digit account of a role."""

    partition: str
    region: str
    account: str | None = None


# The partitions' own patterns accept letters of any script in the middle of a region's name.
_REGION = re.compile(r"[a-z]{2,}(-[a-z]+)+-[0-9]{1,2}")


@lru_cache(maxsize=1_024)
def is_region(text: str, partition: str) -> bool:
    """Return whether a text is a region of a partition, or matches the partition's pattern."""
    return _REGION.fullmatch(text) is not None and partitions()[partition].could_have(text)


def parse_arn(text: str) -> Arn:
    """Return the parts of an ARN without wildcards in its first five parts.

    Raises ValueError with the rule and the value.
    """
    parts = text.split(":", 5)
    if len(parts) != 6 or parts[0] != "arn" or not parts[5]:
        raise BadValueError(f"must be an ARN, arn:partition:service:region:account:resource; got {quote(text)}")
    if len(text) > LONGEST_ARN:
        raise BadValueError(f"must be at most {LONGEST_ARN} characters long; got {len(text)}")
    arn = Arn(*parts[1:])
    if not "".join(parts[:5]).isascii():
        raise BadValueError(f"must have only ASCII characters in its first five parts; got {quote(text)}")
    if arn.partition not in partitions():
        raise BadValueError(f"must have a partition of {', '.join(partitions())}; got {quote(arn.partition)}")
    if not SERVICE.fullmatch(arn.service):
        raise BadValueError(f"must have a service in its third part; got {quote(text)}")
    if arn.region and not is_region(arn.region, arn.partition):
        raise BadValueError(f"must have a region of partition {arn.partition}; got {quote(arn.region)}")
    if arn.account not in ("", "aws") and not ACCOUNT.fullmatch(arn.account):
        raise BadValueError(f"must have an account of {ACCOUNT_FORM} in its fifth part; got {quote(arn.account)}")
    if not text.isprintable() or " " in text:
        raise BadValueError(f"must not contain white space or control characters; got {quote(text)}")
    return arn


@lru_cache(maxsize=1_024)
def known_arn(text: str) -> Arn:
    """Return what `parse_arn` returns, for an ARN that is parsed many times: a role's, in each of its calls."""
    return parse_arn(text)


def parse_policy_arn(text: str) -> Arn:
    """Return the parts of the ARN of an AWS or customer managed policy (forms 2 and 3).

    Raises ValueError with the rule and the value.
    """
    arn = parse_arn(text)
    if arn.service != "iam" or arn.region or not arn.account or not re.fullmatch(POLICY_RESOURCE, arn.resource):
        raise BadValueError(
            f"must be the ARN of a managed policy, arn:PARTITION:iam::ACCOUNT:policy/NAME; got {quote(text)}"
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


def role_arn(context: Context, name: str) -> str:
    """Return form 1 for a role's name, with its path if it has one (`team/web`)."""
    return f"arn:{context.partition}:iam::{context.account}:role/{name}"


def repository_arn(partition: str, region: str, account: str, name: str) -> str:
    """Return form 5: the whole name, slashes included; without tag, digest or kind of endpoint."""
    return f"arn:{partition}:ecr:{region}:{account}:repository/{name}"


def secret_arn(partition: str, region: str, account: str, id_: str) -> str:
    """Return form 6 for a name with its suffix, or with `-??????` if the suffix is unknown."""
    return f"arn:{partition}:secretsmanager:{region}:{account}:secret:{id_}"


def parameter_arn(partition: str, region: str, account: str, name: str) -> str:
    """Return form 7; without a second slash for the name of a parameter in a hierarchy."""
    return f"arn:{partition}:ssm:{region}:{account}:parameter/{name.removeprefix('/')}"


def log_group_arn(context: Context, region: str, group: str) -> str:
    """Return form 8, in the context's account; the region of logs can differ from the task's."""
    return f"arn:{context.partition}:logs:{region}:{context.account}:log-group:{group}"


def log_stream_arn(context: Context, region: str, group: str, stream: str) -> str:
    """Return form 9; an empty stream is what CloudWatch Logs checks for CreateLogGroup."""
    return f"{log_group_arn(context, region, group)}:log-stream:{stream}"


def bucket_arn(partition: str, bucket: str) -> str:
    """Return form 10."""
    return f"arn:{partition}:s3:::{bucket}"


def object_arn(partition: str, bucket: str, key: str) -> str:
    """Return form 11; the key is a pattern, so that names must be escaped with `literal` first."""
    return f"arn:{partition}:s3:::{bucket}/{key}"


def regional_arn(context: Context, service: str, resource: str, region: str | None = None) -> str:
    """Return an ARN in the context's account, and in its region or another (forms 13, 14, 16, 17, 19)."""
    return f"arn:{context.partition}:{service}:{region or context.region}:{context.account}:{resource}"


# Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
_WILDCARDS = {"*": "${*}", "?": "${?}", "$": "${$}"}
# Printable ASCII that needs no escape, as nearly all names are.
_PLAIN = re.compile(r"[ -#%-)+->@-~]*")
LAST_POLICY_CHARACTER = "\u00ff"


def literal(text: str) -> str:
    """Return a name escaped for a policy's resource, which then matches only this name: `*`, `?` and `$` escaped.

    A policy cannot contain characters above U+00FF; each becomes `?`, which matches any character (see `is_exact`).
    Raises ValueError for control characters, lone surrogates and characters above U+FFFF, which match several `?`.
    """
    if _PLAIN.fullmatch(text):
        return text
    return "".join(map(_literal_character, text))


def is_exact(text: str) -> bool:
    """Return whether a policy can contain all characters of a name."""
    return text.isascii() or all(character <= LAST_POLICY_CHARACTER for character in text)


def _literal_character(character: str) -> str:
    if unicodedata.category(character) in ("Cc", "Cs") or character > "\uffff":
        raise BadValueError(
            f"must not contain {quote(character)}, which an IAM policy can neither contain nor match exactly"
        )
    return "?" if character > LAST_POLICY_CHARACTER else _WILDCARDS.get(character, character)
