"""Reads the services of an account and region, their active task definitions, and the roles of these.

Calls: a few for listings, one per ten services, one per task definition, and one per hundred or more roles, since IAM
returns roles with all of their policies. Only the parts of task definitions that derivation reads are used and cached:
environment variables, commands and log driver options may contain passwords.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from taskrole.arns import Context
from taskrole.dataclass import dataclass
from taskrole.errors import InputError, Place, Problem, ToolError, quote
from taskrole.grant import RoleKind
from taskrole.live.answers import ContradictionError
from taskrole.live.client import aws_errors
from taskrole.live.reader import Reader
from taskrole.live.roles import as_document
from taskrole.live.service import connect
from taskrole.policy.catalogue.managed import managed_policy
from taskrole.policy.documents.policy import Policy
from taskrole.policy.documents.statements import Document
from taskrole.progress import reporting
from taskrole.role import Role, answered_attributes
from taskrole.taskdef import TaskDocument
from taskrole.taskdef.features.roles import ROLE_FIELDS
from taskrole.taskdef.reduced import reduced

_AT_ONCE = 10  # services that one call describes
_PAGE = 100


@dataclass(frozen=True)
class Caller:
    """The ARN of the caller's identity, and the context that is read."""

    arn: str
    context: Context

    @property
    def identity(self) -> tuple[str | None, ...]:
        """Return everything that answers depend on, as the key for cached answers."""
        return self.arn, self.context.account, self.context.region


@dataclass(frozen=True)
class EcsService:
    """A service, named cluster/name, with the ARNs of its active task definitions, and whether ECS Exec is enabled."""

    name: str
    task_definitions: tuple[str, ...]
    exec_on: bool = False


@dataclass(frozen=True)
class Account:
    """The input of an audit.

    `task_definitions` are by ARN, `roles` by ARN or name as in task definitions, `documents` by policy ARN.
    `taken` are the names of all roles of the account, in lower case.
    """

    context: Context
    clusters: tuple[str, ...]
    services: tuple[EcsService, ...]
    task_definitions: Mapping[str, Mapping[str, Any]]
    roles: Mapping[str, Role]
    documents: Mapping[str, Document]
    taken: frozenset[str] = frozenset()


def caller(region: str) -> Caller:
    """Return the identity of the credentials, with its account and partition. Raises ToolError."""
    with aws_errors("reading the caller's identity (sts:GetCallerIdentity)"):
        answer = connect("sts", region).ask("get_caller_identity")
    return Caller(answer["Arn"], Context(answer["Arn"].split(":")[1], region, answer["Account"]))


def read_account(reader: Reader, context: Context, clusters: Sequence[str]) -> Account:
    """Return what runs in these clusters, given by name or ARN, or in all clusters of the region.

    Raises ToolError if AWS does not respond, InputError for a cluster that does not exist.
    """
    chosen = tuple(clusters) or _clusters(reader)
    listed = reader.each(lambda cluster: _list_services(reader, cluster), chosen)
    named = [(cluster, arns) for cluster, services in zip(chosen, listed, strict=True) for arns in _tens(services)]
    with reporting("reading services", len(named)) as done:
        described = reader.each(lambda batch: _describe_services(reader, *batch), named, done)
    services = sorted((service for batch in described for service in batch), key=lambda service: service.name)
    arns = sorted({arn for service in services for arn in service.task_definitions})
    with reporting("reading task definitions", len(arns)) as done:
        answers = reader.each(lambda arn: _task_definition(reader, arn), arns, done)
    task_definitions = dict(zip(arns, answers, strict=True))
    roles, documents, taken = _roles(reader, _role_arns(task_definitions.values()))
    documents |= _newer_policies(reader, roles, documents)
    names = tuple(sorted(cluster.rpartition("/")[2] for cluster in chosen))
    return Account(context, names, tuple(services), task_definitions, roles, documents, frozenset(taken))


def named_roles(document: TaskDocument) -> Iterator[tuple[RoleKind, str]]:
    """Yield the kind and the ARN or name of each role of a task definition."""
    for kind, field in ROLE_FIELDS.items():
        arn = document.data.get(field)
        if isinstance(arn, str) and arn:
            yield kind, arn


def is_foreign(arn: str, context: Context) -> bool:
    """Return whether a role is in another account; a name without an ARN is in this account."""
    return arn.startswith("arn:") and arn.split(":")[4] != context.account


def _clusters(reader: Reader) -> tuple[str, ...]:
    pages = reader.pages("ecs", "list_clusters", maxResults=_PAGE)
    return tuple(sorted(arn for page in pages for arn in page["clusterArns"]))


def _list_services(reader: Reader, cluster: str) -> list[str]:
    try:
        pages = reader.pages("ecs", "list_services", cluster=cluster, maxResults=_PAGE)
        return sorted(arn for page in pages for arn in page["serviceArns"])
    except ToolError as error:
        if "ClusterNotFound" in str(error):
            message = "no such cluster in this region; remove --cluster to audit all"
            raise InputError([Problem(Place(f"cluster {cluster}"), message)]) from error
        raise


