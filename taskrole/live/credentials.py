"""The credentials of an assumed role session, which are kept in memory only and never part of any text."""

from __future__ import annotations

from dataclasses import field

from taskrole.dataclass import dataclass


@dataclass(frozen=True, slots=True)
class SessionCredentials:
    """The temporary credentials of an assumed role; they are not part of its representation."""

    key: str = field(repr=False)
    secret: str = field(repr=False)
    token: str = field(repr=False)

    @property
    def parameters(self) -> dict[str, str]:
        """Return the credentials as arguments of a boto3 client."""
        return {
            "aws_access_key_id": self.key,
            "aws_secret_access_key": self.secret,
            "aws_session_token": self.token,
        }
