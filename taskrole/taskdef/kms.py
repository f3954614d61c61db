"""Keys: `options.kms_keys` says which customer managed key encrypts what, since no task definition does.

A key is allowed by its own ARN, only through the service that stores what it encrypts, in that thing's region; one that
AWS manages needs nothing (KMS-3).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from taskrole.arns import Arn, parse_arn
from taskrole.errors import shown
from taskrole.grant import Condition, RoleKind, condition_block
from taskrole.taskdef.document import Field
from taskrole.taskdef.items import Item, Setting, grant, option_path, option_used, required_elsewhere, unusable


@dataclass(frozen=True)
class Encrypted:
    """What a key encrypts: the service that stores it, its region (None: the key's), and what options may call it.

    `encryption_context` is the pair of key and values that the service gives KMS for this very thing.
    """

    service: str
    region: str | None
    names: Sequence[str]
    what: str
    encryption_context: tuple[str, tuple[str, ...]] | None = None


def is_managed_by_aws(key: str) -> bool:
    """Tell whether an option's value stands for a key of AWS's own, `alias/aws/…`."""
    return key.removeprefix("alias/").startswith("aws/")


def key_name(encrypted: Encrypted, setting: Setting) -> str | None:
    """Return the name under which an option gives the key of something, or None."""
    return next((name for name in encrypted.names if name in setting.options.kms_keys), None)


def decrypt_items(
    rule: str, field: Field, encrypted: Encrypted, setting: Setting, *, role: RoleKind = "execution"
) -> Iterator[Item]:
    """Yield the permission to decrypt something, if an option names its key; and that the key's account must agree."""
    name = key_name(encrypted, setting)
    if name is None:
        return
    yield option_used("kms_keys", name)
    text = setting.options.kms_keys[name]
    if is_managed_by_aws(text):
        return
    arn = parse_arn(text)
    if encrypted.region not in (None, arn.region):
        message = (
            f"is encrypted under a key of its own region, {encrypted.region}; options name one of {arn.region},"
            f" {shown(text)}, for it"
        )
        raise unusable("KMS-REGION", field, message)
    conditions = _conditions(encrypted, arn, setting)
    option = Field(f"options:{option_path('kms_keys', name)}", field.file)
    because = f"{encrypted.what} is encrypted under this key"
    yield grant(rule, option, because, [text], conditions=conditions, role=role)
    if arn.account != setting.context.account:
        principal = setting.execution_role if role == "execution" else setting.task_role
        yield required_elsewhere(
            field,
            account=arn.account,
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


def _conditions(encrypted: Encrypted, key: Arn, setting: Setting) -> tuple[Condition, ...]:
    # The suffix is amazonaws.com in every partition, China's, too:
    # https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html#conditions-kms-via-service
    via = f"{encrypted.service}.{encrypted.region or key.region}.amazonaws.com"
    conditions: list[Condition] = [("StringEquals", "kms:ViaService", (via,))]
    if setting.options.kms_encryption_context and encrypted.encryption_context:
        name, values = encrypted.encryption_context
        is_pattern = any("?" in value for value in values)
        conditions.append(("StringLike" if is_pattern else "StringEquals", f"kms:EncryptionContext:{name}", values))
    return tuple(sorted(conditions))
