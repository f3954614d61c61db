"""Random containers: images, secrets, logs, files, credential specs and mounts."""

from __future__ import annotations

from typing import Any

from tests.proof.generated_firelens import router, router_options
from tests.proof.generated_values import object_arn, parameter_arn, secret_arn, secret_name, value_from
from tests.proof.setting import Draft, Where

NAMES = ("web", "web-1", "we", "worker", "x", "web_x")
REPOSITORIES = ("app", "app-x", "app/x", "appx", "team/app", "team/app/api", "dockerhub/library/nginx")
GROUPS = ("/ecs/app", "/ecs/app-other", "/ecs/ap", "/ecs/app/x", "App_1.#")
PREFIXES = ("web", "we", "web/x", "web-1", "wéb", "ecs?", "ログ", "a b")
SIDECARS = (
    "public.ecr.aws/xray/aws-xray-daemon:3",
    "public.ecr.aws/aws-observability/aws-otel-collector:latest",
    "public.ecr.aws/cloudwatch-agent/cloudwatch-agent:latest",
    "otel/opentelemetry-collector-contrib:0.100",
    "registry.example.com/mirror/xray-daemon:1",
)
SPECS = ("credentialspec", "credentialspecdomainless")


def add_containers(draft: Draft, document: dict[str, Any]) -> None:
    """Add one to four containers to a task definition, some of which log through a router among them."""
    names = list(NAMES)
    draft.rng.shuffle(names)
    has_router = draft.maybe(0.4)
    count = draft.pick([1, 1, 2, 2, 3, 4])
    containers = [container(draft, document, names[index], has_router=has_router) for index in range(count)]
    if has_router:
        containers.insert(draft.rng.randrange(count + 1), router(draft, image(draft), log(draft, has_router=False)))
    if draft.maybe(0.35):
        containers.append({"name": "sidecar", "image": draft.pick(SIDECARS)})
    if draft.maybe(0.05):
        containers.append(envoy())
    if draft.maybe(0.05):
        document["enableFaultInjection"] = draft.maybe(0.8)
        containers.append(fault_injection_agent())
    document["containerDefinitions"] = containers


def container(draft: Draft, document: dict[str, Any], name: str, *, has_router: bool) -> dict[str, Any]:
    """Return one container."""
    made: dict[str, Any] = {"name": name, "image": image(draft), "essential": True}
    if draft.maybe(0.15):
        made["repositoryCredentials"] = {"credentialsParameter": draft.pick([secret_name, secret_arn])(draft)}
    if draft.maybe(0.6):
        secrets = [value_from(draft) for _ in range(draft.pick([1, 1, 2, 3, 5]))]
        made["secrets"] = [{"name": f"VALUE_{index}", "valueFrom": value} for index, value in enumerate(secrets)]
    if draft.maybe(0.75):
        made["logConfiguration"] = log(draft, has_router=has_router)
    if not draft.is_windows and draft.maybe(0.3):
        files = [object_arn(draft, ".env") for _ in range(draft.pick([1, 1, 2]))]
        made["environmentFiles"] = [{"value": value, "type": "s3"} for value in files]
    if draft.maybe(0.5 if draft.is_windows else 0.1):
        made |= credential_spec(draft)
    mounts = [mount(draft, volume["name"]) for volume in document.get("volumes", ()) if draft.maybe(0.6)]
    return {**made, **({"mountPoints": mounts} if mounts else {}), **silent_fields(draft)}


def silent_fields(draft: Draft) -> dict[str, Any]:
    """Return fields of a container that need no permission, or give only a note."""
    fields: dict[str, Any] = {
        "cpu": 256,
        "portMappings": [{"containerPort": 80, "name": "http"}],
        "environment": [{"name": "SECRET_ARN", "value": "arn:aws:secretsmanager:us-east-1:111122223333:secret:x"}],
        "readonlyRootFilesystem": True,
        "linuxParameters": {"initProcessEnabled": True},
        "healthCheck": {"command": ["CMD", "curl ${HOST}"], "retries": 3},
        "dockerLabels": {"logConfiguration": "arn:aws:s3:::other/key"},
    }
    return {key: value for key, value in fields.items() if draft.maybe(0.1)}


def mount(draft: Draft, volume: str) -> dict[str, Any]:
    """Return a mount, writable by default."""
    made: dict[str, Any] = {"sourceVolume": volume, "containerPath": f"/{volume}"}
    return made | draft.pick([{}, {"readOnly": False}, {"readOnly": True}, {"readOnly": True}])


