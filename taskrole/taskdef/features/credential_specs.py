"""Credential specs for gMSA: `credentialSpecs[]`, or the older `dockerSecurityOptions[]`.

    credentialspec:PLACE              for an instance or task that is joined to the domain
    credentialspecdomainless:PLACE    for one that is not: the spec names a secret, set with an option (GM-4, GM-5)

PLACE is an object's ARN (GM-1), a parameter's ARN (GM-2) or file://… on a Windows instance (GM-3).
Source: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/linux-gmsa.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from taskrole.arns import Context
from taskrole.errors import Problem, quote
from taskrole.taskdef.document import Field, Node
from taskrole.taskdef.failure import STOPS
from taskrole.taskdef.feature import LOGS_AND_FILES, Feature, container_fields
from taskrole.taskdef.feature_results import Item, Setting, finding, name_of, option_used, unusable, usable
from taskrole.taskdef.features.compatibility import compatibilities, is_windows
from taskrole.taskdef.features.images.options import ImageOptions
from taskrole.taskdef.features.s3_objects.objects import object_items
from taskrole.taskdef.features.secrets.values import parameter_items_here, reference_of, secret_value_items
from taskrole.taskdef.option import option, options
from taskrole.taskdef.option_checks import each, placeholder_problems, problem
from taskrole.taskdef.references import BadReferenceError, Parameter, parse_whole_secret
from taskrole.taskdef.rule import AGENT, ECS, EXECUTION, FieldRule
from taskrole.taskdef.shape import ListOf, Scalar

_SPECS = "containerDefinitions[].credentialSpecs[], containerDefinitions[].dockerSecurityOptions[]"
_LINUX_GMSA = f"{ECS}/linux-gmsa.html"
_READ_OBJECT = ("s3:GetObject",)
_BUCKET = "arn:P:s3:::BUCKET"
_OBJECT = "arn:P:s3:::BUCKET/KEY"

_RULES = (
    FieldRule(
        "GM-1",
        "grant",
        "A credential spec in S3",
        _SPECS,
        _LINUX_GMSA,
        EXECUTION,
        _READ_OBJECT,
        f"{_OBJECT}; s3:GetBucketLocation on {_BUCKET}; by option also s3:GetObjectVersion and s3:ListBucket",
        verified=False,
        note="AWS's pages allow more on EC2 and other actions on Fargate; what Fargate needs is not known.",
        failure=STOPS,
    ),
    FieldRule(
        "GM-2",
        "grant",
        "A credential spec in a parameter; the agent reads it in the task's own region and account",
        _SPECS,
        f"{AGENT}/agent/taskresource/credentialspec/credentialspec_linux.go",
        EXECUTION,
        ("ssm:GetParameters",),
        "arn:P:ssm:R:A:parameter/NAME",
        failure=STOPS,
    ),
    FieldRule(
        "GM-3",
        "fact",
        "A credential spec in a file of the instance needs no permission",
        _SPECS,
        f"{ECS}/windows-gmsa.html",
    ),
    FieldRule(
        "GM-4",
        "grant",
        "The secret of a domainless credential spec, set with an option",
        "option credential_spec_secrets",
        _LINUX_GMSA,
        EXECUTION,
        ("secretsmanager:GetSecretValue",),
        "the secret's ARN",
        failure=STOPS,
    ),
    FieldRule(
        "GM-5",
        "grant",
        "The same on Windows, where AWS's page names the instance role and the agent uses the execution role",
        "option credential_spec_secrets",
        f"{AGENT}/agent/taskresource/credentialspec/credentialspec_windows.go",
        EXECUTION,
        ("secretsmanager:GetSecretValue",),
        "the secret's ARN",
        failure=STOPS,
    ),
    FieldRule(
        "GM-FORM",
        "refused",
        "A credential spec is credentialspec: or credentialspecdomainless: followed by its location",
        _SPECS,
        _LINUX_GMSA,
    ),
    FieldRule(
        "GM-FARGATE",
        "refused",
        "Fargate accepts only domainless credential specs in S3",
        _SPECS,
        f"{ECS}/fargate-linux-gmsa.html",
    ),
    FieldRule("GM-BOTH", "note", "credentialSpecs takes precedence over dockerSecurityOptions", _SPECS, _LINUX_GMSA),
    FieldRule(
        "NOT-DECRYPTED",
        "note",
        "On Windows, credential specs and FSx credentials in a SecureString arrive encrypted",
        f"{_SPECS}; volumes[].fsxWindowsFileServerVolumeConfiguration",
        f"{AGENT}/agent/taskresource/credentialspec/credentialspec_windows.go",
    ),
)


def _secret_problems(path: str, text: str, context: Context) -> Iterator[Problem]:
    yield from placeholder_problems(path, text) or _resolved_secret_problems(path, text, context)


def _resolved_secret_problems(path: str, text: str, context: Context) -> Iterator[Problem]:
    try:
        secret = parse_whole_secret(text)
    except BadReferenceError as error:
        yield problem(path, str(error))
        return
    if secret.partition != context.partition:
        yield problem(path, f"must be a secret of partition {context.partition}; got {quote(text)}")


@options
class CredentialSpecOptions:
    """Settings of credential specs that a task definition does not contain."""

    credential_spec_secrets: Mapping[str, str] = option(
        {},
        "The ARN of the secret of each domainless credential spec, by the spec's ARN. Default: {}, "
        "such specs are refused",
        check=each(_secret_problems),
    )


_JOINED, _DOMAINLESS = "credentialspec:", "credentialspecdomainless:"
_MISSPELT = "domainlesscredentialspec:"


def credential_spec_items(task: Node, setting: Setting) -> Iterator[Item]:
    """Yield the permissions that reading credential specs requires (GM-1 to GM-5)."""
    for container in task.nodes("containerDefinitions"):
        yield from usable(_container_items(task, container, setting))


def _container_items(task: Node, container: Node, setting: Setting) -> Iterator[Item]:
    specs = _entries(container, "credentialSpecs")
    legacy = [entry for entry in _entries(container, "dockerSecurityOptions") if "credentialspec" in entry[0]]
    if specs and legacy:
        message = "has a credential spec that ECS ignores, since credentialSpecs has one; remove it"
        yield finding("GM-BOTH", "warning", container.field("dockerSecurityOptions"), message)
    entries = specs or legacy
    if len(entries) > 1:
        raise unusable("GM-FORM", entries[1][1], f"must be the only credential spec of a container; got {len(entries)}")
    for text, field in entries:
        yield from _spec_items(task, container, text, field, setting)


def _entries(container: Node, key: str) -> list[tuple[str, Field]]:
    return [(text, container.field(f"{key}/{index}")) for index, text in container.texts(key)]


def _spec_items(task: Node, container: Node, text: str, field: Field, setting: Setting) -> Iterator[Item]:
    prefix = next((candidate for candidate in (_JOINED, _DOMAINLESS) if text.startswith(candidate)), None)
    if prefix is None:
        fix = f"; write {_DOMAINLESS}" if text.startswith(_MISSPELT) else ""
        raise unusable("GM-FORM", field, f"must begin with {_JOINED} or {_DOMAINLESS}; got {quote(text)}{fix}")
    place = text.removeprefix(prefix)
    if "FARGATE" in compatibilities(task) and not (prefix == _DOMAINLESS and ":s3:" in place):
        message = f"must be {_DOMAINLESS} with an object in S3 on Fargate; got {quote(text)}"
        raise unusable("GM-FARGATE", field, message)
    because = f"{name_of(container)} logs on to Active Directory with this credential spec"
    if place.startswith("file://"):
        yield from ()
    elif place.startswith("arn:") and ":s3:" in place:
        yield from _object_spec_items(field, place, setting, because)
    else:
        yield from _parameter_spec_items(task, field, place, setting, because)
    if prefix == _DOMAINLESS:
        yield from _domainless_items(task, container, place, field, setting)


def _object_spec_items(field: Field, place: str, setting: Setting, because: str) -> Iterator[Item]:
    more: tuple[str, ...] = ()
    more_of_bucket: tuple[str, ...] = ()
    if "gmsa" in setting.options_of(ImageOptions).compat:
        yield option_used("compat", "gmsa")
        more, more_of_bucket = ("s3:GetObjectVersion",), ("s3:ListBucket",)
    yield from object_items(
        field,
        place,
        setting,
        because,
        rules=("GM-1", "GM-1"),
        more_actions=more,
        more_bucket_actions=more_of_bucket,
    )


def _parameter_spec_items(task: Node, field: Field, place: str, setting: Setting, because: str) -> Iterator[Item]:
    reference = reference_of(field, place) if place.startswith("arn:") else None
    if not isinstance(reference, Parameter):
        message = f"must be in S3, in a parameter or, on Windows, in a file://; got {quote(place)}"
        raise unusable("GM-FORM", field, message)
    yield from parameter_items_here("GM-2", field, reference, setting, because, is_decrypted=not is_windows(task))


def _domainless_items(task: Node, container: Node, place: str, field: Field, setting: Setting) -> Iterator[Item]:
    windows = is_windows(task)
    rule = "GM-5" if windows else "GM-4"
    text = setting.options_of(CredentialSpecOptions).credential_spec_secrets.get(place)
    if text is None:
        message = (
            "names a secret inside the credential spec, which cannot be seen here; set it in the option"
            f" credential_spec_secrets: {{{quote(place)}: SECRET-ARN}}"
        )
        raise unusable(rule, field, message)
    yield option_used("credential_spec_secrets", place)
    if windows:
        message = "is read with the execution role, as in the agent's code; AWS's page names the instance role"
        yield finding("GM-5", "warning", field, message)
    try:
        secret = parse_whole_secret(text)
    except BadReferenceError as error:
        raise unusable(rule, field, str(error)) from None
    because = f"{name_of(container)} logs on to Active Directory with it"
    yield from secret_value_items(field, secret, setting, because, rule=rule)


_SHAPE = container_fields(
    {
        "name": Scalar.RESOLVED,
        "credentialSpecs": ListOf(Scalar.RESOLVED),
        "dockerSecurityOptions": ListOf(Scalar.RESOLVED),
    }
)

_NEEDS = frozenset({"credentialSpecs", "dockerSecurityOptions"})

FEATURE = Feature(LOGS_AND_FILES, _RULES, _SHAPE, CredentialSpecOptions, credential_spec_items, needs=_NEEDS)
