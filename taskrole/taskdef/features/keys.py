"""Keys: the option `kms_keys` names the customer managed keys of secrets, parameters and buckets.

A grant names the key's ARN and is limited, with kms:ViaService, to the service that stores the encrypted data and its
region. An AWS managed key needs no permission. Without the option, it is unknown whether a key is used (KMS-3).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from taskrole.arns import Context, known_arn
from taskrole.errors import BadValueError, Problem, quote
from taskrole.finding import Finding
from taskrole.grant import Condition, Grant, RoleKind, condition_block
from taskrole.taskdef.document import Field
from taskrole.taskdef.failure import EXECUTION_RESOURCES, GITHUB, PULL_SECRETS_PAGE, Failure
from taskrole.taskdef.feature import SECRETS, Feature
from taskrole.taskdef.feature_results import (
    Item,
    PossibleNeed,
    Setting,
    finding,
    option_used,
    required_elsewhere,
    unusable,
)
from taskrole.taskdef.option import Flag, option, option_path, options
from taskrole.taskdef.option_checks import arn, each, placeholder_problems
from taskrole.taskdef.rule import DOCS, ECS, EXECUTION, FieldRule

_SECRET = "containerDefinitions[].secrets[].valueFrom, …logConfiguration.secretOptions[].valueFrom"  # noqa: S105
_SM_GUIDE = f"{DOCS}/secretsmanager/latest/userguide"
_SSM_GUIDE = f"{DOCS}/systems-manager/latest/userguide"
_DECRYPT = ("kms:Decrypt",)
_SECRET_KEY_DENIED = Failure(
    "stopped reason",
    f"{EXECUTION_RESOURCES}unable to retrieve secret from asm: service call has been retried … time(s): failed to fetch"
    " secret … from secrets manager: AccessDeniedException: Access to KMS is not allowed",
    f"{GITHUB}/GiamPy5/terraform-aws-directus/issues/10",
)
_PARAMETER_KEY_DENIED = Failure(
    "stopped reason",
    f"{EXECUTION_RESOURCES}unable to retrieve secrets from ssm: service call has been retried … time(s):"
    " AccessDeniedException: … is not authorized to perform: kms:Decrypt …",
    PULL_SECRETS_PAGE,
)

_RULES = (
    FieldRule(
        "KMS-1",
        "option",
        "Decrypt secrets under a customer managed key, only through Secrets Manager",
        "option kms_keys",
        f"{_SM_GUIDE}/security-encryption.html",
        EXECUTION,
        _DECRYPT,
        "arn:P:kms:R:A:key/ID if kms:ViaService is secretsmanager.R.amazonaws.com",
        note="That the ARN of an alias does not allow the use of its key is general knowledge, not read on a page.",
        failure=_SECRET_KEY_DENIED,
    ),
    FieldRule(
        "KMS-2",
        "option",
        "Decrypt SecureString parameters under a customer managed key, only through Parameter Store",
        "option kms_keys",
        f"{_SSM_GUIDE}/secure-string-parameter-kms-encryption.html",
        EXECUTION,
        _DECRYPT,
        "arn:P:kms:R:A:key/ID if kms:ViaService is ssm.R.amazonaws.com",
        failure=_PARAMETER_KEY_DENIED,
    ),
    FieldRule(
        "KMS-3",
        "note",
        "AWS managed keys need no permission; a task definition does not show which key is used, so it is unknown"
        " unless you set the option kms_keys",
        f"{_SECRET}, credentialsParameter",
        f"{ECS}/task_execution_IAM_role.html",
    ),
    FieldRule(
        "KMS-REGION",
        "refused",
        "A key is in the region of what it encrypts",
        "option kms_keys",
        f"{DOCS}/kms/latest/developerguide/conditions-kms.html",
    ),
)

_KEY_ID = re.compile(r"key/(?:mrk-[0-9a-f]{32}|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})")

key_arn = arn("kms", _KEY_ID, "must be a key's ARN, arn:P:kms:REGION:ACCOUNT:key/ID (an alias allows nothing)")


# The name in `kms_keys` of all secrets and parameters without a key of their own; also `kms_keys: VALUE`.
EVERYTHING = "*"
AWS_OWNED = "aws-owned"
# The services whose keys the agent needs to read what a task definition refers to; S3-4, for buckets, is unverified.
_KEPT_BY = ("secretsmanager", "ssm")


def is_managed_by_aws(key: str) -> bool:
    """Return whether an option's value is an AWS owned or AWS managed key: `aws-owned` or `alias/aws/…`."""
    return key == AWS_OWNED or key.removeprefix("alias/").startswith("aws/")


