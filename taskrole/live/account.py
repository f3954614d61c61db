"""What runs in an account and region: services, their active task definitions, and the roles that these name.

Calls: a few to list; one for ten services; one for a task definition; one for a hundred or more roles, since IAM gives
all roles with all their policies at once. Of task definitions only what derivation reads is used and kept: values of
environment variables, commands and options of log drivers may hold passwords.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from taskrole.arns import Context
from taskrole.errors import InputError, Place, Problem, ToolError, quote
from taskrole.grant import RoleKind
from taskrole.live.answers import AnswerError
from taskrole.live.client import aws_errors
from taskrole.live.reader import Reader
from taskrole.live.roles import as_document
from taskrole.live.service import connect
from taskrole.output.lines import count
from taskrole.policy.catalogue.managed import managed_policy
from taskrole.policy.documents.policy import Policy
from taskrole.policy.documents.statements import Document
from taskrole.role import Role
from taskrole.taskdef import TaskDocument
from taskrole.taskdef.features.roles import ROLE_FIELDS
from taskrole.taskdef.reduced import reduced

_Progress = Callable[[str], None]

_AT_ONCE = 10  # services that one call describes
_PAGE = 100


@dataclass(frozen=True)
class Caller:
    """The identity that the credentials are of, by ARN, and where it reads."""

    arn: str
    context: Context

    @property
    def identity(self) -> tuple[str | None, ...]:
        """All that answers depend on: kept ones are of use to nobody else."""
        return self.arn, self.context.account, self.context.region


@dataclass(frozen=True)
class EcsService:
    """A service, as cluster/name, with the ARNs of its active task definitions; whether ECS Exec is on."""

    name: str
    task_definitions: tuple[str, ...]
    exec_on: bool = False


@dataclass(frozen=True)
class Account:
    """All that an audit needs to know.

    `task_definitions` are by ARN, `roles` by ARN or name, as task definitions name them, `documents` by policy ARN.
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
    with aws_errors("asking whose the credentials are (sts:GetCallerIdentity)"):
        answer = connect("sts", region).ask("get_caller_identity")
    return Caller(answer["Arn"], Context(answer["Arn"].split(":")[1], region, answer["Account"]))


def read_account(reader: Reader, context: Context, clusters: Sequence[str], progress: _Progress) -> Account:
    """Return what runs in these clusters, by name or ARN, or in all of the region.

    Raises ToolError where AWS does not answer, InputError for a cluster that is not there.
    """
    chosen = tuple(clusters) or _clusters(reader)
    listed = reader.each(lambda cluster: _list_services(reader, cluster), chosen)
    named = [(cluster, arns) for cluster, found in zip(chosen, listed, strict=True) for arns in _tens(found)]
    total = sum(len(arns) for _, arns in named)
    progress(f"{count(len(chosen), 'cluster')}, {count(total, 'service')}")
    described = reader.each(lambda one: _describe_services(reader, *one), named)
    services = sorted((one for found in described for one in found), key=lambda one: one.name)
    arns = sorted({arn for service in services for arn in service.task_definitions})
    found = reader.each(
        lambda arn: _task_definition(reader, arn), arns, _counter(progress, "task definitions", len(arns))
    )
    task_definitions = dict(zip(arns, found, strict=True))
    progress("reading all roles with their policies")
    roles, documents, taken = _roles(reader, _role_arns(task_definitions.values()))
    documents |= _newer_policies(reader, roles, documents)
    names = tuple(sorted(cluster.rpartition("/")[2] for cluster in chosen))
    return Account(context, names, tuple(services), task_definitions, roles, documents, frozenset(taken))


def named_roles(document: TaskDocument) -> Iterator[tuple[RoleKind, str]]:
    """Yield the roles that a task definition names, as it names them."""
    for kind, field in ROLE_FIELDS.items():
        arn = document.data.get(field)
        if isinstance(arn, str) and arn:
            yield kind, arn


def is_foreign(arn: str, context: Context) -> bool:
    """Tell whether a role is of another account; one that is named without its ARN is of this."""
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
            message = "no such cluster in this region; without --cluster all are audited"
            raise InputError([Problem(Place(f"cluster {cluster}"), message)]) from error
        raise


