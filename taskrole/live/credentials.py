"""The credentials of a session that was assumed: kept in memory alone, and never part of any text."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class SessionCredentials:
    """The temporary credentials of an assumed role; their representation shows none of them."""

    key: str = field(repr=False)
    secret: str = field(repr=False)
    token: str = field(repr=False)

    @property
    def parameters(self) -> dict[str, str]:
        """The credentials as boto3's clients take them."""
        return {
            "aws_access_key_id": self.key,
            "aws_secret_access_key": self.secret,
            "aws_session_token": self.token,
        }
