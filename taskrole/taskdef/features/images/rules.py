"""The rules for images."""

from __future__ import annotations

from taskrole.taskdef.failure import AGENT_REPOSITORY, EXECUTION_RESOURCES, GITHUB, PULL_SECRETS_PAGE, Failure
from taskrole.taskdef.rule import AGENT, DOCS, ECS, EXECUTION, FieldRule

_IMAGE = "containerDefinitions[].image"
_ECR = f"{DOCS}/AmazonECR/latest/userguide"
_EXECUTION_ROLE = f"{ECS}/task_execution_IAM_role.html"
_PRIVATE = f"{ECS}/private-auth.html"
_REPOSITORY = "arn:P:ecr:R:A:repository/REPO"
_PULL = ("ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer")

LOGIN_DENIED = Failure(
    "stopped reason",
    f"{EXECUTION_RESOURCES}unable to retrieve ecr registry auth: …",
    PULL_SECRETS_PAGE,
    on_ec2=Failure(
        "stopped reason",
        "CannotPullECRContainerError: AccessDeniedException: … is not authorized to perform:"
        " ecr:GetAuthorizationToken …",
        f"{GITHUB}/OvertureMaps/overture-tiles/pull/20",
    ),
)
PULL_DENIED = Failure(
    "stopped reason",
    "CannotPullContainerError: pull image manifest has been retried … time(s): failed to resolve ref …: pulling from"
    " host … failed with status code [manifests …]: 403 Forbidden",
    f"{GITHUB}/aws/aws-cdk/issues/29876",
    on_ec2=Failure(
        "stopped reason",
        "CannotPullContainerError: The task can\u2019t pull the image. Check that the role has the permissions to pull"
        " images from the registry. …",
        f"{AGENT_REPOSITORY}/pull/4181",
    ),
)

