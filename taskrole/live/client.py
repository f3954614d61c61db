"""boto3, started as taskrole needs it, and its errors in one line."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from taskrole.errors import ToolError

if TYPE_CHECKING:
    from mypy_boto3_iam import IAMClient

ATTEMPTS = 5
TIMEOUT = 10  # seconds, to connect and to read


def iam_client(region: str) -> IAMClient:
    """Return a client for IAM with the credentials and endpoint of the environment.

    The region selects the partition. Raises ToolError when boto3 finds its own configuration broken.
    """
    import boto3
    from botocore.config import Config

    retries = Config(
        retries={"total_max_attempts": ATTEMPTS, "mode": "standard"}, connect_timeout=TIMEOUT, read_timeout=TIMEOUT
    )
    with aws_errors("reading the AWS configuration"):
        return boto3.client("iam", region_name=region, config=retries)


@contextmanager
def aws_errors(doing: str) -> Iterator[None]:
    """Turn botocore's errors into a ToolError that says what was being done and the way out."""
    from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError

    try:
        yield
    except NoCredentialsError as error:
        way_out = 'set AWS_PROFILE, or run: eval "$(taskrole local env)" for the embedded AWS'
        raise ToolError(f"{doing}: no AWS credentials; {way_out}") from error
    except ClientError as error:
        answer = error.response.get("Error", {})
        raise ToolError(f"{doing}: AWS says {answer.get('Code')}: {answer.get('Message')}") from error
    except BotoCoreError as error:
        raise ToolError(f"{doing}: {' '.join(str(error).split())}") from error
