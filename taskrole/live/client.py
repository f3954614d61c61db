"""boto3 clients with taskrole's settings, and their errors as single-line messages."""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, cast

from taskrole.errors import InputError, Place, Problem, ToolError, printable, quote, without_credentials
from taskrole.live.credentials import SessionCredentials
from taskrole.live.limited_session import LimitedSession
from taskrole.partitions import nearest_regions, partition_of

if TYPE_CHECKING:
    from botocore.exceptions import ClientError

ATTEMPTS = 5
TIMEOUT = 10  # seconds, to connect and to read
MOST_AT_ONCE = 10  # requests in flight
LONGEST_MESSAGE = 1_000  # characters, as it may not be AWS's

# boto3 cannot create clients in several threads at once.
_CREATION_LOCK = threading.Lock()

_QUERY = re.compile(r"(?<=[A-Za-z0-9/])\?[^\s\"']+")

_NO_CREDENTIALS_FIX = 'set AWS_PROFILE, or run: eval "$(taskrole local env)" for the embedded AWS'
_RENEW = "the credentials are invalid or expired; renew them, for a profile with: aws sso login"

# The fix for each error code; AWS services use several codes for the same error.
_FIXES = {
    **dict.fromkeys(
        ("ExpiredToken", "ExpiredTokenException", "InvalidClientTokenId", "UnrecognizedClientException"), _RENEW
    ),
    **dict.fromkeys(
        ("AccessDenied", "AccessDeniedException", "UnauthorizedOperation"),
        "run the same command with --print-policy for the permissions that it needs",
    ),
    **dict.fromkeys(
        ("Throttling", "ThrottlingException", "TooManyRequestsException", "RequestLimitExceeded"),
        "AWS throttles requests; wait a minute and try again",
    ),
}


def aws_client(
    service: str, region: str | None = None, attempts: int = ATTEMPTS, credentials: SessionCredentials | None = None
) -> Any:
    """Return a client for a service with these credentials, or the environment's, and the endpoint of the environment.

    It retries throttled requests, with a total of `attempts` or AWS_MAX_ATTEMPTS. Raises ToolError if the AWS
    configuration is invalid or has no region.
    """
    import boto3
    from botocore.config import Config

    most = {} if os.environ.get("AWS_MAX_ATTEMPTS") else {"total_max_attempts": attempts}
    settings = Config(
        retries=cast("Any", {"mode": "standard", **most}),
        connect_timeout=TIMEOUT,
        read_timeout=TIMEOUT,
        max_pool_connections=MOST_AT_ONCE,
    )
    with aws_errors("reading the AWS configuration"):
        try:
            make: Any = boto3.client
            given = credentials.parameters if credentials else {}
            with _CREATION_LOCK:
                client: Any = make(service, region_name=region, config=settings, **given)
        except ValueError as error:
            # botocore raises it, for example, for an endpoint that is not a URL.
            raise ToolError(_line(f"reading the AWS configuration: {error}")) from error
    # botocore has no public setting to limit what is read.
    endpoint = client._endpoint
    if not isinstance(endpoint.http_session, LimitedSession):
        endpoint.http_session = LimitedSession(endpoint.http_session)
    return client


def default_region() -> str | None:
    """Return the region of the environment or its profile, or None. Raises ToolError for a broken configuration.

    boto3 ignores AWS_REGION, which other AWS tools read first.
    """
    import boto3

    with aws_errors("reading the AWS configuration"):
        return os.environ.get("AWS_REGION") or boto3.session.Session().region_name


def known_region(given: str | None, what: str = "") -> str:
    """Return the given region, or the environment's; `what` completes the message with what needs it.

    Raises InputError if there is no region or it is unknown, ToolError for an invalid configuration.
    """
    region = given or default_region()
    if region and partition_of(region):
        return region
    near = nearest_regions(region or "")
    hint = f"; did you mean {' or '.join(near)}?" if near else ""
    got = f"; got {quote(region)}{hint}" if region else ""
    fix = f"set --region, AWS_REGION or AWS_DEFAULT_REGION{got}"
    raise InputError([Problem(Place("region"), f"is required{what}; {fix}")])


@contextmanager
def aws_errors(doing: str) -> Iterator[None]:
    """Convert botocore's errors to a ToolError with what was attempted and the fix."""
    from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError
    from botocore.parsers import ResponseParserError

    try:
        yield
    except NoCredentialsError as error:
        raise ToolError(f"{doing}: no AWS credentials; {_NO_CREDENTIALS_FIX}") from error
    except ClientError as error:
        code, message = error_of(error)
        fix = f"; {_FIXES[code]}" if code in _FIXES else ""
        raise ToolError(_line(f"{doing}: AWS returned {code}: {message}{fix}")) from error
    except ResponseParserError as error:
        first = str(error).partition("\n")[0].partition(", invalid XML")[0]
        message = f"{doing}: the answer is not AWS's, but maybe that of a proxy: {first}"
        raise ToolError(_line(message)) from error
    except BotoCoreError as error:
        raise ToolError(_line(f"{doing}: {error}")) from error


def error_of(error: ClientError) -> tuple[str, str]:
    """Return the code and the message of an error of AWS, or of a proxy."""
    answer: Any = error.response.get("Error")
    members = answer if isinstance(answer, dict) else {}
    return str(members.get("Code")), str(members.get("Message"))


def _line(text: str) -> str:
    """Return a message in one line, without credentials in URLs such as AWS_ENDPOINT_URL."""
    plain = _QUERY.sub("?…", without_credentials(" ".join(text.split())))
    return printable(plain if len(plain) <= LONGEST_MESSAGE else f"{plain[: LONGEST_MESSAGE - 1]}…")
