"""boto3, started as taskrole needs it, and its errors in one line."""

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
LONGEST_MESSAGE = 1_000  # characters, of what somebody else than AWS may have written

# boto3 does not make clients in several threads at a time.
_MAKING = threading.Lock()

_QUERY = re.compile(r"(?<=[A-Za-z0-9/])\?[^\s\"']+")

_WAY_OUT = 'set AWS_PROFILE, or run: eval "$(taskrole local env)" for the embedded AWS'
_RENEW = "the credentials are not valid, or no longer; renew them, with a profile by: aws sso login"

# What AWS's services call the same thing, and what a person can do about it.
_WAYS_OUT = {
    **dict.fromkeys(
        ("ExpiredToken", "ExpiredTokenException", "InvalidClientTokenId", "UnrecognizedClientException"), _RENEW
    ),
    **dict.fromkeys(
        ("AccessDenied", "AccessDeniedException", "UnauthorizedOperation"),
        "the same command with --print-policy prints all that it needs",
    ),
    **dict.fromkeys(
        ("Throttling", "ThrottlingException", "TooManyRequestsException", "RequestLimitExceeded"),
        "AWS asks for fewer requests; wait a minute and run it again",
    ),
}


def aws_client(
    service: str, region: str | None = None, attempts: int = ATTEMPTS, credentials: SessionCredentials | None = None
) -> Any:
    """Return a client for a service with these credentials, or the environment's, and the endpoint of the environment.

    It waits and tries again where AWS asks for fewer requests, `attempts` times in all, or AWS_MAX_ATTEMPTS. Raises
    ToolError when boto3 finds its own configuration broken, or no region.
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
            with _MAKING:
                client: Any = make(service, region_name=region, config=settings, **given)
        except ValueError as error:
            # botocore's word for an endpoint that is no URL, among others
            raise ToolError(_line(f"reading the AWS configuration: {error}")) from error
    # botocore has no other way to limit what is read.
    endpoint = client._endpoint
    if not isinstance(endpoint.http_session, LimitedSession):
        endpoint.http_session = LimitedSession(endpoint.http_session)
    return client


def default_region() -> str | None:
    """Return the region of the environment or its profile, or None. Raises ToolError for a broken configuration.

    boto3 alone would pass over AWS_REGION, which every other tool of AWS's reads first.
    """
    import boto3

    with aws_errors("reading the AWS configuration"):
        return os.environ.get("AWS_REGION") or boto3.session.Session().region_name


def known_region(given: str | None, what: str = "") -> str:
    """Return the region given, else the environment's; `what` says for what it must be known.

    Raises InputError when there is none, or it is no region that is known, ToolError for a broken configuration.
    """
    found = given or default_region()
    if found and partition_of(found):
        return found
    near = nearest_regions(found or "")
    hint = f"; did you mean {' or '.join(near)}?" if near else ""
    got = f"; got {quote(found)}{hint}" if found else ""
    way_out = f"give --region, or set AWS_REGION or AWS_DEFAULT_REGION{got}"
    raise InputError([Problem(Place("region"), f"must be known{what}; {way_out}")])


@contextmanager
def aws_errors(doing: str) -> Iterator[None]:
    """Turn botocore's errors into a ToolError that says what was being done and the way out."""
    from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError
    from botocore.parsers import ResponseParserError

    try:
        yield
    except NoCredentialsError as error:
        raise ToolError(f"{doing}: no AWS credentials; {_WAY_OUT}") from error
    except ClientError as error:
        code, said = error_of(error)
        way_out = f"; {_WAYS_OUT[code]}" if code in _WAYS_OUT else ""
        raise ToolError(_line(f"{doing}: AWS says {code}: {said}{way_out}")) from error
    except ResponseParserError as error:
        first = str(error).partition("\n")[0].partition(", invalid XML")[0]
        message = f"{doing}: something that is not AWS answers, such as a proxy of the network: {first}"
        raise ToolError(_line(message)) from error
    except BotoCoreError as error:
        raise ToolError(_line(f"{doing}: {error}")) from error


def error_of(error: ClientError) -> tuple[str, str]:
    """Return the code and the message of an error that AWS answered, or what a proxy answered in its place."""
    answer: Any = error.response.get("Error")
    members = answer if isinstance(answer, dict) else {}
    return str(members.get("Code")), str(members.get("Message"))


def _line(text: str) -> str:
    """Return a message in one line, without what AWS_ENDPOINT_URL and the like may hold of credentials."""
    plain = _QUERY.sub("?…", without_credentials(" ".join(text.split())))
    return printable(plain if len(plain) <= LONGEST_MESSAGE else f"{plain[: LONGEST_MESSAGE - 1]}…")
