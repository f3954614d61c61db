"""Access levels: what an action does, in AWS's five words, the worst first.

The database gives an action of two levels both ("Tagging, Write"); it counts as the worse or the more special one.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_understand-policy-summary-access-level-summaries.html
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from functools import lru_cache
from typing import Literal

from taskrole.policy.catalogue.actions import details, known_action

AccessLevel = Literal["Permissions management", "Write", "Tagging", "Read", "List"]

# The worst first.
ACCESS_LEVELS: tuple[AccessLevel, ...] = ("Permissions management", "Write", "Tagging", "Read", "List")

# In which of two levels an action is counted.
_PRECEDENCE: tuple[AccessLevel, ...] = ("Permissions management", "Tagging", "Write", "Read", "List")

# What AWS lists as Write although it decides who may do what.
_PERMISSIONS = re.compile(
    # Resource policies: Permissions management in s3, logs, ecr and glue, Write in kinesis, sagemaker and others.
    r"[a-z0-9-]+:(put|delete|create|update)resourcepolicy(statement)?"
    # To pass a role is to give its permissions away; the others make or open an identity, or put it into a group.
    r"|iam:(passrole|addroletoinstanceprofile|addusertogroup|create(accesskey|loginprofile|role|user"
    r"|servicelinkedrole|servicespecificcredential|openidconnectprovider|samlprovider)"
    r"|update(accesskey|loginprofile|openidconnectproviderthumbprint|samlprovider|role)"
    r"|addclientidtoopenidconnectprovider|resetservicespecificcredential|upload(sshpublickey|signingcertificate)"
    r"|deactivatemfadevice|deletevirtualmfadevice)"
    # Shares of resources with other accounts.
    r"|ram:(accept|associate|create|update)resourceshare.*"
    # Entries, policies and roles that say who may use a cluster, a collection or an identity pool.
    r"|eks:((dis)?associateaccesspolicy|(create|update|delete)accessentry)"
    r"|aoss:(create|update|delete)accesspolicy"
    r"|cognito-identity:setidentitypoolroles"
    # Groups and assignments of IAM Identity Center.
    r"|identitystore:(create|delete)groupmembership"
    r"|sso:(create|update)permissionset|sso:(create|delete)accountassignment"
)


@lru_cache(maxsize=65_536)
def access_level(action: str) -> AccessLevel | None:
    """Return an action's access level, or None for an unknown action."""
    known = known_action(action)
    if known is None:
        return None
    listed = details(known)["accessLevel"].split(", ")
    if "Write" in listed and _PERMISSIONS.fullmatch(known.lower()):
        return "Permissions management"
    return next(level for level in _PRECEDENCE if level in listed)


def count_by_level(actions: Iterable[str]) -> dict[AccessLevel, int]:
    """Return how many of these actions are of each level, the worst first; levels of none are left out."""
    counts = Counter(level for level in map(access_level, actions) if level is not None)
    return {level: counts[level] for level in ACCESS_LEVELS if counts[level]}


@lru_cache(maxsize=64)
def level_named(name: str) -> AccessLevel | None:
    """Return the level that roles.yaml calls `permissions-management`, `write`, `tagging`, `read` or `list`."""
    return next((level for level in ACCESS_LEVELS if level.lower().replace(" ", "-") == name.lower()), None)
