"""Environment variables that make programs use the embedded AWS instead of AWS."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Literal

from taskrole.dataclass import dataclass
from taskrole.local.record import ServerRecord

STATE_BUCKET = "taskrole-state"
REGION = "ap-southeast-1"

# moto accepts any credentials; these have AWS's format and belong to no account.
CREDENTIALS: Mapping[str, str] = MappingProxyType(
    {"aws_access_key_id": "AKIAEMBEDDEDAWSONLY0", "aws_secret_access_key": "embedded-aws-only"}
)

Shell = Literal["sh", "fish", "powershell", "dotenv"]
# Names that a shell cannot set.
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


@dataclass(frozen=True)
class _Syntax:
    """The syntax of a shell for setting and unsetting a variable (empty: unsupported), and for quoting a value."""

    set: str
    unset: str
    quote: Callable[[str], str]


def _quote_fish(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def _quote_powershell(value: str) -> str:
    escaped = value.replace("'", "''")
    return f"'{escaped}'"


_SYNTAXES: Mapping[Shell, _Syntax] = MappingProxyType(
    {
        "sh": _Syntax("export {name}={value}", "unset {name}", shlex.quote),
        # https://fishshell.com/docs/current/language.html#quotes
        "fish": _Syntax("set -gx {name} {value}", "set -e {name}", _quote_fish),
        # https://learn.microsoft.com/powershell/module/microsoft.powershell.core/about/about_quoting_rules
        "powershell": _Syntax("$env:{name} = {value}", "Remove-Item Env:{name} -ErrorAction Ignore", _quote_powershell),
        "dotenv": _Syntax("{name}={value}", "", str),
    }
)


def variables(record: ServerRecord) -> dict[str, str]:
    """Return the variables that programs need to use the embedded AWS."""
    return {
        "AWS_ENDPOINT_URL": record.endpoint,
        **{name.upper(): value for name, value in CREDENTIALS.items()},
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,  # boto3 and version 1 of the AWS CLI read only this variable.
        "AWS_EC2_METADATA_DISABLED": "true",
    }


def environment(base: Mapping[str, str], record: ServerRecord) -> dict[str, str]:
    """Return an environment without the variables of a real account: all other AWS_ variables are removed."""
    plain = {name: value for name, value in base.items() if not name.startswith("AWS_")}
    return {**plain, **variables(record), "AWS_CONFIG_FILE": "/dev/null", "AWS_SHARED_CREDENTIALS_FILE": "/dev/null"}


def shell_lines(base: Mapping[str, str], record: ServerRecord, shell: Shell = "sh") -> Iterator[str]:
    """Yield the same as shell code to evaluate, which first unsets the AWS_ variables in `base`.

    `dotenv` lines set variables and do not unset any. Each line is NAME=VALUE in the syntax that all readers accept.
    """
    wanted = environment({}, record)
    syntax = _SYNTAXES[shell]
    for name in sorted(base):
        if syntax.unset and name.startswith("AWS_") and name not in wanted and _NAME.fullmatch(name):
            yield syntax.unset.format(name=name)
    for name, value in wanted.items():
        yield syntax.set.format(name=name, value=syntax.quote(value))
