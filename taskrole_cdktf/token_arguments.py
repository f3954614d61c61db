"""Arguments of roles that may be CDKTF tokens: a permissions boundary and the values of tags."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from taskrole.errors import InputError, Place, Problem
from taskrole_cdktf.app_resources import without_tokens
from taskrole_cdktf.declare import SharedArguments
from taskrole_cdktf.engine import Construct, Token

# Terraform's attribute for the ARN of a policy.
_ARN_ATTRIBUTES = ("arn", "id")
_POLICY = re.compile(r"\$\{(?:data\.)?aws_iam_policy\.[\w-]+(?:\[[^\]{}]*\])?\.(?P<attribute>\w+)\}")


@dataclass(frozen=True)
class TokenArguments:
    """Arguments of both roles: `known` ones, with empty values for tags in `tags`, and tokens."""

    known: SharedArguments
    permissions_boundary: str | None = None
    tags: dict[str, str] = field(default_factory=dict)


def separate_tokens(scope: Construct, arguments: SharedArguments) -> TokenArguments:
    """Return arguments with the tokens among them, whose values are known after the apply, separated.

    Raises InputError for a token as the key of a tag, and for a boundary that refers to no ARN.
    """
    known = SharedArguments(**arguments)
    problems: list[Problem] = []
    boundary = known.get("permissions_boundary")
    if boundary is not None and Token.is_unresolved(boundary):
        del known["permissions_boundary"]
        expression = str(without_tokens(scope, boundary))
        policy = _POLICY.fullmatch(expression)
        if policy and policy["attribute"] not in _ARN_ATTRIBUTES:
            message = f"must be the ARN of a policy; got {expression}"
            problems.append(Problem(Place(scope.node.path, path="permissions_boundary"), message))
    else:
        boundary = None
    tags = dict(known.get("tags") or {})
    tokens = {key: Token.as_string(value) for key, value in tags.items() if Token.is_unresolved(value)}
    for key in tags:
        if Token.is_unresolved(key):
            message = f"must have keys that are known before the apply; got {without_tokens(scope, key)}"
            problems.append(Problem(Place(scope.node.path, path="tags"), message))
    if problems:
        raise InputError(problems)
    if tokens:
        known["tags"] = {**tags, **dict.fromkeys(tokens, "")}
    return TokenArguments(known, boundary, tokens)