def _describe_services(reader: Reader, cluster: str, arns: Sequence[str]) -> list[EcsService]:
    answer = reader.call("ecs", "describe_services", cluster=cluster, services=list(arns))
    described = {service["serviceArn"] for service in answer["services"]}
    gone = {
        failure.get("arn") for failure in answer.get("failures", ()) if failure.get("reason", "MISSING") == "MISSING"
    }
    silent = next((arn for arn in arns if arn not in described and arn not in gone), None)
    if silent:
        raise ContradictionError("ecs:DescribeServices", f"services lacks {quote(silent)}")
    name = cluster.rpartition("/")[2]
    return [_service(name, service) for service in answer["services"] if service.get("status") != "INACTIVE"]


def _service(cluster: str, service: Mapping[str, Any]) -> EcsService:
    """Return a service; during a deployment, or with task sets, it has several task definitions."""
    parts = (service, *service.get("deployments", ()), *service.get("taskSets", ()))
    arns = dict.fromkeys(str(part["taskDefinition"]) for part in parts if part.get("taskDefinition"))
    return EcsService(f"{cluster}/{service['serviceName']}", tuple(arns), bool(service.get("enableExecuteCommand")))


def _task_definition(reader: Reader, arn: str) -> Mapping[str, Any]:
    answer = reader.call("ecs", "describe_task_definition", _reduced_answer, taskDefinition=arn)
    definition: Mapping[str, Any] = answer["taskDefinition"]
    if definition["taskDefinitionArn"] != arn:
        raise ContradictionError("ecs:DescribeTaskDefinition", f"taskDefinition.taskDefinitionArn is not {quote(arn)}")
    return definition


def _reduced_answer(answer: dict[str, Any]) -> dict[str, Any]:
    return {"taskDefinition": reduced(answer["taskDefinition"])}


def _role_arns(task_definitions: Iterable[Mapping[str, Any]]) -> set[str]:
    return {
        str(definition[field])
        for definition in task_definitions
        for field in ROLE_FIELDS.values()
        if definition.get(field)
    }


def _roles(reader: Reader, wanted: set[str]) -> tuple[dict[str, Role], dict[str, Document], set[str]]:
    if not wanted:
        return {}, {}, set()
    roles: dict[str, Role] = {}
    documents: dict[str, Document] = {}
    taken: set[str] = set()
    filters = ["Role", "LocalManagedPolicy"]
    for page in reader.pages("iam", "get_account_authorization_details", Filter=filters):
        for detail in page.get("RoleDetailList", ()):
            # A task definition contains the ARN or the name of a role.
            taken.add(str(detail["RoleName"]).lower())
            roles |= {key: _role(detail) for key in (detail["Arn"], detail["RoleName"]) if key in wanted}
        documents |= {policy["Arn"]: _default_version(policy) for policy in page.get("Policies", ())}
    return roles, documents, taken


def _role(detail: Mapping[str, Any]) -> Role:
    policies = sorted(detail.get("RolePolicyList", ()), key=lambda policy: str(policy["PolicyName"]))
    return Role(
        key=detail["RoleName"],
        kind="execution",
        name=detail["RoleName"],
        tags={tag["Key"]: tag["Value"] for tag in detail.get("Tags", ())},
        trust=as_document(detail["AssumeRolePolicyDocument"]),
        policies=tuple(
            Policy(policy["PolicyName"], "inline", as_document(policy["PolicyDocument"])) for policy in policies
        ),
        attachments=tuple(sorted(policy["PolicyArn"] for policy in detail.get("AttachedManagedPolicies", ()))),
        # The account's details have neither descriptions nor session durations.
        **answered_attributes(detail),
    )


def _default_version(policy: Mapping[str, Any]) -> Document:
    versions = policy["PolicyVersionList"]
    default = next((version for version in versions if version["IsDefaultVersion"]), versions[0])
    return as_document(default["Document"])


def _newer_policies(
    reader: Reader, roles: Mapping[str, Role], documents: Mapping[str, Document]
) -> dict[str, Document]:
    """Return the documents of AWS managed policies that are not in the snapshot."""
    named = {arn for role in roles.values() for arn in (*role.attachments, role.permissions_boundary) if arn}
    unknown = sorted(arn for arn in named if arn not in documents and managed_policy(arn) is None)

    def read(arn: str) -> Document:
        version = reader.call("iam", "get_policy", PolicyArn=arn)["Policy"]["DefaultVersionId"]
        answer = reader.call("iam", "get_policy_version", PolicyArn=arn, VersionId=version)
        return as_document(answer["PolicyVersion"]["Document"])

    return dict(zip(unknown, reader.each(read, unknown), strict=True))


def _tens(items: Sequence[str]) -> Iterator[Sequence[str]]:
    return (items[start : start + _AT_ONCE] for start in range(0, len(items), _AT_ONCE))
