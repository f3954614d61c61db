"""Parses names of images, and the ECR registries in them.

REGISTRY/REPOSITORY[:TAG][@DIGEST]

A.dkr.ecr.R.amazonaws.com/team/app:1.2      ECR, account A, region R; also ecr-fips, dkr-ecr.R.on.aws, …
public.ecr.aws/nginx/nginx                  ECR Public: anonymous (IMG-9)
redis, registry.example.com/app             Docker Hub and others: no IAM (IMG-10)
"""

from __future__ import annotations

import re
from typing import NamedTuple

from taskrole.arns import ACCOUNT_FORM, is_region
from taskrole.errors import BadValueError, quote
from taskrole.partitions import Partition, partitions

# The form of https://github.com/awslabs/amazon-ecr-credential-helper; the suffix is checked against the partition.
_ECR_HOST = re.compile(
    r"(?P<account>[0-9]{12})\.dkr[.-]ecr(?P<fips>-fips)?\.(?P<region>[a-z0-9][a-z0-9-]*)\.(?P<suffix>[a-z0-9.-]+)"
)
_SPACE = re.compile(r"\s")
LIKE_ECR = re.compile(r"\.dkr[.-]ecr", re.IGNORECASE)
_DUAL_STACK = {"aws": "on.aws", "aws-us-gov": "on.aws", "aws-cn": "on.amazonwebservices.com.cn"}
FIPS_REGIONS = re.compile(r"us-(east|west)-[12]|us-gov-.*")
_PART = r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*"
REPOSITORY = re.compile(rf"{_PART}(?:/{_PART})*")
LONGEST_REPOSITORY = 256
# The prefixes that ECR's console proposes for pull-through caches, and the names of the registries behind them:
# https://docs.aws.amazon.com/AmazonECR/latest/userguide/pull-through-cache-creating-rule.html
LIKELY_PREFIXES = frozenset(
    ("docker-hub", "dockerhub", "docker.io", "ecr-public", "public.ecr.aws", "quay", "quay.io", "kubernetes", "k8s",
     "registry.k8s.io", "github", "ghcr", "ghcr.io", "gitlab", "registry.gitlab.com", "azure", "chainguard")
)  # fmt: skip


class Image(NamedTuple):
    """A parsed image name; `host` is empty for Docker Hub, `tag` and `digest` if absent."""

    host: str
    repository: str
    tag: str = ""
    digest: str = ""


class Registry(NamedTuple):
    """A private registry of ECR."""

    account: str
    region: str
    partition: str
    is_fips: bool = False


def parse_image(text: str) -> Image:
    """Return the parts of an image's name. The first is a host if it has a dot or colon, or is `localhost`."""
    name, _, digest = text.partition("@")
    first, slash, rest = name.partition("/")
    is_host = bool(slash) and ("." in first or ":" in first or first == "localhost")
    host, path = (first, rest) if is_host else ("", name)
    folder, slash, last = path.rpartition("/")
    last, _, tag = last.partition(":")
    return Image(host, f"{folder}{slash}{last}", tag, digest)


def image_problem(text: str, image: Image) -> str | None:
    """Return why a text is not an image name, or None; `image` is the text as parsed.

    A name that Docker rejects does not count as an image on Docker Hub. A separate rule covers ECR repositories.
    Source: https://pkg.go.dev/github.com/distribution/reference
    """
    if image.host.endswith(":") and image.repository.startswith("/"):
        scheme, _, rest = text.partition("//")
        return f"must be an image's name, without {quote(f'{scheme}//')}; write {quote(rest)}"
    if _SPACE.search(image.host + image.repository):
        return f"must be an image's name, without spaces; got {quote(text)}"
    if not image.host and LIKE_ECR.search(image.repository) and image.repository.lower().endswith(_suffixes()):
        return f"names a registry without a repository; add /REPOSITORY; got {quote(text)}"
    if image.host != image.host.lower():
        return f"must have its registry in lower case, as ECS requires for ECR; write {quote(image.host.lower())}"
    if LIKE_ECR.search(image.host) or REPOSITORY.fullmatch(image.repository):
        return None
    return (
        "must name a repository with lower-case letters and digits, with . _ - between them and slashes between"
        f" parts; got {quote(text)}"
    )


def parse_ecr_host(host: str) -> Registry | None:
    """Return the ECR registry of a host, or None for another registry.

    Raises BadValueError for a host in an AWS domain that looks like ECR, but is not valid.
    """
    match = _ECR_HOST.fullmatch(host)
    home = _partition_of_suffix(match["region"], match["suffix"]) if match else None
    if match and home:
        return Registry(match["account"], match["region"], home.id, bool(match["fips"]))
    if not LIKE_ECR.search(host) or not host.lower().endswith(_suffixes()):
        return None
    raise BadValueError(
        f"must be ACCOUNT.dkr.ecr.REGION.amazonaws.com, with an account of {ACCOUNT_FORM} and the region's suffix;"
        f" got {quote(host)}, which is not an ECR registry"
    )


def _suffixes() -> tuple[str, ...]:
    return (
        *(f".{partition.dns_suffix}" for partition in partitions().values()),
        *(f".{x}" for x in _DUAL_STACK.values()),
    )


def _partition_of_suffix(region: str, suffix: str) -> Partition | None:
    for partition in partitions().values():
        if is_region(region, partition.id) and suffix in (partition.dns_suffix, _DUAL_STACK.get(partition.id)):
            return partition
    return None


def names_registry(key: str, registry: Registry) -> bool:
    """Return whether an option's key, a host or ACCOUNT.REGION, names a registry."""
    if key == f"{registry.account}.{registry.region}":
        return True
    try:
        named = parse_ecr_host(key)
    except ValueError:
        return False
    return named is not None and (named.account, named.region) == (registry.account, registry.region)
