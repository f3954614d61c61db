"""The rules for single statements."""

from __future__ import annotations

from taskrole.review.rules.rule import ECS_GUIDE, IAM, ReviewRule

ACTIONS_PAGE = "https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html"

EVERY_ACTION = ReviewRule(
    "TR-ACTION-ANY",
    "error",
    "All actions of all services are allowed",
    "A role that may do everything is the account's administrator.",
    "name the actions that are used",
    f"{IAM}/best-practices.html#grant-least-privilege",
)
EVERY_ACTION_OF_SERVICE = ReviewRule(
    "TR-ACTION-SERVICE",
    "warning",
    "All actions of a service are allowed",
    "They include actions that delete or share the data of the service, and all actions that AWS adds later.",
    "name the actions that are used",
    f"{IAM}/best-practices.html#grant-least-privilege",
)
EVERY_RESOURCE = ReviewRule(
    "TR-RESOURCE-ANY",
    "warning",
    "Actions that support resource-level permissions are allowed on every resource",
    "`*` includes the resources of every other team and application in the account.",
    "name the resources; actions that AWS can only allow on `*` are not reported",
    ACTIONS_PAGE,
)
UNKNOWN_SERVICE = ReviewRule(
    "TR-SERVICE-UNKNOWN",
    "error",
    "No AWS service has this prefix",
    "IAM accepts it, but it allows nothing: a spelling mistake that surfaces as AccessDenied.",
    "correct the prefix",
    ACTIONS_PAGE,
)
UNKNOWN_ACTION = ReviewRule(
    "TR-ACTION-UNKNOWN",
    "error",
    "The service has no such action",
    "IAM accepts it, but it allows nothing: a spelling mistake, or an API operation whose IAM action has another name.",
    "correct the action",
    ACTIONS_PAGE,
)
UNKNOWN_KEY = ReviewRule(
    "TR-CONDITION-UNKNOWN",
    "warning",
    "None of the actions has this condition key",
    "A condition on a key that no request has never matches, or always does, depending on its operator.",
    "use a condition key of the action, or a global one",
    ACTIONS_PAGE,
)
MISMATCH = ReviewRule(
    "TR-RESOURCE-MISMATCH",
    "error",
    "The action does not apply to this resource",
    "AWS checks the action against resources of other types, or only against `*`; the statement allows nothing.",
    "name a resource of a type that the action supports, or `*` if it supports none",
    ACTIONS_PAGE,
)
PASS_ROLE = ReviewRule(
    "TR-PASS-ROLE",
    "error",
    "Roles may be passed to any service",
    "Anyone who can pass a role to a service can make that service use the role's permissions.",
    "add the condition StringEquals iam:PassedToService, such as ecs-tasks.amazonaws.com, and name the roles",
    f"{IAM}/id_roles_use_passrole.html",
)
NOT_ACTION = ReviewRule(
    "TR-NOT-ACTION",
    "error",
    "All actions except some are allowed",
    "NotAction with Allow grants every action of AWS, new services included, except those that it names.",
    "name the allowed actions in Action",
    f"{IAM}/reference_policies_elements_notaction.html",
)
NOT_RESOURCE = ReviewRule(
    "TR-NOT-RESOURCE",
    "error",
    "Actions are allowed on all resources except some",
    "NotResource with Allow grants the actions on all current and future resources, except those that it names.",
    "name the allowed resources in Resource",
    f"{IAM}/reference_policies_elements_notresource.html",
)
SECRET_TAIL = ReviewRule(
    "TR-SECRET-ARN",
    "error",
    "The ARN of a secret ends with a JSON key or a version",
    "That form is for valueFrom. ECS calls Secrets Manager with the ARN of the secret: the statement never matches.",
    "end the ARN after the secret's name and its six characters",
    f"{ECS_GUIDE}/secrets-envvar-secrets-manager.html",
)
LOG_ARN = ReviewRule(
    "TR-LOG-ARN",
    "error",
    "The ARN of a log group does not match its streams",
    "CreateLogStream and PutLogEvents are checked against log streams, which the ARN matches only with `:*`.",
    "end the ARN with :*",
    "https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/iam-access-control-overview-cwl.html",
)
VIA_SERVICE = ReviewRule(
    "TR-KMS-VIA-SERVICE",
    "warning",
    "An execution role may use a key directly",
    "ECS needs the key only through Secrets Manager, Systems Manager or S3. Without kms:ViaService, anyone with the"
    " role's credentials can decrypt everything that the key protects.",
    "add the condition StringEquals kms:ViaService, such as secretsmanager.REGION.amazonaws.com",
    "https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html#conditions-kms-via-service",
)

RULES = (
    EVERY_ACTION,
    EVERY_ACTION_OF_SERVICE,
    EVERY_RESOURCE,
    UNKNOWN_SERVICE,
    UNKNOWN_ACTION,
    UNKNOWN_KEY,
    MISMATCH,
    PASS_ROLE,
    NOT_ACTION,
    NOT_RESOURCE,
    SECRET_TAIL,
    LOG_ARN,
    VIA_SERVICE,
)
