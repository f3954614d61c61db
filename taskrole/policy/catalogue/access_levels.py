"""The five access levels of actions, the most severe first.

The database lists two levels for some actions ("Tagging, Write"); the more severe or more specific one counts.

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

# The most severe first.
ACCESS_LEVELS: tuple[AccessLevel, ...] = ("Permissions management", "Write", "Tagging", "Read", "List")

# The first of these that an action lists counts.
_PRECEDENCE: tuple[AccessLevel, ...] = ("Permissions management", "Tagging", "Write", "Read", "List")

# Actions that AWS lists as Write although they change permissions.
_PERMISSIONS = re.compile(
    # Resource policies: Permissions management in s3, logs, ecr and glue, Write in kinesis, sagemaker and others.
    r"[a-z0-9-]+:(put|delete|create|update)resourcepolicy(statement)?"
    # PassRole grants the permissions of a role; the others create, open or group identities.
    r"|iam:(passrole|addroletoinstanceprofile|addusertogroup|create(accesskey|loginprofile|role|user"
    r"|servicelinkedrole|servicespecificcredential|openidconnectprovider|samlprovider)"
    r"|update(accesskey|loginprofile|openidconnectproviderthumbprint|samlprovider|role)"
    r"|addclientidtoopenidconnectprovider|resetservicespecificcredential|upload(sshpublickey|signingcertificate)"
    r"|deactivatemfadevice|deletevirtualmfadevice)"
    # Shares of resources with other accounts.
    r"|ram:(accept|associate|create|update)resourceshare.*"
    # Access entries, policies and roles of clusters, collections and identity pools.
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
    """Return the number of actions of each level, the most severe first; levels without actions are left out."""
    counts = Counter(level for level in map(access_level, actions) if level is not None)
    return {level: counts[level] for level in ACCESS_LEVELS if counts[level]}


@lru_cache(maxsize=64)
def level_named(name: str) -> AccessLevel | None:
    """Return the level that roles.yaml calls `permissions-management`, `write`, `tagging`, `read` or `list`."""
    return next((level for level in ACCESS_LEVELS if level.lower().replace(" ", "-") == name.lower()), None)
