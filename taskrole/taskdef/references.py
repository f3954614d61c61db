"""References of task definitions to secrets and parameters, parsed as by the ECS agent.

    arn:P:secretsmanager:R:A:secret:NAME-a1b2C3                      a secret, whole
    arn:P:secretsmanager:R:A:secret:NAME                             without its suffix
    arn:P:secretsmanager:R:A:secret:NAME-a1b2C3:key:stage:version    with a JSON key, a stage or a version: two pieces
                                                                     after the service, or five, never three or four
    arn:P:ssm:R:A:parameter/PATH/NAME                                a parameter
    /PATH/NAME, NAME                                                 a parameter in the task's region and account

Source: https://github.com/aws/amazon-ecs-agent/blob/master/agent/taskresource/asmsecret/asmsecret.go
"""

from __future__ import annotations

import re
from functools import lru_cache
from string import ascii_lowercase, ascii_uppercase, digits
from typing import Literal, NamedTuple

from taskrole.arns import ACCOUNT, ACCOUNT_FORM, LONGEST_ARN, Arn, is_region, parameter_arn, parse_arn, secret_arn
from taskrole.partitions import partitions
from taskrole.taskdef.confidential import looks_secret
from taskrole.taskdef.confidential import quoted_reference as quote

SecretForm = Literal["full", "partial", "ambiguous"]
UNKNOWN_SUFFIX = "-??????"

_SECRET_NAME = re.compile(r"[A-Za-z0-9/_+=.@!-]{1,519}")
_SUFFIX = re.compile(r"-[A-Za-z0-9]{6}$")
# A reference to a secret, in printable ASCII. Partition and region are checked separately; what does not match may be
# valid, too.
_SECRET_ARN = re.compile(
    r"arn:(?P<partition>[a-z-]+):secretsmanager:(?P<region>[a-z0-9-]+):(?P<account>[0-9]{12})"
    rf":secret:(?P<id>{_SECRET_NAME.pattern})(?::[!-9;-~]*:(?:[!-9;-~]*:|:[!-9;-~]*))?"
)
# The kind of each letter and digit.
_KINDS = {
    **dict.fromkeys(map(ord, ascii_lowercase), "a"),
    **dict.fromkeys(map(ord, ascii_uppercase), "A"),
    **dict.fromkeys(map(ord, digits), "0"),
}
# The words and numbers of a name: prod, Prod, DB, 01.
_RUN = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|[0-9]+")
_PARAMETER_NAME = re.compile(r"(?:/?[A-Za-z0-9_.-]+|(?:/[A-Za-z0-9_.-]+){2,})")
MOST_LEVELS = 15
LONGEST_PARAMETER_ARN = 1011
THROUGH_PARAMETER_STORE = "/aws/reference/secretsmanager/"
# What the names of Service Connect's TLS keys begin with:
# https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-connect-tls.html
SERVICE_CONNECT = "ecs-sc!"


def is_surely_random(suffix: str) -> bool:
    """Return whether six letters and digits are certainly the random suffix of a secret, not a part of its name.

    Names have at most two words or numbers (secret, prod01, Prod01, MyPass, 202601), or three in one case (db01us).
    Three or more in mixed case (AbCdEf, Ab12Cd), or four or more in any case (a1b2c3), are random. About one in six
    suffixes of Secrets Manager is not certainly random.
    """
    return _has_random_kinds(suffix.translate(_KINDS))


# Only the kinds of the characters matter, of which six have 729 combinations.
@lru_cache(maxsize=1_024)
def _has_random_kinds(kinds: str) -> bool:
    runs = len(_RUN.findall(kinds))
    return runs >= 4 or (runs == 3 and kinds.lower() != kinds != kinds.upper())