RULES = (
    FieldRule(
        "IMG-1",
        "grant",
        "Log in to ECR; the action has no resource types",
        _IMAGE,
        f"{_ECR}/ECR_on_ECS.html",
        EXECUTION,
        ("ecr:GetAuthorizationToken",),
        "*",
        failure=LOGIN_DENIED,
    ),
    FieldRule(
        "IMG-2",
        "grant",
        "Pull an image from ECR",
        _IMAGE,
        f"{_ECR}/ECR_on_ECS.html",
        EXECUTION,
        _PULL,
        _REPOSITORY,
        failure=PULL_DENIED,
    ),
    FieldRule(
        "IMG-3",
        "option",
        "Check layers; AWS's managed policy lists it, but only pushes need it",
        "option compat: managed-policy",
        f"{ECS}/security-iam-roles.html",
        EXECUTION,
        ("ecr:BatchCheckLayerAvailability",),
        _REPOSITORY,
    ),
    FieldRule(
        "IMG-4",
        "grant",
        "Pull an image from another account, whose repository policy must also allow it",
        _IMAGE,
        f"{_ECR}/repository-policy-examples.html",
        EXECUTION,
        _PULL,
        _REPOSITORY,
        failure=PULL_DENIED,
    ),
    FieldRule(
        "IMG-5",
        "grant",
        "Pull an image from another region",
        _IMAGE,
        f"{AGENT}/agent/dockerclient/dockerauth/ecr.go",
        EXECUTION,
        _PULL,
        "arn:P:ecr:R_IMAGE:A:repository/REPO",
        failure=PULL_DENIED,
    ),
    FieldRule(
        "IMG-6",
        "option",
        "Fill a pull-through cache",
        "option pull_through_prefixes",
        f"{_ECR}/pull-through-cache-iam.html",
        EXECUTION,
        ("ecr:BatchImportUpstreamImage",),
        _REPOSITORY,
        failure=PULL_DENIED,
    ),
    FieldRule(
        "IMG-7",
        "option",
        "Let the first pull through a cache create the repository",
        "option pull_through_create_repository",
        f"{_ECR}/pull-through-cache-iam.html",
        EXECUTION,
        ("ecr:CreateRepository",),
        _REPOSITORY,
        failure=PULL_DENIED,
    ),
    FieldRule(
        "IMG-ROOT",
        "note",
        "The prefix ROOT covers every repository that no longer prefix covers",
        "option pull_through_prefixes",
        f"{DOCS}/AmazonECR/latest/APIReference/API_CreatePullThroughCacheRule.html",
        verified=False,
        note="Based on the API reference only.",
    ),
    FieldRule(
        "IMG-8",
        "fact",
        "Pulling through a cache needs no ecr:TagResource: ECR's own role creates the repository",
        _IMAGE,
        f"{_ECR}/pull-through-cache.html",
        verified=False,
        note="Repository creation templates with tags or keys use a role of their own; no page on it was read.",
    ),
    FieldRule(
        "IMG-9",
        "fact",
        "Images of ECR Public are pulled anonymously",
        _IMAGE,
        f"{AGENT}/agent/ecr/client.go",
        verified=False,
        note="The agent makes no call for it; no AWS page states that no permission is needed.",
    ),
    FieldRule("IMG-10", "fact", "Other registries do not use IAM", _IMAGE, _PRIVATE),
    FieldRule(
        "IMG-11",
        "note",
        "Registry credentials do not apply to images in ECR",
        "containerDefinitions[].repositoryCredentials",
        _PRIVATE,
    ),
    FieldRule(
        "IMG-12",
        "option",
        "Pull images only through a VPC endpoint or from a VPC; login and logs have no condition",
        "option vpc_endpoint",
        f"{_EXECUTION_ROLE}#task-execution-ecr-conditionkeys",
        EXECUTION,
        _PULL,
        _REPOSITORY,
        note="The action of compat: managed-policy (IMG-3) has the condition as well.",
        failure=PULL_DENIED,
    ),
    FieldRule(
        "IMG-13",
        "grant",
        "Pull an image from a registry of AWS or a vendor that every account may pull from",
        _IMAGE,
        "https://github.com/aws/aws-for-fluent-bit",
        EXECUTION,
        _PULL,
        _REPOSITORY,
        note="The registries are listed in data/public_registries.json, with the date and the page of each.",
        failure=PULL_DENIED,
    ),
    FieldRule(
        "IMG-CACHE",
        "note",
        "A repository named like a pull-through cache may need the permissions of a cache",
        _IMAGE,
        f"{_ECR}/pull-through-cache-creating-rule.html",
    ),
    FieldRule(
        "IMAGE",
        "refused",
        "A container without a valid image, so that the repository is unknown",
        _IMAGE,
        f"{ECS}/task_definition_parameters.html",
    ),
    FieldRule(
        "ECR-HOST",
        "refused",
        "A registry that looks like ECR but is not, is in another partition, or has no such endpoint",
        _IMAGE,
        f"{DOCS}/general/latest/gr/ecr.html",
    ),
    FieldRule(
        "ECR-NAME",
        "refused",
        "Names of repositories: 2 to 256 lower-case letters, digits and . _ - between slashes",
        _IMAGE,
        f"{DOCS}/AmazonECR/latest/APIReference/API_CreateRepository.html",
    ),
    FieldRule(
        "PULL-THROUGH-FIPS",
        "note",
        "The first pull through a cache does not work at a FIPS endpoint",
        _IMAGE,
        f"{_ECR}/pull-through-cache.html",
    ),
    FieldRule(
        "IMG-LAYERS",
        "fact",
        "Layers are downloaded from S3 with presigned URLs: the VPC endpoint's policy must allow it, not the role",
        _IMAGE,
        f"{_ECR}/vpc-endpoints.html",
    ),
    FieldRule(
        "IMG-KMS",
        "fact",
        "Pulling from an encrypted repository needs no kms:Decrypt",
        _IMAGE,
        f"{_ECR}/encryption-at-rest.html",
        verified=False,
        note="ECR uses its own grants; no page says that the puller needs nothing.",
    ),
    FieldRule(
        "IMG-CONSISTENCY",
        "fact",
        "Resolving tags to digests (versionConsistency) needs nothing beyond the pull",
        "containerDefinitions[].versionConsistency",
        f"{ECS}/deployment-type-ecs.html",
        verified=False,
        note="No further action is documented.",
    ),
)
