"""Resource types without effect on access, and the attributes through which other types affect it.

The dated lists for the AWS provider are in data/resource_types.json; tools/refresh_resource_types.py generates them
from the provider schema. Providers that only compute values locally are listed here.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from functools import cache
from pkgutil import get_data
from typing import Literal

from taskrole.dataclass import dataclass
from taskrole.plan.model import Change

# An attribute with one of these words, between underscores, is an access attribute.
ACCESS_WORDS = frozenset(
    {
        *("access", "acl", "acls", "assume", "assumed", "authorization", "authorized", "authorizer", "credential"),
        *("credentials", "grant", "grantee", "grantees", "grantor", "grants", "iam", "oidc", "permission"),
        *("permissions", "policies", "policy", "principal", "principals", "public", "role", "roles", "saml"),
        *("share", "shared", "sharing", "trust", "trusted"),
    }
)

_Kind = Literal["uses_a_role", "has_a_policy", "other"]

_REGISTRIES = ("registry.terraform.io/", "registry.opentofu.org/")
_AWS = frozenset(f"{registry}hashicorp/aws" for registry in _REGISTRIES)

# Types that compute values without changing anything outside the state. `data.` marks a data source.
_LOCAL: Mapping[str, frozenset[str]] = {
    "hashicorp/archive": frozenset({"data.archive_file"}),
    "hashicorp/cloudinit": frozenset({"data.cloudinit_config"}),
    "hashicorp/local": frozenset({"data.local_file", "data.local_sensitive_file"}),
    "hashicorp/null": frozenset({"null_resource", "data.null_data_source"}),
    "hashicorp/random": frozenset(
        f"random_{name}" for name in ("bytes", "id", "integer", "password", "pet", "shuffle", "string", "uuid")
    ),
    "hashicorp/template": frozenset({"data.template_file", "data.template_cloudinit_config"}),
    "hashicorp/time": frozenset({"time_offset", "time_rotating", "time_sleep", "time_static"}),
    "hashicorp/tls": frozenset(
        {
            "tls_cert_request",
            "tls_locally_signed_cert",
            "tls_private_key",
            "tls_self_signed_cert",
            "data.tls_public_key",
        }
    ),
    "terraform.io/builtin/terraform": frozenset({"terraform_data", "data.terraform_remote_state"}),
}


@dataclass(frozen=True)
class AccessAttributes:
    """The top-level attributes of a type that affect access: single texts, others, and encryption attributes.

    Encryption attributes count only for existing resources. `excepted` are those named like an access attribute that
    are not one.
    """

    texts: frozenset[str] = frozenset()
    others: frozenset[str] = frozenset()
    encryption: frozenset[str] = frozenset()
    excepted: frozenset[str] = frozenset()

    def matter(self, names: Collection[str]) -> frozenset[str]:
        """Return the attributes that affect access, including newer ones whose name contains an access word."""
        listed = self.texts | self.others
        called = {name for name in names if not ACCESS_WORDS.isdisjoint(name.split("_"))}
        return frozenset((listed.intersection(names) | called) - self.excepted)


@dataclass(frozen=True)
class ResourceTypes:
    """The lists for the AWS provider: their date (YYYY-MM-DD), provider version, and number of types."""

    date: str
    source: str
    count: int
    without_effect: Mapping[str, AccessAttributes]
    by_attribute: Mapping[str, AccessAttributes]
    kinds: Mapping[str, _Kind]
    data_sources: frozenset[str]


@cache
def terraform_types() -> ResourceTypes:
    """Return the dated lists."""
    data = json.loads(get_data("taskrole.plan", "data/resource_types.json") or b"")
    kinds: tuple[_Kind, ...] = ("uses_a_role", "has_a_policy", "other")
    return ResourceTypes(
        data["date"],
        data["source"],
        data["count"],
        {type_: _attributes(entry) for type_, entry in data["without_effect"].items()},
        {type_: _attributes(entry) for type_, entry in data["by_attribute"].items()},
        {type_: kind for kind in kinds for type_ in data[kind]},
        frozenset(data["data_sources"]),
    )


def is_of_aws(change: Change) -> bool:
    """Return whether a resource belongs to the AWS provider, which the lists are for."""
    return change.provider in _AWS


def only_makes_values(change: Change) -> bool:
    """Return whether a resource type only computes values locally."""
    provider = change.provider
    for registry in _REGISTRIES:
        provider = provider.removeprefix(registry)
    return f"{'data.' if change.is_data else ''}{change.type}" in _LOCAL.get(provider, frozenset())


def _attributes(entry: Mapping[str, list[str]]) -> AccessAttributes:
    names = ("texts", "others", "encryption", "excepted")
    return AccessAttributes(*(frozenset(entry.get(name, ())) for name in names))
