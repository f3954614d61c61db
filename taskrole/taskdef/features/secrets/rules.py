"""The rules for secrets and parameters."""

from __future__ import annotations

from taskrole.taskdef.failure import EXECUTION_RESOURCES, GITHUB, Failure
from taskrole.taskdef.rule import AGENT, API, DOCS, ECS, EXECUTION, FieldRule

_SECRET = "containerDefinitions[].secrets[].valueFrom, …logConfiguration.secretOptions[].valueFrom"  # noqa: S105
_SM = f"{ECS}/secrets-envvar-secrets-manager.html"
_SM_GUIDE = f"{DOCS}/secretsmanager/latest/userguide"
_SSM = f"{ECS}/secrets-envvar-ssm-paramstore.html"
_SSM_GUIDE = f"{DOCS}/systems-manager/latest/userguide"
_GET_SECRET = ("secretsmanager:GetSecretValue",)
_GET_PARAMETERS = ("ssm:GetParameters",)

_SECRET_DENIED = Failure(
    "stopped reason",
    f"{EXECUTION_RESOURCES}unable to retrieve secret from asm: service call has been retried … time(s): failed to fetch"
    " secret … from secrets manager: AccessDeniedException: …",
    f"{GITHUB}/GiamPy5/terraform-aws-directus/issues/10",
)
_PARAMETER_DENIED = Failure(
    "stopped reason",
    f"{EXECUTION_RESOURCES}unable to retrieve secrets from ssm: service call has been retried … time(s):"
    " AccessDeniedException: … is not authorized to perform: ssm:GetParameters …",
    f"{GITHUB}/aws/copilot-cli/issues/4504",
)

RULES = (
    FieldRule(
        "SECRET",
        "refused",
        "A secret is the ARN of a secret, or the ARN or name of a parameter",
        _SECRET,
        f"{API}/API_Secret.html",
    ),
    FieldRule(
        "SM-1",
        "grant",
        "A secret by its whole ARN; JSON key, stage and version are not part of the resource",
        _SECRET,
        _SM,
        EXECUTION,
        _GET_SECRET,
        "arn:P:secretsmanager:R:A:secret:NAME-SUFFIX",
        failure=_SECRET_DENIED,
    ),
    FieldRule(
        "SM-2",
        "grant",
        "A secret by an ARN without its six random characters; -* would also match other secrets",
        _SECRET,
        f"{_SM_GUIDE}/auth-and-access_iam-policies.html",
        EXECUTION,
        _GET_SECRET,
        "arn:P:secretsmanager:R:A:secret:NAME-??????",
        verified=False,
        note="How IAM matches a request with such an ARN is not documented; a stored secret always has its suffix.",
        failure=_SECRET_DENIED,
    ),
    FieldRule(
        "SM-3",
        "grant",
        "A name that may end in a suffix; treated as complete unless ambiguous_secret_suffix is both",
        _SECRET,
        f"{DOCS}/secretsmanager/latest/apireference/API_CreateSecret.html",
        EXECUTION,
        _GET_SECRET,
        "the ARN; by option also ARN-??????",
        failure=_SECRET_DENIED,
        once=True,
    ),
    FieldRule(
        "SM-4",
        "grant",
        "A secret in another region",
        _SECRET,
        _SM,
        EXECUTION,
        _GET_SECRET,
        "the ARN, in its own region",
        failure=_SECRET_DENIED,
    ),
    FieldRule(
        "SM-5",
        "grant",
        "A secret in another account, whose resource policy and key policy must also allow it",
        _SECRET,
        f"{_SM_GUIDE}/auth-and-access_examples_cross.html",
        EXECUTION,
        _GET_SECRET,
        "the ARN",
        failure=_SECRET_DENIED,
        once=True,
    ),
    FieldRule(
        "SM-FORM",
        "refused",
        "`secret:` is followed by the name, or by name, JSON key, version stage and version id with all colons",
        _SECRET,
        f"{AGENT}/agent/taskresource/asmsecret/asmsecret.go",
    ),
    FieldRule("SM-VERSION", "refused", "A version stage and a version id are mutually exclusive", _SECRET, _SM),
    FieldRule(
        "SM-CONDITION",
        "fact",
        "Conditions on version stage and id are not used",
        _SECRET,
        f"{DOCS}/service-authorization/latest/reference/list_awssecretsmanager.html",
        verified=False,
        note="Whether these keys are present when a caller names no version is not documented.",
    ),
    FieldRule(
        "SM-DENY",
        "option",
        "Deny the TLS keys that Service Connect keeps in Secrets Manager",
        "option deny_service_connect_secrets",
        f"{ECS}/service-connect-tls.html",
        EXECUTION,
        _GET_SECRET,
        "arn:P:secretsmanager:*:*:secret:ecs-sc!*",
        note="A task that reads one of them itself is refused, since it would not start.",
    ),
    FieldRule(
        "SSM-1",
        "grant",
        "A parameter by its name",
        _SECRET,
        _SSM,
        EXECUTION,
        _GET_PARAMETERS,
        "arn:P:ssm:R:A:parameter/NAME",
        failure=_PARAMETER_DENIED,
    ),
    FieldRule(
        "SSM-2",
        "grant",
        "A parameter by its path; its ARN has one slash before the path",
        _SECRET,
        f"{DOCS}/service-authorization/latest/reference/list_awssystemsmanager.html",
        EXECUTION,
        _GET_PARAMETERS,
        "arn:P:ssm:R:A:parameter/PATH/NAME",
        failure=_PARAMETER_DENIED,
    ),
    FieldRule(
        "SSM-3",
        "grant",
        "A parameter by its ARN, in any region",
        _SECRET,
        _SSM,
        EXECUTION,
        _GET_PARAMETERS,
        "the ARN",
        failure=_PARAMETER_DENIED,
    ),
    FieldRule(
        "SSM-4",
        "refused",
        "ECS does not read parameters that another account shares",
        _SECRET,
        f"{_SSM_GUIDE}/parameter-store-shared-parameters.html",
    ),
    FieldRule(
        "SSM-5",
        "refused",
        "ECS does not accept a version or label of a parameter",
        _SECRET,
        "https://github.com/aws/containers-roadmap/issues/859",
    ),
    FieldRule(
        "SSM-6",
        "grant",
        "A secret read through Parameter Store needs both permissions",
        _SECRET,
        f"{_SSM_GUIDE}/integration-ps-secretsmanager.html",
        EXECUTION,
        _GET_PARAMETERS,
        "…:parameter/aws/reference/secretsmanager/NAME; secretsmanager:GetSecretValue on …:secret:NAME-??????",
        verified=False,
        note="Which ARN Parameter Store checks for such a name is not documented.",
        failure=_PARAMETER_DENIED,
        action_failures={"secretsmanager:GetSecretValue": _SECRET_DENIED},
    ),
    FieldRule(
        "SSM-FORM",
        "refused",
        "A parameter is NAME or /PATH/NAME, of letters, digits and . _ - in up to 15 levels",
        _SECRET,
        f"{DOCS}/systems-manager/latest/APIReference/API_PutParameter.html",
    ),
    FieldRule(
        "SSM-PUBLIC",
        "refused",
        "Parameters under /aws/ belong to AWS and have ARNs without an account",
        _SECRET,
        f"{_SSM_GUIDE}/parameter-store-public-parameters.html",
        verified=False,
        note="Whether ECS reads them as secrets is not documented.",
    ),
)