def _key_problems(path: str, key: str, context: Context) -> Iterator[Problem]:
    yield from placeholder_problems(path, key) if is_managed_by_aws(key) else key_arn(path, key, context)


def named_keys(given: Iterable[str]) -> dict[str, str]:
    """Return keys given as NAME=ARN or ARN, by the name of the resource that each encrypts. Raises ValueError."""
    keys: dict[str, str] = {}
    for text in given:
        name, equals, key = text.rpartition("=")
        if (equals and not name) or not key:
            raise BadValueError(f"must be NAME=ARN or ARN; got {quote(text)}")
        keys[name or EVERYTHING] = key
    return keys


@options
class KeyOptions:
    """The customer managed keys that encrypt what tasks read."""

    kms_keys: Mapping[str, str] = option(
        {},
        "The key's ARN for each secret, parameter or bucket (by ARN, by name, or as task definitions name it), or "
        "aws-owned if AWS manages the key. A single value applies to all secrets and parameters. Default: {}",
        check=each(_key_problems),
        key_for_all=EVERYTHING,
        flag=Flag(
            "--kms-key",
            "KMS key of a secret, parameter or bucket, or of all secrets and parameters; aws-owned: AWS manages it.",
            metavar="[NAME=]ARN",
            is_repeatable=True,
            combine=lambda keys, given, _: {**keys, **named_keys(given)},
        ),
    )
    kms_encryption_context: bool = option(
        False, "Allow decryption only for that secret or parameter. Default: false", is_tracked=False
    )


class Encrypted(NamedTuple):
    """An encrypted resource: the service that stores it, its region (None: the key's), and its names in options.

    The names are made only if there are options with keys. `encryption_context` is the key and the values that the
    service passes to KMS. `is_own` is False for a resource of another account.
    """

    service: str
    region: str | None
    names: Callable[[], Sequence[str]]
    what: str
    encryption_context: tuple[str, tuple[str, ...]] | None = None
    is_own: bool = True


def are_keys_relevant(setting: Setting) -> bool:
    """Return whether it matters which secret or parameter is decrypted; if not, there is a general note only."""
    return setting.lists_possible or bool(setting.options_of(KeyOptions).kms_keys)


def key_name(encrypted: Encrypted, setting: Setting) -> str | None:
    """Return the name under which the option has a resource's key, or None."""
    keys = setting.options_of(KeyOptions).kms_keys
    if not keys:
        return None
    named = next((name for name in encrypted.names() if name in keys), None)
    if named or encrypted.service not in _KEPT_BY or EVERYTHING not in keys:
        return named
    key = keys[EVERYTHING]
    # A key can be used only in its own region, an AWS managed key also only in its own account.
    fits = encrypted.is_own if is_managed_by_aws(key) else encrypted.region == known_arn(key).region
    return EVERYTHING if fits else None


