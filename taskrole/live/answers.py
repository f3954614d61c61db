"""The schemas of AWS's answers, one per operation; answers are checked before they are used or cached.

A proxy, another endpoint or a broken network can return any answer. botocore checks neither that members are present
nor that they have the documented types. Members that taskrole does not read are not checked.
Sources: https://docs.aws.amazon.com/IAM/latest/APIReference/, https://docs.aws.amazon.com/AmazonECS/latest/APIReference/,
https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import unquote

from taskrole.arns import ACCOUNT, ACCOUNT_FORM
from taskrole.errors import ToolError, printable, quote
from taskrole.policy.documents.schema import MalformedPolicyError, document_problem, parse_policy
from taskrole.role import PLAIN_ATTRIBUTES

# Takes a value and its path in the answer; returns the problem with it, or None.
AnswerCheck = Callable[[Any, str], "str | None"]


class AnswerError(ToolError):
    """An answer that does not match the documentation of its operation; names the operation and the member."""

    def __init__(self, action: str, problem: str) -> None:
        super().__init__(printable(f"{action} returned an answer that is not as documented: {problem}"))


class ContradictionError(AnswerError):
    """An answer that matches the documentation but contradicts the request or earlier answers."""


def check_answer(action: str, answer: Any) -> None:
    """Raise AnswerError for an answer without a required member, or with a member of another type.

    `action` is service:Operation, such as iam:GetRole. Raises KeyError for an operation without a schema.
    """
    problem = ANSWERS[action](answer, "")
    if problem:
        raise AnswerError(action, problem)


def text(pattern: str = r"[\s\S]*", rule: str = "text") -> AnswerCheck:
    """Return the check for text that matches a pattern as a whole."""
    grammar = re.compile(pattern)

    def check(value: Any, path: str) -> str | None:
        if not isinstance(value, str):
            return f"{path} must be {rule}; it is {_kind(value)}"
        return None if grammar.fullmatch(value) else f"{path} must be {rule}; got {quote(value)}"

    return check


def flag(value: Any, path: str) -> str | None:
    """Check for true or false."""
    return None if isinstance(value, bool) else f"{path} must be true or false; it is {_kind(value)}"


def number(value: Any, path: str) -> str | None:
    """Check for a whole number."""
    is_number = isinstance(value, int) and not isinstance(value, bool)
    return None if is_number else f"{path} must be a whole number; it is {_kind(value)}"


def document(value: Any, path: str) -> str | None:
    """Check for a policy document: parsed, as botocore gives it, or URL-encoded JSON."""
    if isinstance(value, str):
        try:
            parse_policy(unquote(value))
        except MalformedPolicyError as error:
            return f"{path} must be a policy document; {error}"
        return None
    problem = document_problem(value)
    return f"{path} must be a policy document; {problem}" if problem else None


def array(item: AnswerCheck, *, at_least: int = 0) -> AnswerCheck:
    """Return the check for an array of items."""

    def check(value: Any, path: str) -> str | None:
        if not isinstance(value, (list, tuple)):
            return f"{path} must be an array; it is {_kind(value)}"
        if len(value) < at_least:
            return f"{path} must have at least {at_least} item; it is empty"
        return next(
            (problem for index, element in enumerate(value) if (problem := item(element, f"{path}[{index}]"))), None
        )

    return check


def members(required: Mapping[str, AnswerCheck], optional: Mapping[str, AnswerCheck] | None = None) -> AnswerCheck:
    """Return the check for an object; further members are ignored."""
    optional = optional or {}

    def check(value: Any, path: str) -> str | None:
        if not isinstance(value, Mapping):
            return f"{path or 'the answer'} must be an object; it is {_kind(value)}"
        prefix = f"{path}." if path else ""
        for name, inner in required.items():
            if value.get(name) is None:
                return f"{prefix}{name} is missing"
            if problem := inner(value[name], f"{prefix}{name}"):
                return problem
        for name, inner in optional.items():
            if value.get(name) is not None and (problem := inner(value[name], f"{prefix}{name}")):
                return problem
        return None

    return check


def listing(required: Mapping[str, AnswerCheck], optional: Mapping[str, AnswerCheck] | None = None) -> AnswerCheck:
    """Return the check for a page of an IAM listing, which must have a Marker if IsTruncated is true."""
    whole = members(required, {**(optional or {}), "IsTruncated": flag, "Marker": text(r"[\s\S]+")})

    def check(value: Any, path: str) -> str | None:
        problem = whole(value, path)
        if problem is None and value.get("IsTruncated") and value.get("Marker") is None:
            return "Marker is missing, though IsTruncated is true"
        return problem

    return check


def _kind(value: Any) -> str:
    kinds: tuple[tuple[Any, str], ...] = (
        (bool, "a boolean"),
        ((int, float), "a number"),
        (str, "text"),
        (Mapping, "an object"),
    )
    if isinstance(value, (list, tuple)):
        return "an array"
    return next((name for types, name in kinds if isinstance(value, types)), "null")


_ARN = text(r"arn:[a-z0-9-]+:[a-z0-9-]+:[^:\s]*:[^:\s]*:[^\s]+", "an ARN")
ACCOUNT_CHECK = text(ACCOUNT.pattern, f"an account of {ACCOUNT_FORM}")
_REGION = text(r"[a-z]{2,4}(-[a-z]+)+-[0-9]{1,2}", "a region")
_ROLE_ARN = text(r"arn:[a-z0-9-]+:iam::[0-9]{12}:role/[\x21-\x7e]+", "a role's ARN")
_POLICY_ARN = text(r"arn:[a-z0-9-]+:iam::([0-9]{12}|aws):policy/[\x21-\x7e]+", "a policy's ARN")
_NAME = text(r"[A-Za-z0-9_+=,.@-]{1,128}", "a name of IAM")
_PATH = text(r"/([\x21-\x7e]+/)?", "a path of IAM")
_ROLE = text(r"[A-Za-z0-9_+=,.@/-]{1,600}|arn:[a-z0-9-]+:iam::[0-9]{12}:role/[\x21-\x7e]+", "a role's name or its ARN")
_TASK_DEFINITION_ARN = text(
    r"arn:[a-z0-9-]+:ecs:[a-z0-9-]+:[0-9]{12}:task-definition/[A-Za-z0-9_-]{1,255}:[0-9]{1,18}",
    "a task definition's ARN",
)
_CLUSTER_ARN = text(r"arn:[a-z0-9-]+:ecs:[a-z0-9-]+:[0-9]{12}:cluster/[A-Za-z0-9_-]{1,255}", "a cluster's ARN")
_SERVICE_ARN = text(r"arn:[a-z0-9-]+:ecs:[a-z0-9-]+:[0-9]{12}:service/[A-Za-z0-9_/-]{1,511}", "a service's ARN")
_SERVICE_NAME = text(r"[A-Za-z0-9_-]{1,255}", "a service's name")
_VERSION = text(r"v[0-9]{1,9}([.][A-Za-z0-9_.-]{1,64})?", "a version's id")
_TOKEN = {"nextToken": text()}

_TAGS = array(members({"Key": text(r"[\s\S]+"), "Value": text()}))
_BOUNDARY = members({"PermissionsBoundaryArn": _POLICY_ARN})
_ATTACHED = array(members({"PolicyName": _NAME, "PolicyArn": _POLICY_ARN}))
_RUNS = array(members({}, {"taskDefinition": _TASK_DEFINITION_ARN}))
_ANY = members({})

# The attributes of a role without a check of their own, by the type of their default; None is that of optional text.
_OF_TYPE: Mapping[type, AnswerCheck] = {str: text(), int: number, bool: flag, type(None): text()}
_ATTRIBUTES = {
    attribute.members[0]: _OF_TYPE[type(attribute.default)]
    for attribute in PLAIN_ATTRIBUTES
    if attribute.members and attribute.name not in ("path", "permissions_boundary")
}

ANSWERS: Mapping[str, AnswerCheck] = {
    "sts:GetCallerIdentity": members({"Arn": _ARN, "Account": ACCOUNT_CHECK}),
    # No pattern, since the message would quote the value, which may be a secret.
    "sts:AssumeRole": members(
        {"Credentials": members({"AccessKeyId": text(), "SecretAccessKey": text(), "SessionToken": text()})}
    ),
    "organizations:ListAccounts": members(
        {"Accounts": array(members({"Id": ACCOUNT_CHECK}, {"Name": text(), "State": text(), "Status": text()}))},
        {"NextToken": text()},
    ),
    "ec2:DescribeRegions": members({"Regions": array(members({"RegionName": _REGION}))}),
    "cloudtrail:LookupEvents": members(
        {}, {"Events": array(members({}, {"CloudTrailEvent": text()})), "NextToken": text()}
    ),
    "ecs:ListClusters": members({"clusterArns": array(_CLUSTER_ARN)}, _TOKEN),
    "ecs:ListServices": members({"serviceArns": array(_SERVICE_ARN)}, _TOKEN),
    "ecs:DescribeServices": members(
        {
            "services": array(
                members(
                    {"serviceName": _SERVICE_NAME, "serviceArn": _SERVICE_ARN},
                    {
                        "status": text(),
                        "taskDefinition": _TASK_DEFINITION_ARN,
                        "deployments": _RUNS,
                        "taskSets": _RUNS,
                        "enableExecuteCommand": flag,
                    },
                )
            )
        },
        {"failures": array(members({}, {"arn": text()}))},
    ),
    "ecs:DescribeTaskDefinition": members(
        {
            "taskDefinition": members(
                {
                    "taskDefinitionArn": _TASK_DEFINITION_ARN,
                    "family": text(r"[A-Za-z0-9_-]{1,255}", "a family's name"),
                    "containerDefinitions": array(_ANY, at_least=1),
                },
                {"taskRoleArn": _ROLE, "executionRoleArn": _ROLE},
            )
        }
    ),
    "iam:GetAccountAuthorizationDetails": listing(
        {
            "RoleDetailList": array(
                members(
                    {"RoleName": _NAME, "Arn": _ROLE_ARN, "Path": _PATH, "AssumeRolePolicyDocument": document},
                    {
                        "RolePolicyList": array(members({"PolicyName": _NAME, "PolicyDocument": document})),
                        "AttachedManagedPolicies": _ATTACHED,
                        "PermissionsBoundary": _BOUNDARY,
                        "Tags": _TAGS,
                    },
                )
            )
        },
        {
            "Policies": array(
                members(
                    {
                        "Arn": _POLICY_ARN,
                        "PolicyVersionList": array(
                            members({"Document": document, "IsDefaultVersion": flag}), at_least=1
                        ),
                    }
                )
            )
        },
    ),
    "iam:GetRole": members(
        {
            "Role": members(
                {"RoleName": _NAME, "Arn": _ROLE_ARN, "Path": _PATH, "AssumeRolePolicyDocument": document},
                {
                    **_ATTRIBUTES,
                    "PermissionsBoundary": _BOUNDARY,
                    "Tags": _TAGS,
                },
            )
        }
    ),
    "iam:ListRoles": listing(
        {
            "Roles": array(
                members({"RoleName": _NAME, "Arn": _ROLE_ARN, "Path": _PATH, "AssumeRolePolicyDocument": document})
            )
        }
    ),
    "iam:ListRolePolicies": listing({"PolicyNames": array(_NAME)}),
    "iam:GetRolePolicy": members({"PolicyDocument": document}),
    "iam:ListAttachedRolePolicies": listing({"AttachedPolicies": _ATTACHED}),
    "iam:GetPolicy": members({"Policy": members({"DefaultVersionId": _VERSION})}),
    "iam:GetPolicyVersion": members({"PolicyVersion": members({"Document": document})}),
}
