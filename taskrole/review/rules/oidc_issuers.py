"""Issuers of OpenID Connect tokens, and the claims that name the organization of a token.

A shared issuer has one URL for all its customers: AWS lists them, with the claim that a trust policy must check
(`required`). A private issuer, such as that of an EKS cluster, belongs to one organization.

A condition on a claim limits the organization if its operator is positive, without `IfExists` or `ForAllValues:` (a
token without the claim satisfies those), and each of its values fixes the organization.

Sources, of 2026-11:
https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_oidc_secure-by-default.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html#condition-keys-wif
https://docs.github.com/en/actions/reference/security/oidc
https://docs.aws.amazon.com/eks/latest/userguide/associate-service-account-role.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from taskrole.dataclass import dataclass
from taskrole.policy.documents.statements import as_list

_WILDCARD = re.compile(r"[*?$]")
_ESCAPED = re.compile(r"\$\{[*?$]\}")
# Positive operators, and whether their values can contain wildcards.
_OPERATORS = {"stringequals": False, "stringequalsignorecase": False, "stringlike": True}


@dataclass(frozen=True)
class ClaimTest:
    """A condition on a claim of an issuer's tokens: one of these values, or patterns."""

    host: str
    claim: str
    values: tuple[str, ...]
    is_pattern: bool


@dataclass(frozen=True)
class Issuer:
    """The claims of an issuer that name the organization, each with the expression that fixed patterns start with.

    `required` is the claim that a trust policy must check.
    """

    claims: Mapping[str, str]
    required: str = "sub"
    is_shared: bool = True

    def fixes(self, test: ClaimTest) -> bool:
        """Return whether every value of a test belongs to a single organization."""
        begin = self.claims.get(test.claim)
        return begin is not None and all(_is_fixed(begin, value, test) for value in test.values)


# Never matches: no pattern with a wildcard is accepted.
_EXACT = r"(?!)"
_OWNER = r"[^/:]+/"
_GITHUB = {
    "sub": rf"(repo|repository|job_workflow_ref|workflow_ref):{_OWNER}|"
    r"(repository_owner|repository_owner_id|repository_id|enterprise|enterprise_id):[^:]+:",
    "repository": _OWNER,
    "job_workflow_ref": _OWNER,
    "repository_owner": _EXACT,
    "repository_owner_id": _EXACT,
    "repository_id": _EXACT,
    "enterprise_id": _EXACT,
}
_TWO_PARTS = {"sub": r"[^:/]+[:/][^:/]+[:/]"}
_ORGANIZATION = {"sub": r"organization:[^:]+:"}
_ACCOUNT = {"sub": r"account:[^:]+:"}
_AUD = {"aud": _EXACT}
_APP = {"app_id": _EXACT}
SHARED_ISSUERS: Mapping[str, Issuer] = {
    "token.actions.githubusercontent.com": Issuer(_GITHUB),
    "vstoken.actions.githubusercontent.com": Issuer(_GITHUB),
    "oidc-configuration.audit-log.githubusercontent.com": Issuer({"sub": r"https://github\.com/[^/]+/"}),
    "gitlab.com": Issuer({"sub": rf"project_path:{_OWNER}|(project|namespace)_id:[^:]+:"}),
    "agent.buildkite.com": Issuer(_ORGANIZATION),
    "app.terraform.io": Issuer(_ORGANIZATION),
    "oidc.codefresh.io": Issuer(_ACCOUNT),
    "scalr.io": Issuer(_ACCOUNT),
    "studio.datachain.ai/api": Issuer(_TWO_PARTS),
    "tokens.cloud.shisho.dev": Issuer(_TWO_PARTS),
    "proidc.upbound.io": Issuer(_TWO_PARTS),
    "api.pulumi.com/oidc": Issuer({**_AUD, "sub": r"pulumi:[^:]+:org:[^:]+:"}, "aud"),
    "sandboxes.cloud": Issuer(_AUD, "aud"),
    "oidc.vercel.com": Issuer({**_AUD, "sub": r"owner:[^:]+:"}, "aud"),
    "cognito-identity.amazonaws.com": Issuer(_AUD, "aud"),
    "accounts.google.com": Issuer({**_AUD, "oaud": _EXACT, "sub": _EXACT}, "aud"),
    "graph.facebook.com": Issuer(_APP, "app_id"),
    "www.amazon.com": Issuer({**_APP, "user_id": _EXACT}, "app_id"),
    "*": Issuer(_TWO_PARTS),
}
_UNKNOWN = Issuer(_TWO_PARTS)
_GITHUB_ENTERPRISE = Issuer(_GITHUB, is_shared=False)
_EKS = Issuer({"sub": r"system:serviceaccount:[^:]+:"}, is_shared=False)
# More than the word that all subjects of this kind start with.
_PRIVATE = Issuer(
    {"sub": r"(?!(repo|project_path|organization|account|system(:serviceaccount)?)[:/]?$)."}, is_shared=False
)


def issuer_of(host: str, *, is_asked: bool) -> Issuer:
    """Return the issuer at a host and path.

    `host` is empty if unknown; `is_asked` is whether the trust policy has a condition on any claim.
    """
    if host in SHARED_ISSUERS:
        return SHARED_ISSUERS[host]
    if not host and not is_asked:
        # An unknown provider may be a shared one.
        return _UNKNOWN
    if host.startswith("token.actions.githubusercontent.com/"):
        return _GITHUB_ENTERPRISE
    return _EKS if host.startswith("oidc.eks.") else _PRIVATE


def claim_tests(block: Any) -> Iterator[ClaimTest]:
    """Yield the tests of claims in a Condition block, without operators that a token without the claim satisfies."""
    for operator, pairs in block.items() if isinstance(block, Mapping) else ():
        plain = str(operator).lower().removeprefix("foranyvalue:")
        if plain not in _OPERATORS or not isinstance(pairs, Mapping):
            continue
        for key, values in pairs.items():
            host, _, claim = str(key).lower().rpartition(":")
            texts = tuple(str(value) for value in as_list(values))
            if texts and host not in ("aws", "sts"):
                yield ClaimTest(host, claim, texts, _OPERATORS[plain])


def _is_fixed(begin: str, value: str, test: ClaimTest) -> bool:
    """Return whether a value belongs to a single organization; a pattern must start with the expression `begin`."""
    if not test.is_pattern:
        return "${" not in _ESCAPED.sub("", value)
    literal = _WILDCARD.split(value)[0]
    return literal == value or re.match(begin, literal) is not None
