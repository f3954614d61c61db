"""The condition keys that apply to an action.

Sources: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html for the global ones,
the action database for those of services.
"""

from __future__ import annotations

from functools import cache

from taskrole.policy.catalogue.actions import database, details, is_service, known_action
from taskrole.policy.catalogue.resource_types import arn_form, resource_types
from taskrole.policy.patterns import overlap_tokens

# Available for all services, in requests that have the property, such as a tag or VPC endpoint.
GLOBAL_CONDITION_KEYS = frozenset(
    {
        "aws:AssumedRoot",
        "aws:CalledVia",
        "aws:CalledViaAWSMCP",
        "aws:CalledViaFirst",
        "aws:CalledViaLast",
        "aws:ChatbotSourceArn",
        "aws:CurrentTime",
        "aws:Ec2InstanceSourcePrivateIPv4",
        "aws:Ec2InstanceSourceVpc",
        "aws:EpochTime",
        "aws:FederatedProvider",
        "aws:IsMcpServiceAction",
        "aws:MultiFactorAuthAge",
        "aws:MultiFactorAuthPresent",
        "aws:PrincipalAccount",
        "aws:PrincipalArn",
        "aws:PrincipalIsAWSService",
        "aws:PrincipalOrgID",
        "aws:PrincipalOrgPaths",
        "aws:PrincipalServiceName",
        "aws:PrincipalServiceNamesList",
        "aws:PrincipalTag/${TagKey}",
        "aws:PrincipalType",
        "aws:referer",
        "aws:RequestedRegion",
        "aws:RequestTag/${TagKey}",
        "aws:ResourceAccount",
        "aws:ResourceOrgID",
        "aws:ResourceOrgPaths",
        "aws:ResourceTag/${TagKey}",
        "aws:SecureTransport",
        "aws:SignInSessionArn",
        "aws:SourceAccount",
        "aws:SourceArn",
        "aws:SourceIdentity",
        "aws:SourceIp",
        "aws:SourceOrgID",
        "aws:SourceOrgPaths",
        "aws:SourceVpc",
        "aws:SourceVpcArn",
        "aws:SourceVpce",
        "aws:TagKeys",
        "aws:TokenIssueTime",
        "aws:UserAgent",
        "aws:userid",
        "aws:username",
        "aws:ViaAWSMCPService",
        "aws:ViaAWSService",
        "aws:VpceAccount",
        "aws:VpceOrgID",
        "aws:VpceOrgPaths",
        "aws:VpcSourceIp",
        "codebuild:BuildArn",
        "codebuild:ProjectArn",
        "ec2:RoleDelivery",
        "ec2:SourceInstanceArn",
        "glue:CredentialIssuingService",
        "glue:RoleAssumedBy",
        "identitystore:UserId",
        "lambda:SourceFunctionArn",
        "ssm:SourceInstanceArn",
    }
)

# The global keys of value type "multivalued".
MULTIVALUED_GLOBAL_KEYS = frozenset(
    {
        "aws:calledvia",
        "aws:principalorgpaths",
        "aws:principalservicenameslist",
        "aws:resourceorgpaths",
        "aws:sourceorgpaths",
        "aws:tagkeys",
        "aws:vpceorgpaths",
    }
)


def may_be_multivalued(key: str) -> bool:
    """Return whether a request may have several values of a key, in any case.

    True for keys of array type in the action database, and for keys with an unknown prefix, such as those of identity
    providers.
    """
    prefix, colon, _ = key.lower().partition(":")
    if prefix == "aws" or not colon:
        return key.lower() in MULTIVALUED_GLOBAL_KEYS
    return not is_service(prefix) or _fits(key, _array_keys(prefix))


def condition_keys(action: str) -> frozenset[str]:
    """Return the condition keys of an action and its resource types, without the global ones; KeyError if unknown."""
    record = details(action)
    keys = {
        *record["conditionKeys"],
        *(key for resource_type in record["resourceTypes"] for key in resource_type["conditionKeys"]),
    }
    return frozenset(keys.union(*(resource_type.condition_keys for resource_type in resource_types(action))))


def has_condition_key(action: str, key: str) -> bool:
    """Return whether a condition key, ignoring case, applies to an action: it is global, or a key of the action.

    A key that contains a tag name exists for every tag. Raises KeyError for an unknown action.
    """
    return _fits(key, GLOBAL_CONDITION_KEYS) or _fits(key, condition_keys(known_action(action) or action))


@cache
def _array_keys(service: str) -> frozenset[str]:
    conditions = database().conditions
    keys = conditions.get_condition_keys_for_service(service)
    types = {key: conditions.get_condition_key_details(service, key)["type"] for key in keys}
    return frozenset(key for key, kind in types.items() if kind.startswith("ArrayOf"))


@cache
def _fits(key: str, known: frozenset[str]) -> bool:
    text = tuple(key.lower())
    return any(overlap_tokens(arn_form(known_key.lower()), text) for known_key in known)
