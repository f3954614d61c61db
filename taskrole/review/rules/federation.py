"""Checks for federated trust: which tokens of an identity provider can be used to assume a role.

A shared provider issues tokens to all of its customers, so a trust policy must restrict the token's organization.

Sources: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_oidc_secure-by-default.html (of 2026-11)
https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_create_for-idp_oidc.html
https://docs.github.com/en/actions/reference/security/oidc
https://docs.aws.amazon.com/eks/latest/userguide/associate-service-account-role.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from taskrole.finding import Finding
from taskrole.plan.documents import SIDES
from taskrole.plan.model import Change
from taskrole.plan.role_policies import value_of
from taskrole.policy.comparison.trust import principals_of
from taskrole.policy.documents.statements import as_list
from taskrole.review.causes import names_action
from taskrole.review.rules.oidc_issuers import SHARED_ISSUERS, claim_tests, issuer_of
from taskrole.review.rules.rule import IAM, ReviewedPlan, ReviewRule
from taskrole.review.rules.trust import trust_finding
from taskrole.review.verdict import Judged

SHARED = ReviewRule(
    "TR-TRUST-OIDC-ANYBODY",
    "error",
    "Any customer of an identity provider can assume the role",
    "The provider issues tokens to all its customers under one issuer. Without a condition on the claim that names the"
    " organization, or with a wildcard in its place, pipelines of other organizations can assume the role.",
    "require the organization in a StringEquals or StringLike condition on the claim, such as"
    " token.actions.githubusercontent.com:sub repo:ORGANIZATION/REPOSITORY:*",
    f"{IAM}/id_roles_providers_oidc_secure-by-default.html",
)
PRIVATE = ReviewRule(
    "TR-TRUST-OIDC-ANY-SUBJECT",
    "warning",
    "Every identity of an OpenID Connect provider can assume the role",
    "Every service account of the cluster, or every pipeline of the organization, that the provider issues tokens to"
    " has the role's permissions.",
    "require the subject in a StringEquals condition, such as system:serviceaccount:NAMESPACE:NAME",
    f"{IAM}/id_roles_create_for-idp_oidc.html",
)
SAML = ReviewRule(
    "TR-TRUST-SAML",
    "note",
    "Users of a SAML provider can assume the role",
    "The provider decides which of its users can: its assertions name the role.",
    "check who administers the provider, and require SAML:aud and an attribute that limits the users",
    f"{IAM}/id_roles_create_for-idp_saml.html",
)
PROVIDER = ReviewRule(
    "TR-TRUST-PROVIDER",
    "warning",
    "An identity provider that roles can trust is changed",
    "Anyone who holds the new keys or audiences of the provider can assume the roles that trust it.",
    "verify the metadata document, thumbprints and audiences, and check which roles trust the provider",
    f"{IAM}/id_roles_providers.html",
)

RULES = (SHARED, PRIVATE, SAML, PROVIDER)

_ACTION = "sts:AssumeRoleWithWebIdentity"
_PROVIDER_TYPES = ("aws_iam_openid_connect_provider", "aws_iam_saml_provider")
_TAGS = frozenset({"tags", "tags_all"})
_REFERENCE = re.compile(r"\$\{(.+)\.(?:arn|id)\}")


def check_federation(reviewed: ReviewedPlan) -> Iterator[Finding]:
    """Yield findings about roles whose federated trust is not limited to an organization or a subject."""
    hosts = _hosts(reviewed)
    for judged in reviewed.roles:
        after = judged.role.after
        findings = (
            finding
            for principal, statement in (principals_of(after.trust) if after and after.trust else ())
            if principal.startswith("Federated:")
            for finding in _federated(judged, principal.partition(":")[2], statement, hosts)
        )
        yield from dict.fromkeys(findings)


def check_providers(reviewed: ReviewedPlan) -> Iterator[Finding]:
    """Yield findings about existing identity providers that the plan changes."""
    for change in reviewed.plan.changes:
        is_changed = change.is_touched and not change.is_destroyed and not change.is_forgotten
        if change.type not in _PROVIDER_TYPES or not is_changed or change.before is None or change.is_data:
            continue
        if change.changed and change.changed <= _TAGS:
            continue
        names = sorted(judged.role.name for judged in reviewed.all_roles.values() if _trusts(judged, change))
        trusted = f"roles of this plan that trust it: {', '.join(names)}" if names else "no role of this plan trusts it"
        yield PROVIDER.finding(change.address, f"{change.address} is changed; {trusted}")


def _federated(judged: Judged, name: str, statement: Mapping[str, Any], hosts: Mapping[str, str]) -> Iterator[Finding]:
    """Yield findings about a statement that trusts a provider, named by its ARN, its host or a reference to it."""
    role = judged.role.name
    if ":saml-provider/" in name or ".aws_iam_saml_provider." in name.replace("${", "."):
        yield trust_finding(SAML, judged, f"users of {name} can assume role {role}")
        return
    if not _is_by_web_identity(statement):
        return
    reference = _REFERENCE.fullmatch(name)
    host = hosts.get(reference.group(1), "") if reference else name.rpartition(":oidc-provider/")[2].lower()
    tests = list(claim_tests(statement.get("Condition")))
    host = host or next((test.host for test in tests if test.host in SHARED_ISSUERS), "")
    tests = [test for test in tests if not host or test.host == host]
    issuer = issuer_of(host, is_asked=bool(tests))
    asked = [value for test in tests if test.claim == issuer.required for value in test.values]
    if asked and any(issuer.fixes(test) for test in tests):
        return
    claim = f"{host}:{issuer.required}" if host else f"the claim {issuer.required}"
    end = f"it requires {claim} {' or '.join(asked)}" if asked else f"it has no condition on {claim}"
    who = "anyone with a token of" if issuer.is_shared else "every identity of"
    rule = SHARED if issuer.is_shared else PRIVATE
    yield trust_finding(rule, judged, f"{who} {host or name} can assume role {role}: {end}")


def _is_by_web_identity(statement: Mapping[str, Any]) -> bool:
    for element in ("Action", "NotAction"):
        if element in statement:
            named = any(names_action(str(pattern), _ACTION) for pattern in as_list(statement[element]))
            return named == (element == "Action")
    return True


def _hosts(reviewed: ReviewedPlan) -> dict[str, str]:
    """Return the hosts of the OpenID Connect providers of the plan, by address."""
    urls = {
        change.address: value_of(change, "after", "url")
        for change in reviewed.plan.changes
        if change.type == _PROVIDER_TYPES[0]
    }
    return {address: url.lower().removeprefix("https://") for address, url in urls.items() if isinstance(url, str)}


def _trusts(judged: Judged, provider: Change) -> bool:
    after = judged.role.after
    names = [f"${{{provider.address}.arn}}", *(value_of(provider, side, "arn") for side in SIDES)]
    return any(
        principal.partition(":")[2] in names
        for principal, _ in (principals_of(after.trust) if after and after.trust else ())
    )
