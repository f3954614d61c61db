"""State in an S3 bucket, with S3 native locking.

Source: https://developer.hashicorp.com/terraform/language/backend/s3
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import Field

from taskrole.arns import parse_arn
from taskrole.config.backends.backend import Backend, BackendSettings, set_keys
from taskrole.config.settings import Settings
from taskrole.config.value_checks import Region, rule
from taskrole.errors import quote
from taskrole.partitions import nearest_regions, partitions


def _check_bucket(name: str) -> str | None:
    """Check the name of an S3 bucket.

    Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
    """
    if re.fullmatch(r"(?!\d+\.\d+\.\d+\.\d+$)[a-z0-9](?!.*\.\.)[a-z0-9.-]{1,61}[a-z0-9]", name):
        return None
    return f"a bucket name must be 3 to 63 lower-case letters, digits, dots and hyphens; got {quote(name)}"


def _check_state_key(key: str) -> str | None:
    """Check the key of a state in S3: a relative path of printable characters."""
    if 1 <= len(key) <= 1024 and key.isprintable() and not key.startswith("/") and not key.endswith("/"):
        return None
    return f"a state key must be 1 to 1024 printable characters, and not begin or end with /; got {quote(key)}"


def _check_role_arn(text: str) -> str | None:
    """Check the ARN of a role."""
    arn = parse_arn(text)
    if arn.service == "iam" and arn.account and re.fullmatch(r"role/[\x21-\x7e]+", arn.resource):
        return None
    return f"must be the ARN of a role, arn:PARTITION:iam::ACCOUNT:role/NAME; got {quote(text)}"


def _check_url(text: str) -> str | None:
    """Check an endpoint URL: http or https, a host, and no user, query or fragment."""
    message = f"must be a URL such as https://s3.example.internal; got {quote(text)}"
    try:
        url = urlsplit(text)
        port_is_number = url.port is None or url.port > 0
    except ValueError:
        return message
    plain = not (url.username or url.password or url.query or url.fragment) and text.isprintable() and " " not in text
    return None if url.scheme in ("http", "https") and url.hostname and port_is_number and plain else message


_Url = Annotated[str, rule(_check_url)]


class AssumeRoleSettings(Settings):
    """The role that the S3 backend assumes."""

    role_arn: Annotated[str, rule(_check_role_arn)]
    session_name: Annotated[str, Field(min_length=2, max_length=64, pattern=r"^[A-Za-z0-9_+=,.@-]+$")] | None = None
    external_id: Annotated[str, Field(min_length=2, max_length=1224, pattern=r"^[A-Za-z0-9_+=,.@:/-]+$")] | None = None


class EndpointSettings(Settings):
    """Endpoints of the services that the S3 backend calls."""

    s3: _Url | None = None
    sts: _Url | None = None
    iam: _Url | None = None
    sso: _Url | None = None


class S3BackendSettings(BackendSettings):
    """State in an S3 bucket, locked by S3 itself."""

    type: Literal["s3"]
    bucket: Annotated[str, rule(_check_bucket)]
    key: Annotated[str, rule(_check_state_key)] | None = Field(None, description="Default: taskrole/STACK.tfstate")
    region: Region | None = Field(None, description="The bucket's region. Default: the stack's")
    encrypt: bool = Field(True, description="Server-side encryption. Default: true")
    kms_key_id: Annotated[str, Field(min_length=1)] | None = Field(None, description="Default: S3's own key")
    use_lockfile: bool = Field(True, description="Lock the state with a lock file in the bucket. Default: true")
    use_path_style: bool = Field(False, description="Bucket name in the path instead of the host name. Default: false")
    assume_role: AssumeRoleSettings | None = Field(None, description="Default: none, the credentials are used directly")
    endpoints: EndpointSettings | None = Field(None, description="Default: AWS's own")


def _problems(data: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    if "kms_key_id" in data and data.get("encrypt") is False:
        yield "kms_key_id", "needs encrypt: true"
    region = data.get("region")
    if isinstance(region, str) and not any(partition.could_have(region) for partition in partitions().values()):
        near = ", ".join(nearest_regions(region)) or "none"
        yield "region", f"must be a region; got {quote(region)}; nearest are {near}"


def _arguments(settings: S3BackendSettings) -> dict[str, Any]:
    values = set_keys(settings)
    if not settings.use_path_style:
        del values["use_path_style"]
    return values


BACKEND = Backend(
    settings=S3BackendSettings,
    defaults={"key": "taskrole/{stack}.tfstate", "region": "{region}"},
    state=("endpoints", "bucket", "key"),
    problems=_problems,
    hints={"dynamodb_table": "use_lockfile, the default, locks the state in S3"},
    versions={"use_lockfile": ">= 1.10"},
    arguments=_arguments,
)
