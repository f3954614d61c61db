"""Sids: short names for the purpose of statements. The same grants always result in the same Sid.

IAM accepts only letters and digits: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_sid.html
"""

from __future__ import annotations

import re
from collections.abc import Collection
from functools import lru_cache

from taskrole.dataclass import dataclass
from taskrole.grant import Condition, Effect

# Compared up to the region, as policy variables may follow.
_VIA_SERVICE = "kms:viaservice"


@dataclass(frozen=True)
class _Row:
    """The Sid of statements that have only these actions; `via` and `rules`, if given, must match too."""

    sid: str
    actions: frozenset[str]
    via: str = ""
    rules: frozenset[str] = frozenset()

    def names(self, actions: frozenset[str], via: frozenset[str], rules: frozenset[str]) -> bool:
        return (
            actions <= self.actions
            and (not self.via or via == {self.via})
            and (not self.rules or (bool(rules) and rules <= self.rules))
        )


def _row(sid: str, service: str, actions: str, *, via: str = "", rules: str = "") -> _Row:
    names = frozenset(f"{service}:{action}".lower() for action in actions.split())
    return _Row(sid, names, via, frozenset(rules.split()))


# The first matching row names the statement.
_TABLE = (
    _row("GetRegistryToken", "ecr", "GetAuthorizationToken"),
    _row("PullImages", "ecr", "BatchGetImage GetDownloadUrlForLayer BatchCheckLayerAvailability"),
    _row(
        "PullImagesThroughCache",
        "ecr",
        "BatchGetImage GetDownloadUrlForLayer BatchCheckLayerAvailability BatchImportUpstreamImage CreateRepository",
    ),
    _row("ReadSecrets", "secretsmanager", "GetSecretValue"),
    _row("ReadParameters", "ssm", "GetParameters GetParameter GetParametersByPath"),
    _row("DecryptSecrets", "kms", "Decrypt", via="secretsmanager"),
    _row("DecryptParameters", "kms", "Decrypt", via="ssm"),
    _row("DecryptObjects", "kms", "Decrypt", via="s3"),
    _row("DecryptData", "kms", "Decrypt"),
    _row("CreateLogGroups", "logs", "CreateLogGroup"),
    _row("WriteLogs", "logs", "CreateLogStream PutLogEvents DescribeLogStreams"),
    _row("WriteLogs", "logs", "CreateLogGroup CreateLogStream PutLogEvents DescribeLogStreams"),
    _row("FindLogGroups", "logs", "DescribeLogGroups"),
    _row("SetLogRetention", "logs", "PutRetentionPolicy"),
    _row("ReadEnvironmentFiles", "s3", "GetObject", rules="S3-1"),
    _row("ReadObjects", "s3", "GetObject GetObjectVersion"),
    _row("WriteObjects", "s3", "PutObject"),
    _row("LocateBuckets", "s3", "GetBucketLocation"),
    _row("ListBuckets", "s3", "ListBucket GetBucketLocation"),
    _row("MountFileSystems", "elasticfilesystem", "ClientMount ClientWrite ClientRootAccess"),
    _row("MountBuckets", "s3files", "ClientMount ClientWrite ClientRootAccess"),
    _row("FindFileSystems", "fsx", "DescribeFileSystems"),
    _row(
        "OpenExecSessions",
        "ssmmessages",
        "CreateControlChannel CreateDataChannel OpenControlChannel OpenDataChannel",
    ),
    _row(
        "WriteTraces",
        "xray",
        "PutTraceSegments PutTelemetryRecords GetSamplingRules GetSamplingTargets GetSamplingStatisticSummaries",
    ),
    _row("WriteMetrics", "cloudwatch", "PutMetricData"),
    _row("WriteDeliveryStreams", "firehose", "PutRecord PutRecordBatch"),
    _row("WriteDataStreams", "kinesis", "PutRecord PutRecords"),
    _row("AssumeRoles", "sts", "AssumeRole"),
    _row("PassRoles", "iam", "PassRole"),
)

_READ_VERBS = ("BatchGet", "Describe", "Get", "Head", "List", "Query", "Scan", "Search", "Select")
_WRITE_VERBS = ("Abort", "BatchWrite", "Create", "Delete", "Put", "Send", "Update", "Write")


# Thousands of roles have the same few kinds of statements.
@lru_cache(maxsize=1_024)
def statement_sid(
    effect: Effect,
    actions: frozenset[str],
    conditions: tuple[Condition, ...] = (),
    rules: frozenset[str] = frozenset(),
) -> str:
    """Return the Sid of a statement: from the table, or else composed of its verbs and service.

    The Sid of a single action is its name (`DescribeTable`). Several are named `ReadDynamodb`, `WriteDynamodb` or, if
    mixed, `UseDynamodb`. A Deny has the prefix Deny: `DenyReadSecrets`.
    """
    folded = frozenset(action.lower() for action in actions)
    via = _via_services(conditions)
    known = next((row.sid for row in _TABLE if row.names(folded, via, rules)), None)
    return f"{'Deny' if effect == 'Deny' else ''}{known or _described(sorted(actions))}"


def _via_services(conditions: Collection[Condition]) -> frozenset[str]:
    return frozenset(
        value.split(".", 1)[0] for _, key, values in conditions if key.lower() == _VIA_SERVICE for value in values
    )


def _described(actions: list[str]) -> str:
    services = {_service(action) for action in actions}
    names = [action.rpartition(":")[2] for action in actions]
    if len(actions) == 1 and "*" not in names[0] and "?" not in names[0]:
        return _letters(names[0]) or "Use"
    return f"{_verb(names)}{services.pop() if len(services) == 1 else 'Services'}"


def _verb(names: list[str]) -> str:
    if all(name.startswith(_READ_VERBS) for name in names):
        return "Read"
    return "Write" if all(name.startswith(_WRITE_VERBS) for name in names) else "Use"


def _service(action: str) -> str:
    service = action.partition(":")[0] if ":" in action else ""
    return "".join(map(_letters, re.split(r"[-*?]", service))) or "Everything"


def _letters(text: str) -> str:
    kept = re.sub(r"[^A-Za-z0-9]", "", text)
    return kept[:1].upper() + kept[1:]
