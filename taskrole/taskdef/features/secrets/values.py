"""What reading a secret or parameter requires: permissions, the key, and statements that the owner must add.

Secrets are read with secretsmanager:GetSecretValue, parameters with ssm:GetParameters; the agent makes no other call.
Sources: https://github.com/aws/amazon-ecs-agent/blob/master/agent/asm/asm.go and …/agent/ssm/ssm.go
"""

from __future__ import annotations

from collections.abc import Iterator

from taskrole.errors import quote
from taskrole.taskdef.document import Field
from taskrole.taskdef.feature_results import Item, Setting, finding, option_used, required_elsewhere, unusable
from taskrole.taskdef.features.keys import Encrypted, are_keys_relevant, decrypt_items, key_name, unknown_keys_finding
from taskrole.taskdef.features.secrets.options import SecretOptions
from taskrole.taskdef.references import (
    SERVICE_CONNECT,
    THROUGH_PARAMETER_STORE,
    BadReferenceError,
    Parameter,
    Secret,
    named_secret,
    parse_reference,
)


def reference_of(field: Field, text: str) -> Secret | Parameter:
    """Return the secret or parameter of a field; raises UnusableError if the reference is invalid."""
    try:
        return parse_reference(text)
    except BadReferenceError as error:
        raise unusable(error.code, field, str(error)) from None


def secret_value_items(
    field: Field, secret: Secret, setting: Setting, because: str, *, rule: str | None = None
) -> Iterator[Item]:
    """Yield what reading a secret requires, with its key and the owner's statement; `rule` replaces SM-1 to SM-5."""
    context, options = setting.context, setting.options_of(SecretOptions)
    if secret.partition != context.partition:
        message = f"must be in partition {context.partition}, as the role; got {quote(secret.arn)}"
        raise unusable("PARTITION", field, message)
    if options.deny_service_connect_secrets and secret.id.startswith(SERVICE_CONNECT):
        yield option_used("deny_service_connect_secrets")
        message = (
            "is a TLS key of Service Connect, which the option deny_service_connect_secrets denies, so the task"
            f" would not start; use another secret, or remove the option; got {quote(secret.id)}"
        )
        raise unusable("SM-DENY", field, message)
    is_elsewhere = secret.account != context.account
    is_both = secret.form == "ambiguous" and options.takes_suffix_both_ways
    resources = secret.resources(ambiguous_is_both=is_both)
    rule = rule or _secret_rule(secret, setting, is_elsewhere=is_elsewhere)
    yield setting.grant(rule, field, because, resources, actions=("secretsmanager:GetSecretValue",))
    if secret.form == "ambiguous":
        yield from _ambiguous_items(field, secret, setting)
    if not is_elsewhere and not are_keys_relevant(setting):
        yield unknown_keys_finding(field.file)
        return
    encrypted = _encrypted_secret(secret, resources, is_own=not is_elsewhere)
    yield from decrypt_items("KMS-1", field, encrypted, setting)
    if not is_elsewhere:
        return
    yield required_elsewhere(
        field,
        account=secret.account,
        service="secretsmanager",
        resource=resources[0],
        statement={
            "Sid": "ReadByEcsTasks",
            "Principal": {"AWS": setting.execution_role},
            "Action": "secretsmanager:GetSecretValue",
            "Resource": resources[0] if len(resources) == 1 else list(resources),
        },
        because="The secret's resource policy must let the execution role of another account read it",
    )
    if key_name(encrypted, setting) is None:
        message = (
            f"is in account {secret.account}, which allows reading only with a customer managed key; set its key"
            f" in the option kms_keys: {{{secret.arn}: KEY-ARN}}"
        )
        yield finding("SM-5", "error", field, message)


def _secret_rule(secret: Secret, setting: Setting, *, is_elsewhere: bool) -> str:
    if is_elsewhere:
        return "SM-5"
    if secret.form != "full":
        return "SM-2" if secret.form == "partial" else "SM-3"
    return "SM-1" if secret.region == setting.context.region else "SM-4"


def _ambiguous_items(field: Field, secret: Secret, setting: Setting) -> Iterator[Item]:
    if setting.options_of(SecretOptions).ambiguous_secret_suffix:
        yield option_used("ambiguous_secret_suffix")
        return
    message = (
        f"ends in {secret.id[-7:]}, which may be the secret's random suffix or part of its name; treated as the suffix."
        " If it is, set the option ambiguous_secret_suffix: full; if it is not, write the whole ARN, or set the option"
        " to both"
    )
    yield finding("SM-3", "warning", field, message)


