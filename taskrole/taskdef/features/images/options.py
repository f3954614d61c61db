"""The options for images."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Literal, get_args

from taskrole.arns import Context
from taskrole.errors import Problem, quote
from taskrole.taskdef.features.images.names import parse_ecr_host
from taskrole.taskdef.option import Flag, option, options
from taskrole.taskdef.option_checks import matching, problem, text_problems, words

Compatibility = Literal["managed-policy", "gmsa"]

_ENDPOINT = re.compile(r"vpce?-[0-9a-f]{8,17}")
_PREFIX = re.compile(r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*/?|ROOT")
_REGISTRY = re.compile(r"[0-9]{12}\.[a-z0-9-]+")


def _prefix_problems(path: str, value: Mapping[str, tuple[str, ...]], context: Context) -> Iterator[Problem]:  # noqa: ARG001
    for registry, prefixes in value.items():
        place = f"{path}/{registry}"
        if not _REGISTRY.fullmatch(registry) and not _is_ecr_host(registry):
            yield problem(place, f"must be a host of ECR, or ACCOUNT.REGION; got {quote(registry)}")
        for prefix in prefixes:
            rule = "must be a prefix of 2 to 30 characters, as ECR's rules have, or ROOT"
            is_prefix = 2 <= len(prefix) <= 30 and _PREFIX.fullmatch(prefix) is not None
            yield from text_problems(place, prefix, rule, is_right=is_prefix)


def _is_ecr_host(host: str) -> bool:
    try:
        return parse_ecr_host(host) is not None
    except ValueError:
        return False


def _with_prefixes(
    prefixes: Mapping[str, tuple[str, ...]], given: Iterable[str], context: Context
) -> Mapping[str, tuple[str, ...]]:
    combined = dict(prefixes)
    for text in given:
        named, _, prefix = text.rpartition("=")
        registry = named or f"{context.account}.{context.region}"
        combined[registry] = (*combined.get(registry, ()), prefix)
    return combined


@options
class ImageOptions:
    """Settings of images that a task definition does not contain."""

    pull_through_prefixes: Mapping[str, tuple[str, ...]] = option(
        {},
        "Pull-through cache prefixes, or ROOT, by registry: ACCOUNT.REGION or a host. Default: {}",
        check=_prefix_problems,
        flag=Flag(
            "--pull-through",
            "Pull-through cache. Default registry: the tasks' own.",
            metavar="[REGISTRY=]PREFIX",
            is_repeatable=True,
            combine=_with_prefixes,
        ),
    )
    pull_through_create_repository: bool = option(
        False, "The first pull through a cache creates the repository. Default: false"
    )
    vpc_endpoint: str | None = option(
        None,
        "Allow image pulls only through this endpoint (vpce-…) or VPC. Default: from anywhere",
        check=matching(_ENDPOINT, "must be the id of an endpoint (vpce-…) or a VPC (vpc-…)"),
        flag=Flag("--vpc-endpoint", "Allow image pulls through this endpoint or VPC only.", metavar="ID"),
    )
    compat: tuple[Compatibility, ...] = option(
        (), "Unneeded actions that AWS's own documents list. Default: []", check=words(get_args(Compatibility))
    )
