"""The permissions for pulling images.

The ARN of a repository has no tag, digest or endpoint type; account and region are those of the host.
"""

from __future__ import annotations

from collections.abc import Iterator

from taskrole.arns import repository_arn
from taskrole.errors import quote
from taskrole.grant import Condition
from taskrole.taskdef.document import Node
from taskrole.taskdef.feature_results import (
    Item,
    PossibleNeed,
    Setting,
    Used,
    finding,
    name_of,
    option_used,
    required_elsewhere,
    unusable,
    usable,
)
from taskrole.taskdef.features.compatibility import could_run_on
from taskrole.taskdef.features.images.names import (
    FIPS_REGIONS,
    LIKE_ECR,
    LIKELY_PREFIXES,
    LONGEST_REPOSITORY,
    REPOSITORY,
    Registry,
    image_problem,
    names_registry,
    parse_ecr_host,
    parse_image,
)
from taskrole.taskdef.features.images.options import ImageOptions
from taskrole.taskdef.features.images.public_registries import publisher_of
from taskrole.taskdef.placeholders import find_placeholder, image_option, mask_placeholders, placeholder_finding

_MASK = "\0"


def image_items(task: Node, setting: Setting) -> Iterator[Item]:
    """Yield the permissions for pulling the images of a task (IMG-1 to IMG-12)."""
    for container in task.nodes("containerDefinitions"):
        yield from usable(_container_items(task, container, setting))


def _container_items(task: Node, container: Node, setting: Setting) -> Iterator[Item]:
    text = container.text("image")
    if text is None:
        message = f"has no image, so the repository is unknown; set it with {_image_option(container)}"
        raise unusable("IMAGE", container.field("image"), message)
    masked = parse_image(text if container.is_plain else mask_placeholders(text, _MASK))
    if _MASK in masked.host + masked.repository:
        placeholder = placeholder_finding(text, container.field("image").source, _image_option(container))
        raise unusable(
            "PLACEHOLDER", container.field("image"), placeholder.message if placeholder else "contains a placeholder"
        )
    problem = image_problem(text, masked)
    if problem:
        raise unusable("IMAGE", container.field("image"), problem)
    if _MASK in masked.tag + masked.digest:
        message = (
            f"contains the placeholder {quote(find_placeholder(text))} in its tag; permissions do not depend on the tag"
        )
        yield finding("PLACEHOLDER", "note", container.field("image"), message)
    try:
        registry = parse_ecr_host(masked.host)
    except ValueError as error:
        raise unusable("ECR-HOST", container.field("image"), str(error)) from None
    if registry is None:
        if LIKE_ECR.search(masked.host):
            message = f"looks like ECR, but is another registry; got {quote(masked.host)}"
            yield finding("ECR-HOST", "warning", container.field("image"), message)
        return
    if container.has("repositoryCredentials"):
        message = "does not apply to an image in ECR, which the execution role pulls; remove it"
        yield finding("IMG-11", "warning", container.field("repositoryCredentials"), message)
    yield from _ecr_items(task, container, registry, masked.repository, setting)


def _image_option(container: Node) -> str:
    name = container.data.get("name")
    return image_option(name) if isinstance(name, str) else "--image CONTAINER=URI"


def _ecr_items(task: Node, container: Node, registry: Registry, repository: str, setting: Setting) -> Iterator[Item]:
    context, image = setting.context, container.field("image")
    if registry.partition != context.partition:
        message = (
            f"is in partition {registry.partition}, where roles of {context.partition} have no access;"
            f" copy the image to {context.partition}"
        )
        raise unusable("PARTITION", image, message)
    if not 2 <= len(repository) <= LONGEST_REPOSITORY or not REPOSITORY.fullmatch(repository):
        message = (
            "must name a repository of 2 to 256 lower-case letters and digits, with . _ - between them and slashes"
            f" between parts; got {quote(repository)}"
        )
        raise unusable("ECR-NAME", image, message)
    if registry.is_fips and not FIPS_REGIONS.fullmatch(registry.region):
        message = f"uses a FIPS endpoint, but ECR has no known FIPS endpoint in {registry.region}"
        yield finding("ECR-HOST", "warning", image, message)
    arn = repository_arn(registry.partition, registry.region, registry.account, repository)
    who = name_of(container)
    yield setting.grant("IMG-1", image, f"{who} pulls from ECR, and logs in first", ("*",))
    conditions, used = pull_conditions(task, setting)
    if used:
        yield used
    publisher = publisher_of(registry)
    rule, from_where = _pull_rule(registry, setting, is_conditional=bool(conditions))
    if publisher and rule == "IMG-4":
        rule, from_where = "IMG-13", f" from {publisher}, where every account may pull"
    yield setting.grant(rule, image, f"{who} pulls {repository}{from_where}", (arn,), conditions=conditions)
    if "managed-policy" in setting.options_of(ImageOptions).compat:
        yield option_used("compat", "managed-policy")
        because = "listed in AWS's managed policy; pulls do not need it"
        yield setting.grant("IMG-3", image, because, (arn,), conditions=conditions)
    yield from _pull_through(container, registry, repository, arn, setting)
    if registry.account != context.account and not publisher:
        yield required_elsewhere(
            image,
            account=registry.account,
            service="ecr",
            resource=arn,
            statement={
                "Sid": "PullImages",
                "Principal": {"AWS": setting.execution_role},
                "Action": ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
            },
            because=f"The repository policy of {repository} must let the execution role of another account pull",
        )


