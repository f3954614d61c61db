"""Credential specs for gMSA: `credentialSpecs[]`, or `dockerSecurityOptions[]` as it used to be.

    credentialspec:PLACE              the instance or the task is joined to the domain
    credentialspecdomainless:PLACE    it is not: the spec names a secret, which an option must tell (GM-4, GM-5)

PLACE is an object's ARN (GM-1), a parameter's ARN (GM-2) or file://… on a Windows instance (GM-3).
Source: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/linux-gmsa.html
"""

from __future__ import annotations

from collections.abc import Iterator

from taskrole.errors import shown
from taskrole.taskdef.document import Field, Node
from taskrole.taskdef.items import Item, Setting, finding, name_of, option_used, unusable, usable
from taskrole.taskdef.launch import compatibilities, is_windows
from taskrole.taskdef.references import BadReferenceError, Parameter, parse_whole_secret
from taskrole.taskdef.s3_objects import object_items
from taskrole.taskdef.secret_values import parameter_items_here, reference_of, secret_value_items

_JOINED, _DOMAINLESS = "credentialspec:", "credentialspecdomainless:"
_MISSPELT = "domainlesscredentialspec:"


def credential_spec_items(task: Node, setting: Setting) -> Iterator[Item]:
    """Yield what reading credential specs needs (GM-1 to GM-5)."""
    for container in task.nodes("containerDefinitions"):
        yield from usable(_container_items(task, container, setting))


def _container_items(task: Node, container: Node, setting: Setting) -> Iterator[Item]:
    specs = _entries(container, "credentialSpecs")
    legacy = [one for one in _entries(container, "dockerSecurityOptions") if "credentialspec" in one[0]]
    if specs and legacy:
        message = "holds a credential spec that is not used, since credentialSpecs holds one; leave it out"
        yield finding("GM-BOTH", "warning", container.field("dockerSecurityOptions"), message)
    entries = specs or legacy
    if len(entries) > 1:
        raise unusable("GM-FORM", entries[1][1], f"must be the only credential spec of a container; got {len(entries)}")
    for text, field in entries:
        yield from _spec_items(task, container, text, field, setting)


def _entries(container: Node, key: str) -> list[tuple[str, Field]]:
    return [(text, container.field(f"{key}/{index}")) for index, text in container.texts(key)]


def _spec_items(task: Node, container: Node, text: str, field: Field, setting: Setting) -> Iterator[Item]:
    prefix = next((one for one in (_JOINED, _DOMAINLESS) if text.startswith(one)), None)
    if prefix is None:
        way_out = f"; write {_DOMAINLESS}" if text.startswith(_MISSPELT) else ""
        raise unusable("GM-FORM", field, f"must begin with {_JOINED} or {_DOMAINLESS}; got {shown(text)}{way_out}")
    place = text.removeprefix(prefix)
    if "FARGATE" in compatibilities(task) and not (prefix == _DOMAINLESS and ":s3:" in place):
        message = f"must be {_DOMAINLESS} with an object in S3 on Fargate; got {shown(text)}"
        raise unusable("GM-FARGATE", field, message)
    because = f"{name_of(container)} logs on to Active Directory by this credential spec"
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
    if "gmsa" in setting.options.compat:
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
        message = f"must be in S3, in a parameter or, on Windows, in a file://; got {shown(place)}"
        raise unusable("GM-FORM", field, message)
    yield from parameter_items_here("GM-2", field, reference, setting, because, is_decrypted=not is_windows(task))


def _domainless_items(task: Node, container: Node, place: str, field: Field, setting: Setting) -> Iterator[Item]:
    windows = is_windows(task)
    rule = "GM-5" if windows else "GM-4"
    text = setting.options.credential_spec_secrets.get(place)
    if text is None:
        message = (
            "names a secret inside the credential spec, which cannot be seen here; name it in the option"
            f" credential_spec_secrets: {{{shown(place)}: SECRET-ARN}}"
        )
        raise unusable(rule, field, message)
    yield option_used("credential_spec_secrets", place)
    if windows:
        message = "is read with the execution role, as the agent does; AWS's page names the instance's role instead"
        yield finding("GM-5", "warning", field, message)
    try:
        secret = parse_whole_secret(text)
    except BadReferenceError as error:
        raise unusable(rule, field, str(error)) from None
    because = f"{name_of(container)} logs on to Active Directory with it"
    yield from secret_value_items(field, secret, setting, because, rule=rule)