def _encrypted_secret(secret: Secret, resources: tuple[str, ...], *, is_own: bool) -> Encrypted:
    what = f"secret {secret.id}"
    return Encrypted("secretsmanager", secret.region, lambda: secret.names, what, ("SecretARN", resources), is_own)


def parameter_items(field: Field, parameter: Parameter, setting: Setting, because: str) -> Iterator[Item]:
    """Yield the permissions for reading a parameter, or the secret that it refers to (SSM-1 to SSM-6)."""
    context = setting.context
    region, account, rule = context.region, context.account or "", "SSM-2" if parameter.is_path else "SSM-1"
    if parameter.location:
        _check_place(field, parameter, setting)
        region, rule = parameter.location.region, "SSM-3"
    if not parameter.name.startswith("/aws/"):
        yield from _value_items(rule, field, _encrypted_parameter(parameter, region, setting), setting, because)
        return
    if not parameter.name.startswith(THROUGH_PARAMETER_STORE):
        message = f"must be a parameter of your own; those under /aws/ belong to AWS; got {quote(parameter.name)}"
        raise unusable("SSM-PUBLIC", field, message)
    try:
        name = parameter.name.removeprefix(THROUGH_PARAMETER_STORE)
        secret = named_secret(name, context.partition, region, account)
    except BadReferenceError as error:
        raise unusable(error.code, field, str(error)) from None
    arn = parameter.arn(context.partition, region, account)
    yield setting.grant("SSM-6", field, because, (arn,))
    yield from secret_value_items(field, secret, setting, because, rule="SSM-6")


def parameter_items_here(  # noqa: PLR0913 -- its two callers differ in these
    rule: str, field: Field, parameter: Parameter, setting: Setting, because: str, *, is_decrypted: bool
) -> Iterator[Item]:
    """Yield the permissions for a parameter if the agent ignores the region and account in its ARN (GM-2, FSX-2).

    `is_decrypted` is False if the agent reads a SecureString without decrypting it.
    """
    context, location = setting.context, parameter.location
    if location and (location.region, location.account) != (context.region, context.account):
        message = (
            f"names region {location.region} and account {location.account}, which the agent ignores: it reads the"
            f" parameter of this name in {context.region}, {context.account}"
        )
        yield finding(rule, "warning", field, message)
    encrypted = _encrypted_parameter(parameter, context.region, setting)
    if is_decrypted:
        yield from _value_items(rule, field, encrypted, setting, because)
        return
    yield setting.grant(rule, field, because, [encrypted.names()[0]], actions=_GET_PARAMETERS)
    name = key_name(encrypted, setting)
    if name:
        yield option_used("kms_keys", name)
        message = "is encrypted according to the options, and stays encrypted: the agent does not decrypt it on Windows"
        yield finding("NOT-DECRYPTED", "warning", field, message)


_GET_PARAMETERS = ("ssm:GetParameters",)


def _value_items(rule: str, field: Field, encrypted: Encrypted, setting: Setting, because: str) -> Iterator[Item]:
    yield setting.grant(rule, field, because, [encrypted.names()[0]], actions=_GET_PARAMETERS)
    yield from decrypt_items("KMS-2", field, encrypted, setting)


def _encrypted_parameter(parameter: Parameter, region: str, setting: Setting) -> Encrypted:
    """Return an encrypted parameter; the first of its names is its ARN."""
    arn = parameter.arn(setting.context.partition, region, setting.context.account or "")
    what, context = f"parameter {parameter.name}", ("PARAMETER_ARN", (arn,))
    return Encrypted("ssm", region, lambda: (arn, *parameter.names), what, context)


def _check_place(field: Field, parameter: Parameter, setting: Setting) -> None:
    location, context = parameter.location, setting.context
    if location is None:
        return
    if location.partition != context.partition:
        message = f"must be in partition {context.partition}, as the role; got {quote(location)}"
        raise unusable("PARTITION", field, message)
    if location.account != context.account:
        message = (
            f"must be in the task's own account, {context.account}: ECS does not read shared parameters; got one of"
            f" {location.account}; use a secret in Secrets Manager, or copy the parameter"
        )
        raise unusable("SSM-4", field, message)
