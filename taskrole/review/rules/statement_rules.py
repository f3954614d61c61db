"""The rules about single statements."""

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
    "It includes those that delete, share and open what the service keeps, and those that AWS adds next year.",
    "name the actions that are used",
    f"{IAM}/best-practices.html#grant-least-privilege",
)
EVERY_RESOURCE = ReviewRule(
    "TR-RESOURCE-ANY",
    "warning",
    "Actions are allowed on every resource that could be allowed on some",
    "Where AWS checks an action against a resource, `*` gives away those of every other team too.",
    "name the resources; what AWS can only allow on `*` is not reported",
    ACTIONS_PAGE,
)
UNKNOWN_SERVICE = ReviewRule(
    "TR-SERVICE-UNKNOWN",
    "error",
    "No AWS service has this prefix",
    "IAM takes it, and it allows nothing: a spelling mistake that shows as AccessDenied.",
    "correct the prefix",
    ACTIONS_PAGE,
)
UNKNOWN_ACTION = ReviewRule(
    "TR-ACTION-UNKNOWN",
    "error",
    "The service has no such action",
    "IAM takes it, and it allows nothing: a spelling mistake, or the name of an API operation where IAM has another.",
    "correct the action",
    ACTIONS_PAGE,
)
UNKNOWN_KEY = ReviewRule(
    "TR-CONDITION-UNKNOWN",
    "warning",
    "None of the actions has this condition key",
    "A condition on a key that no request carries never holds, or always does, depending on its operator.",
    "use a condition key of the action, or a global one",
    ACTIONS_PAGE,
)
MISMATCH = ReviewRule(
    "TR-RESOURCE-MISMATCH",
    "error",
    "The action can never be made on this resource",
    "AWS checks the action against resources of other types, or only against `*`; the statement allows nothing.",
    "name a resource of a type that the action has, or `*` where it has none",
    ACTIONS_PAGE,
)
PASS_ROLE = ReviewRule(
    "TR-PASS-ROLE",
    "error",
    "Roles may be passed to any service",
    "Who may pass a role to a service can make that service use the role's permissions.",
    "add the condition StringEquals iam:PassedToService, such as ecs-tasks.amazonaws.com, and name the roles",
    f"{IAM}/id_roles_use_passrole.html",
)
NOT_ACTION = ReviewRule(
    "TR-NOT-ACTION",
    "error",
    "Everything but some actions is allowed",
    "NotAction with Allow grants all of AWS, new services included, without the few that it names.",
    "name what is allowed, in Action",
    f"{IAM}/reference_policies_elements_notaction.html",
)
NOT_RESOURCE = ReviewRule(
    "TR-NOT-RESOURCE",
    "error",
    "Actions are allowed on everything but some resources",
    "NotResource with Allow grants the actions on all resources that there are or will be, without the few it names.",
    "name what is allowed, in Resource",
    f"{IAM}/reference_policies_elements_notresource.html",
)
SECRET_TAIL = ReviewRule(
    "TR-SECRET-ARN",
    "error",
    "The ARN of a secret has a JSON key or a version behind it",
    "ECS takes such an ARN in valueFrom, and asks Secrets Manager for the secret alone: the statement never matches.",
    "end the ARN after the secret's name and its six characters",
    f"{ECS_GUIDE}/secrets-envvar-secrets-manager.html",
)
LOG_ARN = ReviewRule(
    "TR-LOG-ARN",
    "error",
    "The ARN of a log group leaves its streams out",
    "CreateLogStream and PutLogEvents are checked against the group's streams, none of which the ARN matches without"
    " `:*`.",
    "end the ARN with :*",
    "https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/iam-access-control-overview-cwl.html",
)
VIA_SERVICE = ReviewRule(
    "TR-KMS-VIA-SERVICE",
    "warning",
    "An execution role may use a key directly",
    "ECS only needs the key through Secrets Manager, Systems Manager or S3; without kms:ViaService whoever gets the"
    " role's credentials can decrypt anything that the key protects.",
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
