"""Assuming the role of an account, with a session policy that allows only what the reading needs."""

from __future__ import annotations

from dataclasses import field

from taskrole.dataclass import dataclass
from taskrole.errors import ToolError
from taskrole.live.client import aws_errors, error_of
from taskrole.live.credentials import SessionCredentials
from taskrole.live.fleet.role_policy import fleet_policy, named_role_arn
from taskrole.live.reader import LONGEST_CALL, PATIENT
from taskrole.live.service import Service, connect
from taskrole.policy.documents.statements import compact_text

_LONGEST_USE = 24 * 3_600.0  # seconds, for all accounts together

# The caller's credentials are invalid, so reading other accounts would fail too.
_OF_THE_CALLER = frozenset(
    (
        "ExpiredToken",
        "ExpiredTokenException",
        "InvalidClientTokenId",
        "UnrecognizedClientException",
        "SignatureDoesNotMatch",
    )
)
_NO_ROLE = (
    "the role does not exist in the account, its trust policy does not allow this caller or external id, or the caller "
    "is not allowed to assume it; see --print-policy for the policies"
)


class RoleError(ToolError):
    """The role of an account cannot be assumed."""


class CallerError(ToolError):
    """The caller's credentials are invalid or expired, so that nothing more can be read."""


def connect_sts(region: str) -> Service:
    """Return the connection to STS that all accounts share. Raises ToolError."""
    return connect("sts", region, PATIENT, seconds=LONGEST_CALL, total=_LONGEST_USE)


@dataclass(frozen=True)
class Assumption:
    """The role that a command assumes in each account, and the caller's connection to STS."""

    sts: Service
    partition: str
    role: str
    command: str
    external_id: str = field(default="", repr=False)

    def credentials(self, account: str) -> SessionCredentials:
        """Return the credentials of a session of the role, valid for an hour.

        Raises RoleError if the role cannot be assumed, CallerError if no role can, ToolError otherwise.

        Source: https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
        """
        from botocore.exceptions import ClientError

        arn = named_role_arn(self.partition, account, self.role)
        more = {"ExternalId": self.external_id} if self.external_id else {}
        try:
            with aws_errors(f"assuming role {arn} (sts:AssumeRole)"):
                answer = self.sts.ask(
                    "assume_role",
                    RoleArn=arn,
                    RoleSessionName=f"taskrole-{self.command}",
                    Policy=compact_text(fleet_policy(self.command, self.partition)),
                    **more,
                )
        except ToolError as error:
            code = error_of(error.__cause__)[0] if isinstance(error.__cause__, ClientError) else ""
            if code in _OF_THE_CALLER:
                raise CallerError(str(error)) from error.__cause__
            if code == "AccessDenied":
                raise RoleError(f"role {arn} cannot be assumed: {_NO_ROLE}") from error.__cause__
            raise
        given = answer["Credentials"]
        return SessionCredentials(given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"])
