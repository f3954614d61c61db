"""Options, checked against their grammar and the place they are for: all that is wrong at once.

A value that holds a placeholder is named for that alone: what its grammar makes of `${X}` helps nobody.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import get_args

from taskrole.arns import ACCOUNT, Context, literal, parse_arn
from taskrole.errors import Place, Problem, shown
from taskrole.taskdef.images import parse_ecr_host
from taskrole.taskdef.kms import is_managed_by_aws
from taskrole.taskdef.logs import GROUP
from taskrole.taskdef.options import Compatibility, EcsExec, ExecLogging, Options, SecretSuffix, Sidecar
from taskrole.taskdef.placeholders import placeholder_finding
from taskrole.taskdef.references import BadReferenceError, Parameter, parse_reference, parse_whole_secret
from taskrole.taskdef.s3_objects import BUCKET

_KEY_ID = re.compile(r"key/(?:mrk-[0-9a-f]{32}|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})")
_DOMAIN = re.compile(r"domain/[a-z][a-z0-9-]{2,27}")
_ENDPOINT = re.compile(r"vpce?-[0-9a-f]{8,17}")
_FILE_SYSTEM = re.compile(r"fs-[0-9a-z]{8,40}")
_PREFIX = re.compile(r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*/?|ROOT")
_REGISTRY = re.compile(r"[0-9]{12}\.[a-z0-9-]+")


def check_options(options: Options, context: Context) -> tuple[Problem, ...]:
    """Return what is wrong with options, for a place; nothing is derived from options that are wrong."""
    checks = (_registries, _choices, _accounts, _keys, _secrets, _storage, _sidecars, _firelens)
    problems = [problem for check in checks for problem in check(options, context)]
    if options.ecs_exec:
        problems += _ecs_exec(options.ecs_exec, context)
    return tuple(problems)


def _problem(path: str, message: str) -> Problem:
    return Problem(Place("options", path=path), message)


def _value(path: str, text: str, rule: str, *, is_right: bool) -> Iterator[Problem]:
    """Yield the placeholder in a value, or that it breaks its rule."""
    broken = [] if is_right else [_problem(path, f"{rule}; got {shown(text)}")]
    yield from _placeholders(path, text) or broken


def _placeholders(path: str, text: str) -> list[Problem]:
    found = placeholder_finding(text, path)
    return [_problem(path, found.message)] if found else []


def _registries(options: Options, context: Context) -> Iterator[Problem]:  # noqa: ARG001 -- the checks' one signature
    for key, prefixes in options.pull_through_prefixes.items():
        path = f"/pull_through_prefixes/{key}"
        if not _REGISTRY.fullmatch(key) and not _is_ecr_host(key):
            yield _problem(path, f"must be a host of ECR, or ACCOUNT.REGION; got {shown(key)}")
        for prefix in prefixes:
            rule = "must be a prefix of 2 to 30 characters, as ECR's rules have, or ROOT"
            is_prefix = 2 <= len(prefix) <= 30 and _PREFIX.fullmatch(prefix) is not None
            yield from _value(path, prefix, rule, is_right=is_prefix)
    endpoint = options.vpc_endpoint
    if endpoint is not None:
        rule = "must be the id of an endpoint (vpce-…) or a VPC (vpc-…)"
        yield from _value("/vpc_endpoint", endpoint, rule, is_right=_ENDPOINT.fullmatch(endpoint) is not None)


def _is_ecr_host(host: str) -> bool:
    try:
        return parse_ecr_host(host) is not None
    except ValueError:
        return False


def _choices(options: Options, context: Context) -> Iterator[Problem]:  # noqa: ARG001
    yield from _one_of("/compat", options.compat, get_args(Compatibility))
    yield from _one_of("/sidecars", options.sidecars, get_args(Sidecar))
    yield from _one_of("/ambiguous_secret_suffix", [options.ambiguous_secret_suffix], get_args(SecretSuffix))


def _one_of(path: str, values: Iterable[str], allowed: tuple[str, ...]) -> Iterator[Problem]:
    for value in values:
        if value not in allowed:
            yield _problem(path, f"must be one of {', '.join(allowed)}; got {shown(value)}")


def _accounts(options: Options, context: Context) -> Iterator[Problem]:  # noqa: ARG001
    named = {f"/bucket_owners/{bucket}": owner for bucket, owner in options.bucket_owners.items()}
    if options.guardduty_account is not None:
        named["/guardduty_account"] = options.guardduty_account
    for path, account in named.items():
        is_account = ACCOUNT.fullmatch(account) is not None
        yield from _value(path, account, "must be an account of 12 digits", is_right=is_account)


def _keys(options: Options, context: Context) -> Iterator[Problem]:
    for name, key in options.kms_keys.items():
        path = f"/kms_keys/{name}"
        yield from _placeholders(path, key) if is_managed_by_aws(key) else _key(path, key, context)


def _key(path: str, key: str, context: Context) -> Iterator[Problem]:
    rule = "must be a key's ARN, arn:P:kms:REGION:ACCOUNT:key/ID (an alias allows nothing)"
    yield from _arn(path, key, context, "kms", _KEY_ID, rule)


def _arn(  # noqa: PLR0913, PLR0917 -- what an ARN is checked against
    path: str, text: str, context: Context, service: str, resource: re.Pattern[str], rule: str
) -> Iterator[Problem]:
    yield from _placeholders(path, text) or _resolved_arn(path, text, context, service, resource, rule)


def _resolved_arn(  # noqa: PLR0913, PLR0917 -- as _arn
    path: str, text: str, context: Context, service: str, resource: re.Pattern[str], rule: str
) -> Iterator[Problem]:
    try:
        arn = parse_arn(text)
    except ValueError as error:
        yield _problem(path, str(error))
        return
    is_regional = bool(arn.region) and ACCOUNT.fullmatch(arn.account)
    if arn.service != service or not is_regional or not resource.fullmatch(arn.resource):
        yield _problem(path, f"{rule}; got {shown(text)}")
    elif arn.partition != context.partition:
        yield _problem(path, f"must be in partition {context.partition}, as the roles; got {shown(text)}")


def _secrets(options: Options, context: Context) -> Iterator[Problem]:
    for spec, text in options.credential_spec_secrets.items():
        path = f"/credential_spec_secrets/{spec}"
        yield from _placeholders(path, text) or _secret(path, text, context)


def _secret(path: str, text: str, context: Context) -> Iterator[Problem]:
    try:
        secret = parse_whole_secret(text)
    except BadReferenceError as error:
        yield _problem(path, str(error))
        return
    if secret.partition != context.partition:
        yield _problem(path, f"must be a secret of partition {context.partition}; got {shown(text)}")


def _storage(options: Options, context: Context) -> Iterator[Problem]:  # noqa: ARG001
    for id_ in options.efs_root_access:
        is_id = _FILE_SYSTEM.fullmatch(id_) is not None
        yield from _value("/efs_root_access", id_, "must be the id of a file system, fs-…", is_right=is_id)
    for name, bucket in options.s3_files_buckets.items():
        yield from _bucket(f"/s3_files_buckets/{name}", bucket)


def _bucket(path: str, bucket: str) -> Iterator[Problem]:
    yield from _value(path, bucket, "must be the name of a bucket", is_right=BUCKET.fullmatch(bucket) is not None)


def _sidecars(options: Options, context: Context) -> Iterator[Problem]:
    for group in options.sidecar_log_groups:
        yield from _log_group("/sidecar_log_groups", group)
    for text in options.sidecar_parameters:
        yield from _placeholders("/sidecar_parameters", text) or _parameter("/sidecar_parameters", text, context)


def _parameter(path: str, text: str, context: Context) -> Iterator[Problem]:
    try:
        parameter = parse_reference(text)
    except BadReferenceError as error:
        yield _problem(path, str(error))
        return
    place = parameter.location if isinstance(parameter, Parameter) else None
    foreign = place and (place.partition, place.account) != (context.partition, context.account)
    if not isinstance(parameter, Parameter) or foreign:
        yield _problem(path, f"must be a parameter of the task's account; got {shown(text)}")


def _log_group(path: str, group: str) -> Iterator[Problem]:
    rule = "must be a log group's name, letters, digits and . - _ / #"
    yield from _value(path, group, rule, is_right=GROUP.fullmatch(group) is not None)


def _firelens(options: Options, context: Context) -> Iterator[Problem]:
    rule = "must be a domain's ARN, arn:P:es:REGION:ACCOUNT:domain/NAME"
    for host, domain in options.firelens.opensearch_domains.items():
        yield from _arn(f"/firelens/opensearch_domains/{host}", domain, context, "es", _DOMAIN, rule)


def _ecs_exec(options: EcsExec, context: Context) -> Iterator[Problem]:
    yield from _one_of("/ecs_exec/logging", [options.logging], get_args(ExecLogging))
    destinations = options.log_group or options.s3_bucket
    if (options.logging == "override") != bool(destinations):
        message = "must be override with a log_group or an s3_bucket, and only then"
        yield _problem("/ecs_exec/logging", f"{message}; got {shown(options.logging)}")
    if options.s3_prefix and not options.s3_bucket:
        yield _problem("/ecs_exec/s3_prefix", "needs an s3_bucket")
    if options.log_group is not None:
        yield from _log_group("/ecs_exec/log_group", options.log_group)
    if options.s3_bucket is not None:
        yield from _bucket("/ecs_exec/s3_bucket", options.s3_bucket)
    try:
        literal(options.s3_prefix)
    except ValueError as error:
        yield _problem("/ecs_exec/s3_prefix", str(error))
    if any(character > "\xff" for character in options.s3_prefix):
        # In a policy it could only be `?`, which takes in other keys too, unasked.
        yield _problem("/ecs_exec/s3_prefix", f"may hold characters up to U+00FF; got {shown(options.s3_prefix)}")
    yield from _placeholders("/ecs_exec/s3_prefix", options.s3_prefix)
    if options.kms_key is not None:
        yield from _key("/ecs_exec/kms_key", options.kms_key, context)
