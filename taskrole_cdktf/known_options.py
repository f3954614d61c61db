"""Options that follow from an app's resources: the keys of its secrets and parameters, the owner of its buckets."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from taskrole.errors import quote
from taskrole.taskdef import Options

# The argument of a resource with its customer managed key, and its default key.
_KEYS = {
    "aws_secretsmanager_secret": ("kms_key_id_input", "alias/aws/secretsmanager"),
    "aws_ssm_parameter": ("key_id_input", "alias/aws/ssm"),
}
_KEY = re.compile(r"\$\{((?:data\.)?aws_kms_key\.[^.{}]+)\.(?:arn|id|key_id)\}")


@dataclass
class KnownOptions:
    """Options by references to their resources, and warnings about unknown keys."""

    kms_keys: dict[str, str] = field(default_factory=dict)
    bucket_owners: dict[str, str] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)

    def given_to(self, options: Options | Mapping[str, Any] | None) -> Options | dict[str, Any]:
        """Return options with these added; given ones take precedence."""
        known = {"kms_keys": self.kms_keys, "bucket_owners": self.bucket_owners}
        if isinstance(options, Options):
            return replace(options, **{name: {**values, **getattr(options, name)} for name, values in known.items()})
        given = dict(options or {})
        return {**given, **{name: {**values, **(given.get(name) or {})} for name, values in known.items() if values}}


def key_option(type_: str, address: str, key: str | None) -> Iterator[tuple[str, str] | str]:
    """Yield the entry of `kms_keys` for a secret or parameter and its key, by reference; or a warning.

    `key` is the resolved argument of the resource, None if it is not set.
    """
    name = f"${{{address}.arn}}"
    reference = _KEY.fullmatch(key or "")
    if key is None:
        yield name, _KEYS[type_][1]
    elif reference:
        yield name, f"${{{reference[1]}.arn}}"
    elif key.startswith(("arn:", "alias/aws/")) and "${" not in key:
        yield name, key
    else:
        yield f"{address} is encrypted with {quote(key)}, whose ARN is unknown; set it in the option kms_keys"


def key_argument(type_: str) -> str | None:
    """Return the attribute for the key argument of a resource type, or None."""
    return _KEYS[type_][0] if type_ in _KEYS else None