def image(draft: Draft) -> str:
    """Return the name of an image: all hosts of ECR, and others."""
    if draft.maybe(0.25):
        images = ("nginx", "nginx:1.27", "library/redis@sha256:" + "ab" * 32, "public.ecr.aws/nginx/nginx:latest")
        others = ["ghcr.io/acme/app:1", "localhost:5000/app", "registry.example.com/app"]
        # A public registry of a vendor in this partition.
        published = ["533243300146.dkr.ecr.eu-west-1.amazonaws.com/newrelic/logging-firelens-fluentbit"]
        return draft.pick([*images, *others, *(published if draft.place.context.partition == "aws" else [])])
    host = draft.pick(ecr_hosts(draft.place, draft.region(), draft.account()))
    tail = draft.pick(["", ":1.2", ":latest", f"@sha256:{'0a' * 32}", f":v1@sha256:{'0a' * 32}"])
    return f"{host}/{draft.pick(REPOSITORIES)}{tail}"


def ecr_hosts(place: Where, region: str, account: str) -> list[str]:
    """Return all hosts of a registry."""
    hosts = [f"{account}.dkr.ecr.{region}.{place.suffix}"]
    if place.dual_stack:
        hosts.append(f"{account}.dkr-ecr.{region}.{place.dual_stack}")
    if region in place.fips_regions:
        hosts += [f"{account}.dkr.ecr-fips.{region}.{place.suffix}"]
        hosts += [f"{account}.dkr-ecr-fips.{region}.{place.dual_stack}"]
    return hosts


def log(draft: Draft, *, has_router: bool) -> dict[str, Any]:
    """Return a log configuration."""
    drivers = ["awslogs", "awslogs", "awslogs", *(["awsfirelens"] * 9 if has_router else [])]
    if not draft.launch or set(draft.launch) <= {"EC2", "EXTERNAL"}:
        drivers += ["json-file", "syslog", "fluentd"]
    if "MANAGED_INSTANCES" not in draft.launch:
        drivers += ["splunk"]
    driver = draft.pick(drivers)
    made: dict[str, Any] = {"logDriver": driver}
    if driver == "awslogs":
        made["options"] = awslogs(draft)
    if driver == "awsfirelens" and draft.maybe(0.9):
        made["options"] = router_options(draft)
    if driver in ("splunk", "awsfirelens", "fluentd") and draft.maybe(0.6):
        made["secretOptions"] = [{"name": "token", "valueFrom": value_from(draft)}]
    return made


def awslogs(draft: Draft) -> dict[str, str]:
    """Return options of the awslogs driver."""
    made = {"awslogs-group": draft.pick(GROUPS), "awslogs-region": draft.region()}
    if "FARGATE" in draft.launch or draft.maybe(0.8):
        made["awslogs-stream-prefix"] = draft.pick(PREFIXES)
    created = ("true", "True", "1", "t", "false", "0", "F")
    return made | ({"awslogs-create-group": draft.pick(created)} if draft.maybe(0.35) else {})


def credential_spec(draft: Draft) -> dict[str, Any]:
    """Return a credential spec if tasks of this kind may have one."""
    kind = "credentialspecdomainless" if "FARGATE" in draft.launch else draft.pick(SPECS)
    forms = ["s3"] if "FARGATE" in draft.launch else ["s3", "ssm"]
    location = object_arn(draft, ".json") if draft.pick(forms) == "s3" else parameter_arn(draft)
    if kind == "credentialspecdomainless":
        draft.note("credential_spec_secrets", location, secret_arn(draft))
    spec = [f"{kind}:{location}"]
    unused = [f"{kind}:{draft.place.arn('s3', 'unused/spec.json', '', '')}"]
    fields: list[dict[str, Any]] = [
        {"credentialSpecs": spec},
        {"dockerSecurityOptions": ["no-new-privileges", *spec]},
        {"credentialSpecs": spec, "dockerSecurityOptions": unused},
    ]
    return draft.pick(fields)


def envoy() -> dict[str, Any]:
    """Return the proxy of App Mesh."""
    variable = {"name": "APPMESH_VIRTUAL_NODE_NAME", "value": "mesh/shop/virtualNode/web"}
    return {"name": "envoy", "image": "public.ecr.aws/appmesh/aws-appmesh-envoy:v1", "environment": [variable]}


def fault_injection_agent() -> dict[str, Any]:
    """Return the agent of AWS FIS in a task."""
    variable = {"name": "MANAGED_INSTANCE_ROLE_NAME", "value": "fis-instance"}
    return {"name": "fis", "image": "public.ecr.aws/amazon-ssm-agent/amazon-ssm-agent:3", "environment": [variable]}
