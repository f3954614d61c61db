"""Pulling images: section 3 of AWS's rules, and the agent that GuardDuty adds (9)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tests.proof.agent.needs import ANYTHING, EXECUTION, Need, Place, exactly
from tests.proof.agent.values import secret_needs, secret_of_name

# The one that https://github.com/awslabs/amazon-ecr-credential-helper recognizes.
ECR_HOST = re.compile(
    r"(\d{12})\.dkr[.-]ecr(?:-fips)?\.([a-zA-Z0-9][a-zA-Z0-9-_]*)\.(?:amazonaws\.(?:com(?:\.cn)?|eu)|"
    r"on\.(?:aws|amazonwebservices\.com\.cn)|sc2s\.sgov\.gov|c2s\.ic\.gov|cloud\.adc-e\.uk|csp\.hci\.ic\.gov)"
)
# https://docs.aws.amazon.com/guardduty/latest/ug/ecs-runtime-agent-ecr-image-uri.html, those that the cases use.
GUARDDUTY_ACCOUNTS = {"us-east-1": "593207742271", "eu-central-1": "323658145986", "eu-west-1": "694911143906"}


def image_needs(place: Place) -> Iterator[Need]:
    """Yield the calls that pull a task's images, private registries included."""
    for container in place.containers:
        yield from _pull(place, container["image"])
        credentials = (container.get("repositoryCredentials") or {}).get("credentialsParameter")
        if credentials:
            arn = credentials if credentials.startswith("arn:") else secret_of_name(place, credentials)
            yield from secret_needs(place, arn, "RC", is_name=not credentials.startswith("arn:"))
    if place.options.guardduty_agent and place.may_be_fargate and not place.is_windows:
        yield from _guardduty(place)


def repository_of(image: str) -> tuple[str, str]:
    """Return the host, empty for Docker Hub, and the repository of an image's name."""
    name = image.partition("@")[0]
    head, slash, tail = name.partition("/")
    host, path = (head, tail) if slash and ("." in head or ":" in head or head == "localhost") else ("", name)
    *folders, last = path.split("/")
    return host, "/".join([*folders, last.split(":")[0]])


def _pull(place: Place, image: str) -> Iterator[Need]:
    host, repository = repository_of(image)
    match = ECR_HOST.fullmatch(host)
    if not match:
        return
    account, region = match.groups()
    arn = place.arn("ecr", f"repository/{repository}", region=region, account=account)
    yield _login(place)
    yield from _layers(place, arn, exactly(arn))
    prefix = _cache_prefix(place, account, region, repository)
    if prefix:
        yield _need(place, "ecr:BatchImportUpstreamImage", arn, exactly(arn), rule="IMG-6")
        if place.options.pull_through_create_repository:
            yield _need(place, "ecr:CreateRepository", arn, exactly(arn), rule="IMG-7")


def _login(place: Place) -> Need:
    return _need(place, "ecr:GetAuthorizationToken", "*", ANYTHING, rule="IMG-1")


def _layers(place: Place, arn: str, scope: str) -> Iterator[Need]:
    demanded: tuple[tuple[str, str], ...] = ()
    endpoint = place.options.vpc_endpoint
    if endpoint and place.may_be_fargate:
        demanded = (("aws:sourceVpce" if endpoint.startswith("vpce-") else "aws:sourceVpc", exactly(endpoint)),)
    for action in ("ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"):
        yield _need(place, action, arn, scope, rule="IMG-2", demanded=demanded)
    # The example of AWS has the three under the condition, and only the login without it.
    if "managed-policy" in place.options.compat:
        yield _need(place, "ecr:BatchCheckLayerAvailability", arn, scope, rule="IMG-3", demanded=demanded)


def _need(
    place: Place, action: str, arn: str, scope: str, *, rule: str, demanded: tuple[tuple[str, str], ...] = ()
) -> Need:
    endpoint = place.options.vpc_endpoint
    key = "aws:sourceVpce" if (endpoint or "").startswith("vpce-") else "aws:sourceVpc"
    return Need(EXECUTION, action, arn, scope, rule, {key: endpoint} if endpoint else {}, demanded)


def _cache_prefix(place: Place, account: str, region: str, repository: str) -> str | None:
    """Return the pull-through cache prefix of a repository."""
    prefixes = set()
    for registry, of_registry in place.options.pull_through_prefixes.items():
        host = ECR_HOST.fullmatch(registry)
        if registry == f"{account}.{region}" or (host and host.groups() == (account, region)):
            prefixes |= set(of_registry)
    of_folder = [
        prefix for prefix in prefixes if prefix != "ROOT" and f"{repository}/".startswith(f"{prefix.rstrip('/')}/")
    ]
    return max(of_folder, key=len, default="ROOT" if "ROOT" in prefixes else None)


def _guardduty(place: Place) -> Iterator[Need]:
    account = place.options.guardduty_account or GUARDDUTY_ACCOUNTS.get(place.context.region)
    arn = place.arn("ecr", "repository/aws-guardduty-agent-fargate", account=account or "121212121212")
    scope = exactly(arn) if account else exactly(arn).replace("121212121212", ANYTHING)
    yield _login(place)
    yield from _layers(place, arn, scope)
