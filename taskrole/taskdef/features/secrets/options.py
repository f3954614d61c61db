"""The options for secrets."""

from __future__ import annotations

from typing import Literal, get_args

from taskrole.taskdef.option import option, options
from taskrole.taskdef.option_checks import words

SecretSuffix = Literal["full", "both"]


@options
class SecretOptions:
    """Settings of secrets that references to them do not contain."""

    ambiguous_secret_suffix: SecretSuffix | None = option(
        None,
        "An ARN like …:secret:stripe-secret, which may end in its random suffix or not, is taken as complete (full), "
        "or also as a name alone (both). Default: as complete, with a warning",
        check=words(get_args(SecretSuffix)),
    )
    deny_service_connect_secrets: bool = option(
        False, "Deny reading the TLS keys that Service Connect keeps in Secrets Manager. Default: false"
    )

    @property
    def takes_suffix_both_ways(self) -> bool:
        """Whether the end of an ambiguous name is treated both as the suffix and as part of the name."""
        return self.ambiguous_secret_suffix == "both"  # noqa: S105 -- no password