def _pull_rule(registry: Registry, setting: Setting, *, is_conditional: bool) -> tuple[str, str]:
    elsewhere = registry.account != setting.context.account
    far = registry.region != setting.context.region
    places = ([f"account {registry.account}"] if elsewhere else []) + ([registry.region] if far else [])
    rule = "IMG-12" if is_conditional else "IMG-4" if elsewhere else "IMG-5" if far else "IMG-2"
    return rule, f" from {' in '.join(places)}" if places else ""


def pull_conditions(task: Node, setting: Setting) -> tuple[tuple[Condition, ...], Used | None]:
    """Return the conditions on pulls if an endpoint or VPC is set and Fargate may pull (IMG-12)."""
    endpoint = setting.options_of(ImageOptions).vpc_endpoint
    if endpoint is None or not could_run_on(task, "FARGATE"):
        return (), None
    key = "aws:sourceVpce" if endpoint.startswith("vpce-") else "aws:sourceVpc"
    return (("StringEquals", key, (endpoint,)),), option_used("vpc_endpoint")


def _pull_through(container: Node, registry: Registry, repository: str, arn: str, setting: Setting) -> Iterator[Item]:
    match = _pull_through_prefix(registry, repository, setting)
    if match is None:
        yield from _likely_cache(container, registry, repository, arn, setting)
        return
    (key, prefix), image = match, container.field("image")
    yield option_used("pull_through_prefixes", key, prefix)
    if prefix == "ROOT":
        message = "is assumed to be covered by the pull-through cache rule ROOT, since no longer prefix covers it"
        yield finding("IMG-ROOT", "note", image, message)
    because = f"{repository} is filled from another registry, by the cache under {prefix}"
    yield setting.grant("IMG-6", image, because, (arn,))
    actions = ["ecr:BatchImportUpstreamImage"]
    if setting.options_of(ImageOptions).pull_through_create_repository:
        yield option_used("pull_through_create_repository")
        yield setting.grant("IMG-7", image, f"the first pull of {repository} creates the repository", (arn,))
        actions.append("ecr:CreateRepository")
    if registry.is_fips:
        message = "pulls through a cache at a FIPS endpoint, where the first pull fails; use the plain endpoint"
        yield finding("PULL-THROUGH-FIPS", "warning", image, message)
    if registry.account != setting.context.account:
        yield required_elsewhere(
            image,
            account=registry.account,
            service="ecr",
            resource=arn,
            statement={
                "Sid": "PullThroughCache",
                "Principal": {"AWS": setting.execution_role},
                "Action": sorted(actions),
                "Resource": arn,
            },
            because="The registry policy of the cache's account must let the execution role fill it",
        )


def _likely_cache(container: Node, registry: Registry, repository: str, arn: str, setting: Setting) -> Iterator[Item]:
    """Yield a finding for a repository named like a pull-through cache, unless the options have the registry."""
    prefix, slash, _ = repository.partition("/")
    named = setting.options_of(ImageOptions).pull_through_prefixes
    if not slash or prefix not in LIKELY_PREFIXES or any(names_registry(key, registry) for key in named):
        return
    image = container.field("image")
    message = (
        f"is named like a pull-through cache under {prefix}; if it is one, set the prefix in the option"
        f" pull_through_prefixes (--pull-through {prefix}); if not, set no prefix for the registry:"
        f" {{{registry.account}.{registry.region}: []}}"
    )
    yield finding("IMG-CACHE", "warning", image, message)
    because = f"{repository} may be filled from another registry, by a cache under {prefix}"
    needed = setting.grant("IMG-6", image, because, (arn,))
    reason = f"whether {prefix} is a pull-through cache is not known; say it in the option pull_through_prefixes"
    yield PossibleNeed(needed, reason)


def _pull_through_prefix(registry: Registry, repository: str, setting: Setting) -> tuple[str, str] | None:
    """Return the option's key and the longest prefix that covers a repository; ROOT covers all other ones."""
    best: tuple[str, str] | None = None
    for key, prefixes in setting.options_of(ImageOptions).pull_through_prefixes.items():
        if not names_registry(key, registry):
            continue
        for prefix in prefixes:
            covers = prefix == "ROOT" or f"{repository}/".startswith(f"{prefix.rstrip('/')}/")
            if covers and (best is None or best[1] == "ROOT" or (prefix != "ROOT" and len(prefix) > len(best[1]))):
                best = key, prefix
    return best