def decrypt_items(
    rule: str, field: Field, encrypted: Encrypted, setting: Setting, *, role: RoleKind = "execution"
) -> Iterator[Item]:
    """Yield the permission to decrypt a resource, if an option names its key, and the statement for the key's account.

    Without such a key, yield a note that the permission may be needed.
    """
    name = key_name(encrypted, setting)
    if name is None:
        yield from _unknown_key_items(rule, field, encrypted, setting, role)
        return
    yield option_used("kms_keys", name)
    text = setting.options_of(KeyOptions).kms_keys[name]
    if is_managed_by_aws(text):
        return
    parsed = known_arn(text)
    if encrypted.region not in (None, parsed.region):
        message = (
            f"must have a key in its own region, {encrypted.region}; the option kms_keys has one in {parsed.region},"
            f" {quote(text)}"
        )
        raise unusable("KMS-REGION", field, message)
    is_only_for_it = setting.options_of(KeyOptions).kms_encryption_context
    conditions = _conditions(encrypted, parsed.region, has_encryption_context=is_only_for_it)
    source = Field(f"options:{option_path('kms_keys', name)}", field.file)
    because = f"{encrypted.what} is encrypted under this key"
    yield setting.grant(rule, source, because, [text], conditions=conditions, role=role)
    if parsed.account != setting.context.account:
        principal = setting.execution_role if role == "execution" else setting.task_role
        yield required_elsewhere(
            field,
            account=parsed.account,
            service="kms",
            resource=text,
            statement={
                "Sid": "DecryptForEcsTasks",
                "Principal": {"AWS": principal},
                "Action": "kms:Decrypt",
                "Resource": text,
                "Condition": condition_block(conditions),
            },
            because=f"The key's policy must let the {role} role of another account decrypt {encrypted.what}",
        )


def _unknown_key_items(
    rule: str, field: Field, encrypted: Encrypted, setting: Setting, role: RoleKind
) -> Iterator[Item]:
    if encrypted.service not in _KEPT_BY or not encrypted.region:
        return
    yield unknown_keys_finding(field.file)
    if not setting.lists_possible:
        return
    # The key may belong to another account, but is always in this region. The service always passes the context.
    key = f"arn:{setting.context.partition}:kms:{encrypted.region}:*:key/*"
    conditions = _conditions(encrypted, encrypted.region, has_encryption_context=True)
    needed = setting.grant(rule, field, f"{encrypted.what} may be encrypted", [key], conditions=conditions, role=role)
    reason = (
        "the key is not known; name it in the option kms_keys (--kms-key NAME=ARN), or say there that AWS manages all"
        " keys (--kms-key aws-owned)"
    )
    yield PossibleNeed(needed, reason)


@lru_cache(maxsize=64)
def unknown_keys_finding(file: str) -> Finding:
    """Return the note on keys that no option names (KMS-3)."""
    message = (
        "task definitions do not contain the keys of secrets and parameters; set customer managed keys in the option"
        " kms_keys, or kms_keys: aws-owned if AWS manages all keys, which need no permission"
    )
    return finding("KMS-3", "note", Field("", file), message)


def every_key_items(setting: Setting, grants: Sequence[Grant]) -> Iterator[Item]:  # noqa: ARG001 -- the features' one signature
    """Mark the default key as used, even if it applies to no resource."""
    if EVERYTHING in setting.options_of(KeyOptions).kms_keys:
        yield option_used("kms_keys", EVERYTHING)


def _conditions(encrypted: Encrypted, key_region: str, *, has_encryption_context: bool) -> tuple[Condition, ...]:
    # The suffix is amazonaws.com in every partition, including China:
    # https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html#conditions-kms-via-service
    via = f"{encrypted.service}.{encrypted.region or key_region}.amazonaws.com"
    conditions: list[Condition] = [("StringEquals", "kms:ViaService", (via,))]
    if has_encryption_context and encrypted.encryption_context:
        name, values = encrypted.encryption_context
        is_pattern = any("?" in value for value in values)
        conditions.append(("StringLike" if is_pattern else "StringEquals", f"kms:EncryptionContext:{name}", values))
    return tuple(sorted(conditions))


FEATURE = Feature(SECRETS, _RULES, options=KeyOptions, overall=every_key_items)
