"""The environment in which programs find the embedded AWS instead of AWS: nothing else differs between the two."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping
from types import MappingProxyType

from taskrole.local.record import Record

STATE_BUCKET = "taskrole-state"
REGION = "ap-southeast-1"

# moto takes any; these have the form of AWS's own and are an account's of nobody.
CREDENTIALS: Mapping[str, str] = MappingProxyType(
    {"aws_access_key_id": "AKIAEMBEDDEDAWSONLY0", "aws_secret_access_key": "embedded-aws-only"}
)


def variables(record: Record) -> dict[str, str]:
    """Return what a program needs to talk to the embedded AWS, by variable."""
    return {
        "AWS_ENDPOINT_URL": record.endpoint,
        **{name.upper(): value for name, value in CREDENTIALS.items()},
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,  # boto3 and version 1 of the AWS CLI read only this one
        "AWS_EC2_METADATA_DISABLED": "true",
    }


def environment(base: Mapping[str, str], record: Record) -> dict[str, str]:
    """Return an environment in which nothing of a real account is left: every other AWS_ variable is taken out."""
    plain = {name: value for name, value in base.items() if not name.startswith("AWS_")}
    return {**plain, **variables(record), "AWS_CONFIG_FILE": "/dev/null", "AWS_SHARED_CREDENTIALS_FILE": "/dev/null"}


def shell_lines(base: Mapping[str, str], record: Record) -> Iterator[str]:
    """Yield the same as lines for a POSIX shell, to be evaluated."""
    wanted = environment({}, record)
    for name in sorted(base):
        if name.startswith("AWS_") and name not in wanted:
            yield f"unset {shlex.quote(name)}"
    for name, value in wanted.items():
        yield f"export {name}={shlex.quote(value)}"