def _describe_services(reader: Reader, cluster: str, arns: Sequence[str]) -> list[EcsService]:
    answer = reader.call("ecs", "describe_services", cluster=cluster, services=list(arns))
    described = {one["serviceArn"] for one in answer["services"]}
    gone = {one.get("arn") for one in answer.get("failures", ()) if one.get("reason", "MISSING") == "MISSING"}
    silent = next((arn for arn in arns if arn not in described and arn not in gone), None)
    if silent:
        raise AnswerError("ecs:DescribeServices", f"services lacks {quote(silent)}")
    name = cluster.rpartition("/")[2]
    return [_service(name, one) for one in answer["services"] if one.get("status") != "INACTIVE"]


def _service(cluster: str, one: Mapping[str, Any]) -> EcsService:
    """Return a service; while it is being deployed, or runs in task sets, it has several task definitions."""
    parts = (one, *one.get("deployments", ()), *one.get("taskSets", ()))
    arns = dict.fromkeys(str(part["taskDefinition"]) for part in parts if part.get("taskDefinition"))
    return EcsService(f"{cluster}/{one['serviceName']}", tuple(arns), bool(one.get("enableExecuteCommand")))


def _task_definition(reader: Reader, arn: str) -> Mapping[str, Any]:
    answer = reader.call("ecs", "describe_task_definition", _what_is_read, taskDefinition=arn)
    found: Mapping[str, Any] = answer["taskDefinition"]
    if found["taskDefinitionArn"] != arn:
        raise AnswerError("ecs:DescribeTaskDefinition", f"taskDefinition.taskDefinitionArn is not {quote(arn)}")
    return found


def _what_is_read(answer: dict[str, Any]) -> dict[str, Any]:
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
        for one in page.get("RoleDetailList", ()):
            # A task definition names a role by its ARN or, as ECS allows, by its name.
            taken.add(str(one["RoleName"]).lower())
            roles |= {key: _role(one) for key in (one["Arn"], one["RoleName"]) if key in wanted}
        documents |= {one["Arn"]: _default_version(one) for one in page.get("Policies", ())}
    return roles, documents, taken


def _role(one: Mapping[str, Any]) -> Role:
    policies = sorted(one.get("RolePolicyList", ()), key=lambda policy: str(policy["PolicyName"]))
    return Role(
        key=one["RoleName"],
        kind="execution",
        name=one["RoleName"],
        path=one["Path"],
        tags={tag["Key"]: tag["Value"] for tag in one.get("Tags", ())},
        permissions_boundary=one.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn"),
        trust=as_document(one["AssumeRolePolicyDocument"]),
        policies=tuple(
            Policy(policy["PolicyName"], "inline", as_document(policy["PolicyDocument"])) for policy in policies
        ),
        attachments=tuple(sorted(policy["PolicyArn"] for policy in one.get("AttachedManagedPolicies", ()))),
    )


def _default_version(policy: Mapping[str, Any]) -> Document:
    versions = policy["PolicyVersionList"]
    default = next((version for version in versions if version["IsDefaultVersion"]), versions[0])
    return as_document(default["Document"])


def _newer_policies(
    reader: Reader, roles: Mapping[str, Role], documents: Mapping[str, Document]
) -> dict[str, Document]:
    """Return the documents of AWS's policies that the snapshot does not know."""
    named = {arn for role in roles.values() for arn in (*role.attachments, role.permissions_boundary) if arn}
    unknown = sorted(arn for arn in named if arn not in documents and managed_policy(arn) is None)

    def read(arn: str) -> Document:
        version = reader.call("iam", "get_policy", PolicyArn=arn)["Policy"]["DefaultVersionId"]
        answer = reader.call("iam", "get_policy_version", PolicyArn=arn, VersionId=version)
        return as_document(answer["PolicyVersion"]["Document"])

    return dict(zip(unknown, reader.each(read, unknown), strict=True))


def _tens(items: Sequence[str]) -> Iterator[Sequence[str]]:
    return (items[start : start + _AT_ONCE] for start in range(0, len(items), _AT_ONCE))


def _counter(progress: _Progress, what: str, total: int) -> Callable[[int], None]:
    """Return what tells of progress, a line for every hundred and for the end."""

    def done(number: int) -> None:
        if number % _PAGE == 0 or number == total:
            progress(f"read {number} of {total} {what}")

    return done