class BadReferenceError(ValueError):
    """A reference that ECS does not accept; `code` is the finding's."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class Secret(NamedTuple):
    """A secret: its location, and its id, which is its name with or without the suffix."""

    partition: str
    region: str
    account: str
    id: str
    form: SecretForm

    @property
    def arn(self) -> str:
        """The ARN of the secret itself, without JSON key, stage and version."""
        return secret_arn(self.partition, self.region, self.account, self.id)

    def resources(self, *, ambiguous_is_both: bool = False) -> tuple[str, ...]:
        """Return the resources for a policy: the ARN, with `-??????` for an unknown suffix."""
        arn = self.arn
        if self.form == "ambiguous" and ambiguous_is_both:
            return arn, f"{arn}{UNKNOWN_SUFFIX}"
        return (f"{arn}{UNKNOWN_SUFFIX}" if self.form == "partial" else arn,)

    @property
    def names(self) -> tuple[str, ...]:
        """Its names in options: ARN and id, with and without the suffix."""
        bare = _SUFFIX.sub("", self.id) if self.form != "partial" else self.id
        return self.arn, self.id, secret_arn(self.partition, self.region, self.account, bare), bare


class Parameter(NamedTuple):
    """A parameter: its name, with the first slash if it has a path, and its location if it has an ARN."""

    name: str
    location: Arn | None = None

    @property
    def is_path(self) -> bool:
        """Whether its name has levels."""
        return self.name.startswith("/")

    def arn(self, partition: str, region: str, account: str) -> str:
        """Return its ARN in this location, regardless of its own ARN."""
        return parameter_arn(partition, region, account, self.name)

    @property
    def names(self) -> tuple[str, ...]:
        """Its names in options, in addition to its ARN."""
        bare = self.name.removeprefix("/")
        return self.name, bare, f"/{bare}"


def parse_reference(text: str) -> Secret | Parameter:
    """Return the secret or parameter that the text of a `valueFrom` names. Raises BadReferenceError."""
    secret = _usual_secret(text)
    if secret is not None:
        return secret
    if not text.startswith("arn:"):
        return _bare_parameter(text)
    try:
        arn = parse_arn(text)
    except ValueError as error:
        raise BadReferenceError("SECRET", str(error)) from None
    if arn.service not in ("secretsmanager", "ssm"):
        raise BadReferenceError(
            "SECRET",
            f"must be the ARN of a secret or of a parameter, or a parameter's name; got {quote(text)}",
        )
    if not arn.region or not ACCOUNT.fullmatch(arn.account):
        code = "SSM-PUBLIC" if arn.service == "ssm" and not arn.account else "SECRET"
        raise BadReferenceError(code, f"must name a region and an account of {ACCOUNT_FORM}; got {quote(text)}")
    return _secret(arn, text) if arn.service == "secretsmanager" else _parameter(arn, text)


def parse_whole_secret(text: str) -> Secret:
    """Return the secret of an ARN that names it alone, without JSON key, stage and version.

    Raises BadReferenceError, also for parameters.
    """
    secret = parse_reference(text)
    if not isinstance(secret, Secret) or text.count(":") != 6:
        raise BadReferenceError(
            "SM-FORM", f"must be the ARN of a whole secret, arn:…:secret:NAME-SUFFIX; got {quote(text)}"
        )
    return secret


def named_secret(name: str, partition: str, region: str, account: str) -> Secret:
    """Return the secret of a bare name. Raises BadReferenceError."""
    if not _SECRET_NAME.fullmatch(name):
        raise BadReferenceError("SM-FORM", f"must be a secret's ARN or name, of {_CHARACTERS_RULE}; got {quote(name)}")
    return Secret(partition, region, account, name, "partial")


_CHARACTERS_RULE = "letters, digits and /_+=.@!-"


def _usual_secret(text: str) -> Secret | None:
    """Return the secret of a reference as `parse_reference` does, but faster; None for one that must be checked."""
    match = _SECRET_ARN.fullmatch(text)
    if match is None or len(text) > LONGEST_ARN:
        return None
    partition, region, account, id_ = match.groups()
    if partition not in partitions() or not is_region(region, partition):
        return None
    return Secret(partition, region, account, id_, _form(id_))


def _secret(arn: Arn, text: str) -> Secret:
    kind, *pieces = arn.resource.split(":")
    if kind != "secret" or len(pieces) not in (1, 4):
        fix = f"; write {quote(':'.join([text, *[''] * (4 - len(pieces))]))}" if 2 <= len(pieces) < 4 else ""
        raise BadReferenceError(
            "SM-FORM",
            "must end in secret:NAME, or in secret:NAME:JSON-KEY:STAGE:VERSION with all three colons, empty or not;"
            f" got {quote(text)}{fix}",
        )
    id_ = pieces[0]
    if not _SECRET_NAME.fullmatch(id_):
        raise BadReferenceError("SM-FORM", f"must name a secret with {_CHARACTERS_RULE}; got {quote(id_)}")
    if len(pieces) == 4 and pieces[2] and pieces[3]:
        raise BadReferenceError("SM-VERSION", f"must name a version stage or a version id, not both; got {quote(text)}")
    return Secret(arn.partition, arn.region, arn.account, id_, _form(id_))


def _form(id_: str) -> SecretForm:
    if not _SUFFIX.search(id_):
        return "partial"
    return "full" if is_surely_random(id_[-6:]) else "ambiguous"


def _parameter(arn: Arn, text: str) -> Parameter:
    kind, slash, name = arn.resource.partition("/")
    if kind != "parameter" or not slash:
        raise BadReferenceError(
            "SSM-FORM",
            f"must be a parameter's ARN, arn:P:ssm:REGION:ACCOUNT:parameter/NAME; got {quote(text)}",
        )
    return Parameter(_checked_name(f"/{name}" if "/" in name or name == "" else name, text), arn)


def _bare_parameter(text: str) -> Parameter:
    trimmed = text.strip()
    if trimmed != text and (trimmed.startswith("arn:") or _PARAMETER_NAME.fullmatch(trimmed)):
        message = f"must have no space before or after it; write {quote(trimmed)}"
        raise BadReferenceError("SECRET" if trimmed.startswith("arn:") else "SSM-FORM", message)
    if text[:4].lower() == "arn:":
        raise BadReferenceError("SECRET", f"must begin with arn: in lower case; write {quote(f'arn:{text[4:]}')}")
    if "/" in text and not text.startswith("/"):
        fix = ""
        if _PARAMETER_NAME.fullmatch(f"/{text}") and not looks_secret(text):
            arn = quote(f"arn:…:secret:{text}-SUFFIX")
            fix = f"; for a parameter, write {quote(f'/{text}')}; for a secret, write its ARN, {arn}"
        raise BadReferenceError(
            "SSM-FORM",
            "must be a parameter's path, which begins with a slash, or the ARN of a secret, since names of"
            f" secrets are not read{fix}; got {quote(text)}",
        )
    return Parameter(_checked_name(text, text))


def _checked_name(name: str, text: str) -> str:
    before, colon, selector = name.partition(":")
    if colon and _PARAMETER_NAME.fullmatch(before):
        raise BadReferenceError(
            "SSM-5",
            "must have no version or label of a parameter, which ECS rejects;"
            f" got {quote(selector)} in {quote(text)};"
            " remove it, ECS reads the latest",
        )
    levels = name.strip("/").count("/") + 1
    if not _PARAMETER_NAME.fullmatch(name) or levels > MOST_LEVELS or len(text) > LONGEST_PARAMETER_ARN:
        raise BadReferenceError(
            "SSM-FORM",
            f"must be a parameter's name of letters, digits and . _ - in at most {MOST_LEVELS} levels between single"
            f" slashes; got {quote(text)}",
        )
    return name
