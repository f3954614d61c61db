"""Recognises denied calls in stopped reasons, service events, errors of ECS Exec, and logs of log routers.

The reverse of `taskdef.failures`: maps a text to the rule of docs/rules.md whose calls fail with it, and thus to the
actions and the role. Texts of the same forms with other causes, such as a network without a route to the service, are
also recognised.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from taskrole.arns import Context, object_arn, regional_arn, repository_arn
from taskrole.dataclass import dataclass
from taskrole.grant import RoleKind
from taskrole.policy.catalogue.actions import is_known
from taskrole.policy.catalogue.resource_types import resource_types, supports_resource
from taskrole.taskdef.failures import TRUST_FAILURE, Failure, failure_of
from taskrole.taskdef.features.images.names import parse_ecr_host, parse_image
from taskrole.taskdef.rules import RULES

_LONGEST = 65_536

# The rule whose calls fail with a text; the first match applies. The surrounding text depends on the platform version.
_FORMS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (rule, re.compile(pattern.replace(" ", r"\s+"), re.IGNORECASE | re.DOTALL))
    for rule, pattern in (
        ("TRUST", r"unable to assume (?:the|your)? ?(?:service-linked )?role"),
        ("IMG-1", r"unable to retrieve ecr registry auth|CannotPullECRContainerError"),
        ("RC-1", r"unable to get registry auth from asm|asm fetching secret from the service"),
        ("KMS-1", r"unable to retrieve secrets? from asm\b.{0,4000}?(?:Access to KMS is not allowed|\bkms:Decrypt\b)"),
        ("SM-1", r"unable to retrieve secrets? from asm\b"),
        ("KMS-2", r"unable to retrieve secrets? from ssm\b.{0,4000}?\bkms:Decrypt\b"),
        ("SSM-1", r"unable to retrieve secrets? from ssm\b"),
        ("LOG-3", r"failed to create Cloudwatch log group"),
        ("LOG-1", r"failed to create Cloudwatch log stream"),
        ("S3-1", r"failed to download env files|unable to download env file\b"),
        ("FL-1", r"unable to download (?:firelens )?s3 config\b"),
        ("FL-2", r"\[FluentBit Init Process\] Cannot (?:download|get bucket region)"),
        ("FL-4", r"\[(?:output:)?(?:kinesis_)?firehose\b"),
        ("FL-5", r"\[(?:output:)?kinesis(?:_streams)?\b"),
        ("FL-7", r"\[(?:output:)?cloudwatch(?:_logs)?\b"),
        ("FL-6", r"\[output:s3\b"),
        ("EFS-1", r"failed to invoke EFS utils commands|access denied by server while mounting"),
        ("EXE-1", r"TargetNotConnected(?:Exception)?\b"),
        ("EXE-2", r"encryption is not set up on the selected CloudWatch Logs log group"),
        ("EXE-3", r"unable to validate encryption on (?:Amazon )?S3 bucket"),
        ("EXE-4", r"Fetching data key failed|Unable to retrieve data key"),
        ("IMG-2", r"CannotPull\w*Error\b|failed to resolve ref(?:erence)?\b|pull access denied for"),
    )
)

# Causes of such a text other than a denied call: the pattern, and the cause and fix as sentences.
_NETWORK = (
    r"connection issue between the task and|RequestCanceled|context deadline exceeded|dial tcp|i/o timeout"
    r"|no such host|TLS handshake timeout|connection refused|request canceled while waiting"
)
_ABSENT = (
    r"ResourceNotFoundException|log group does not exist|can't find the specified secret|invalid parameters:"
    r"|manifest unknown|: not found|ImageNotFound|NoSuchKey|NoSuchBucket"
)
_CAUSES: Mapping[str, str] = {
    _NETWORK: "The service could not be reached. Add a route to it to the task's subnet: a NAT gateway or VPC endpoints"
    " (ecr.api, ecr.dkr, s3, logs, secretsmanager, ssm). Allow port 443 in the security group.",
    r"did not contain json key": "The secret was read, but does not have this JSON key. Correct the key in valueFrom,"
    " or add it to the secret.",
    r"marked for deletion|marked deleted": "The secret is being deleted. Restore it, or use another secret in the task"
    " definition.",
    _ABSENT: "The resource does not exist under this name in this region. Correct the name, or create the resource."
    " Services return the same error for resources in another account that the caller cannot see.",
    r"too ?many ?requests|rate limit|ThrottlingException|Rate exceeded": "The registry or service throttles requests."
    " Use a pull through cache of ECR, or try again.",
}
_OTHER_CAUSES = tuple(
    (re.compile(pattern.replace(" ", r"\s+"), re.IGNORECASE), cause) for pattern, cause in _CAUSES.items()
)

_DENIED = re.compile(
    r"Access\s?Denied|access\s+denied\s+by\s+server|not\s+authorized|\b403\b|Forbidden|not\s+allowed|permissions?\s+to"
    r"|unable\s+to\s+assume|TargetNotConnected|encryption\s+is\s+not\s+set\s+up|pull\s+access\s+denied|: denied",
    re.IGNORECASE,
)
_ARN = re.compile(r"arn:aws[a-z-]*:[a-z0-9-]+:[a-z0-9-]*:[0-9]*:[^\s\"'`,;<>]{1,1600}")
_IMAGE = re.compile(r"[0-9]{12}\.dkr[.-]ecr[a-z0-9.-]{1,80}/[a-z0-9._/-]{1,256}")
_OBJECT = re.compile(r"\bkey\s+(?P<key>\S{1,1024})\s+from\s+bucket\s+(?P<bucket>[a-z0-9.-]{3,63}[a-z0-9])")
_FILE_SYSTEM = re.compile(r"\bfs-[0-9a-f]{8,40}\b")


@dataclass(frozen=True)
class Symptom:
    """The failure in a text: its rule, the role and actions, and the matched text.

    `cause` is a sentence if the text has a cause other than a denied call, otherwise empty.
    """

    rule: str
    failure: Failure
    kind: RoleKind | None = None
    actions: tuple[str, ...] = ()
    cause: str = ""


def read_symptom(text: str) -> Symptom | None:
    """Return the failure in a text, or None if the text has no known form."""
    text = text[:_LONGEST]
    rule = next((rule for rule, pattern in _FORMS if pattern.search(text)), None)
    if rule is None:
        return None
    other = next((cause for pattern, cause in _OTHER_CAUSES if pattern.search(text)), "")
    cause = "" if _DENIED.search(text) else other
    if rule == "TRUST":
        return Symptom(rule, TRUST_FAILURE, None, ("sts:AssumeRole",), cause)
    entry = RULES[rule]
    return Symptom(rule, failure_of(rule, entry.actions[0]), entry.roles[0], entry.actions, cause)


def named_resources(text: str, action: str, place: Context | None) -> tuple[str, ...]:
    """Return the resources in a text that an action supports, sorted; `place` is where the task ran."""
    return tuple(sorted({arn for arn in _named(text[:_LONGEST], place) if arn != "*" and _fits(action, arn)}))


def has_no_resources(actions: Iterable[str]) -> bool:
    """Return whether actions can be allowed only on `*`."""
    return all(is_known(action) and not resource_types(action) for action in actions)


def _named(text: str, place: Context | None) -> Iterator[str]:
    for match in _ARN.finditer(text):
        yield match.group().rstrip(".:)]}")
    for match in _IMAGE.finditer(text):
        image = parse_image(match.group().rstrip("./-"))
        registry = parse_ecr_host(image.host)
        if registry:
            yield repository_arn(registry.partition, registry.region, registry.account, image.repository)
    partition = place.partition if place else "aws"
    for match in _OBJECT.finditer(text):
        yield object_arn(partition, match["bucket"], match["key"].strip("'\""))
    if place and place.account:
        for match in _FILE_SYSTEM.finditer(text):
            yield regional_arn(place, "elasticfilesystem", f"file-system/{match.group()}")


def _fits(action: str, arn: str) -> bool:
    try:
        return supports_resource(action, arn)
    except KeyError:
        return False
