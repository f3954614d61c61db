"""Notes on roles and settings of instances, services and keys, which are outside the task definition."""

from __future__ import annotations

from collections.abc import Iterator

from taskrole.taskdef.document import Node, UnusableError
from taskrole.taskdef.feature import TASK_ENVIRONMENT, Feature
from taskrole.taskdef.feature_results import Item, Setting, finding
from taskrole.taskdef.features.compatibility import compatibilities
from taskrole.taskdef.rule import API, DOCS, ECS, FieldRule
from taskrole.taskdef.shape import Hint, ListOf, Record, Scalar

_INFRASTRUCTURE = f"{ECS}/infrastructure_IAM_role.html"
_REGISTER = f"{API}/API_RegisterTaskDefinition.html"

_RULES = (
    FieldRule(
        "SC-1",
        "note",
        "Service Connect with TLS needs an infrastructure role, named by the service",
        "the service",
        f"{ECS}/service-connect-tls.html",
    ),
    FieldRule(
        "SC-2",
        "fact",
        "The logs of Service Connect's proxy, configured in the service, need the permissions of container logs",
        "the service",
        f"{ECS}/service-connect.html",
        verified=False,
        note="That they use the execution role is likely, but not documented.",
    ),
    FieldRule(
        "LAT-1",
        "fact",
        "VPC Lattice needs an infrastructure role, named by the service",
        "the service",
        _INFRASTRUCTURE,
    ),
    FieldRule(
        "EXP-1",
        "fact",
        "Express Mode needs an infrastructure role beside the execution role",
        "the service",
        _INFRASTRUCTURE,
    ),
    FieldRule(
        "INFRASTRUCTURE-ROLE",
        "note",
        "The infrastructure role of an Express service manages load balancers and security groups; it is not derived",
        "infrastructureRoleArn",
        _INFRASTRUCTURE,
    ),
    FieldRule(
        "MI-1",
        "note",
        "Managed Instances need an infrastructure role and an instance role",
        "requiresCompatibilities",
        f"{ECS}/managed-instances-instance-profile.html",
    ),
    FieldRule(
        "DMN-1",
        "fact",
        "Managed daemons follow the same rules for their execution role",
        "RegisterDaemonTaskDefinition",
        f"{ECS}/managed-daemons-task-definitions.html",
    ),
    FieldRule(
        "EPH-1",
        "note",
        "A key for ephemeral storage needs a statement in its own policy, not permissions of the roles",
        "ephemeralStorage",
        f"{ECS}/fargate-create-storage-key.html",
    ),
    FieldRule(
        "ANY-1",
        "note",
        "ECS Anywhere also needs a role for its instances",
        "requiresCompatibilities",
        f"{ECS}/ecs-anywhere-registration.html",
    ),
    FieldRule(
        "BR-1",
        "fact",
        "Bottlerocket needs no other permissions of the two roles",
        "the instance",
        f"{ECS}/ecs-bottlerocket.html",
        verified=False,
        note="No difference was found.",
    ),
    FieldRule("GW-1", "fact", "ECS gateways need an infrastructure role", "the gateway", _INFRASTRUCTURE),
    FieldRule(
        "TEE-1",
        "note",
        "Trusted execution restricts keys by attestation, in the keys' policies",
        "trustedExecutionConfiguration",
        _REGISTER,
        verified=False,
        note="Its pages could not be read in full.",
    ),
    FieldRule(
        "PROXY",
        "note",
        "proxyConfiguration itself needs no permission",
        "proxyConfiguration",
        f"{DOCS}/app-mesh/latest/userguide/proxy-authorization.html",
    ),
    FieldRule(
        "EC2-ROLE",
        "note",
        "On EC2 the instance role may be used for ECR and logs",
        "requiresCompatibilities",
        f"{ECS}/task_execution_IAM_role.html",
    ),
    FieldRule(
        "EC2-SSM",
        "note",
        "On EC2, parameters as secrets need ECS_ENABLE_AWSLOGS_EXECUTIONROLE_OVERRIDE in the agent",
        "requiresCompatibilities",
        f"{ECS}/secrets-envvar-ssm-paramstore.html",
    ),
)


def infrastructure_items(task: Node, setting: Setting) -> Iterator[Item]:  # noqa: ARG001 -- the features' one signature
    """Yield notes on roles and settings outside the task definition that its fields imply."""
    named = compatibilities(task)
    if named == {"EC2"}:
        message = (
            "runs on EC2 only, where the instance role pulls images from ECR, and writes logs with an old agent, unless"
            " ECS is configured to use the execution role"
        )
        yield finding("EC2-ROLE", "note", task.field("requiresCompatibilities"), message)
    if "EXTERNAL" in named:
        message = "runs on ECS Anywhere, whose instances need their own role as well"
        yield finding("ANY-1", "note", task.field("requiresCompatibilities"), message)
    if "MANAGED_INSTANCES" in named:
        message = "runs on Managed Instances, which need an infrastructure role and an instance role (ecsInstanceRole…)"
        yield finding("MI-1", "note", task.field("requiresCompatibilities"), message)
    if task.has("ephemeralStorage"):
        message = "needs fargate.amazonaws.com in the policy of a customer managed key, and no permission of the roles"
        yield finding("EPH-1", "note", task.field("ephemeralStorage"), message)
    if task.has("trustedExecutionConfiguration"):
        message = "may restrict keys by attestation; allow the application's calls in the keys' policies"
        yield finding("TEE-1", "note", task.field("trustedExecutionConfiguration"), message)
    if task.has("proxyConfiguration"):
        message = "needs no permission itself; an Envoy container may need some (option sidecars)"
        yield finding("PROXY", "note", task.field("proxyConfiguration"), message)
    yield from _named_ports(task)


def _named_ports(task: Node) -> Iterator[Item]:
    """Yield notes on Service Connect and VPC Lattice, which find their ports by name."""
    for container in task.nodes("containerDefinitions"):
        try:
            first = next((port for port in container.nodes("portMappings") if port.has("name")), None)
        except UnusableError:
            continue
        if first is not None:
            message = (
                "lets Service Connect or VPC Lattice find this port; with TLS, or for Lattice, the service needs an"
                " infrastructure role, and the logs of Service Connect's proxy, set in the service, are not seen here"
            )
            yield finding("SC-1", "note", first.field("name"), message)
            return


_SHAPE = Record(
    {
        "requiresCompatibilities": ListOf(Scalar.TEXT, most=16),
        "ephemeralStorage": Hint(),
        "proxyConfiguration": Hint(),
        "trustedExecutionConfiguration": Hint(),
        "containerDefinitions": ListOf(Record({"portMappings": ListOf(Record({"name": Hint()}))})),
    }
)

FEATURE = Feature(TASK_ENVIRONMENT, _RULES, _SHAPE, items=infrastructure_items)
