r"""The syntaxes of placeholders, and the name and default value of each.

    ${V}  ${V:-default}  ${V:=default}  ${{ v }}      shells, CloudFormation, envsubst, GitHub Actions
    $V  $$$V$$$  $(V)                                 shells, FireLens, Azure
    {{ v }}  {{ v | default('d') }}  {v}  [[v]]       Jinja, Go, documentation pages
    {{ must_env `V` }}  {{ env `V` `d` }}             ecspresso
    {{ tfstate `aws_x.y.arn` }}                       ecspresso; named aws_x.y.arn
    <V>  #{V}  %V%  @V@  __V__                        CodeDeploy, release tools
    PLACEHOLDER  TODO  YOUR_SECRET_ARN  DB_ARN        words that are the entire value
    xxxxxxxxxxxx  CHANGE_ME                           anywhere between other characters
    arn:aws:ssm:REGION:ACCOUNT_ID:…                   words in place of a region or account
    REPOSITORY_URI:TAG  ACCOUNT_ID.dkr.ecr.REGION.…   upper-case parts of an image's name, which is lower case

Each pattern stops at a character that it cannot match, so that scanning takes linear time.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

_LONGEST_KEPT = 256  # characters

_NAME = r"[A-Za-z_][A-Za-z0-9_.-]*"
_MARKED = re.compile(
    "|".join(
        (
            r"\$\{\{(?P<actions>.*?)(?:\}\}|\Z)",
            r"\$\{(?P<shell>(?:[^{}]|\{[^{}]*\})*)\}?",
            r"\$\((?P<call>[^)]*)\)?",
            r"(?<!\$)\$+(?P<dollar>[A-Za-z_][A-Za-z0-9_]*)\$*",
            r"\{\{(?P<template>.*?)(?:\}\}|\Z)",
            r"\#?\{(?P<brace>[^{}]*)\}?",
            r"<(?P<angle>[^<>]*)>?",
            r"\[\[(?P<bracket>.*?)(?:\]\]|\Z)",
            rf"%(?P<percent>{_NAME})%",
            rf"@(?P<at>{_NAME})@",
            r"__(?P<underscore>[A-Za-z][A-Za-z0-9]*(?:_[A-Za-z0-9]+)*)__(?![A-Za-z0-9])",
            r"(?<![A-Za-z0-9])(?P<letters>[Xx]{4,})(?![A-Za-z0-9])",
            r"(?<![A-Za-z0-9])(?P<command>(?i:(?:replace|change)[-_]?me))(?![A-Za-z0-9])",
        )
    ),
    re.DOTALL,
)

# Words that are placeholders if they are the entire value. Not in lower case: many applications are named todo.
_WORD = re.compile(
    r"PLACEHOLDER|TODO|TBD|FIXME|(?:REPLACE|INSERT|ENTER)_[A-Z0-9_]+|(?i:your)[-_][A-Za-z0-9_-]+|(?:[A-Z][A-Z0-9]*_)+ARN|IMAGE_UR[IL]|ACCOUNT_ID"
)
_REGION_WORD = re.compile(r"(?:(?:your|my|aws|the)[-_])?region(?:[-_](?:code|name|id))?|[a-z0-9-]*[A-Z_][A-Za-z0-9_-]*")
_ACCOUNT_WORD = re.compile(r"[A-Za-z0-9_-]*[A-Za-z][A-Za-z0-9_-]*")
# Words that AWS itself uses in place of an account: in ARNs of managed policies and of CloudFront users.
_ACCOUNTS_OF_AWS = ("aws", "cloudfront")
_PLAIN_ARN = re.compile(r"arn:[a-z-]+:[a-z0-9-]+:(?:[a-z]{2}-[a-z0-9-]+)?:(?:[0-9]{12})?:")
_ARN_PREFIXES = ("arn:", "credentialspec:arn:", "credentialspecdomainless:arn:")
# Matches strings that the last three patterns can match, in strings joined with null characters.
_SUSPICIOUS = re.compile(
    rf"\0(?:(?:{_WORD.pattern})(?=\0)|credentialspec(?:domainless)?:arn:|(?!{_PLAIN_ARN.pattern})arn:)"
)

_IMAGE_WORD = re.compile(r"[A-Z][A-Z0-9_-]*|(?i:your)[-_][a-z0-9_-]+")
_ECR_HOST_WORDS = re.compile(r"(?P<account>[A-Za-z0-9_-]+)\.dkr[.-]ecr(?:-fips)?\.(?P<region>[A-Za-z0-9_-]+)\.")

# A name without such words, as nearly all are.
_USUAL_IMAGE = re.compile(
    r"(?:[0-9]+\.dkr[.-]ecr(?:-fips)?\.[a-z-]+-[0-9]+\.|(?![^/]*\.dkr[.-]ecr)(?!your)[a-z0-9])"
    r"(?:[a-z0-9._:-]|/(?!your))*(?::[A-Za-z0-9._-]+)?(?:@[a-z0-9:]+)?"
)

_SHELL_DEFAULT = re.compile(r"(?P<name>[^:{}]*):[-=](?P<default>.*)", re.DOTALL)
_ARGUMENT = re.compile(r"`([^`]*)`|\"([^\"]*)\"|'([^']*)'")
_JINJA_DEFAULT = re.compile(r"(?P<name>[A-Za-z_][\w.]*)\s*\|\s*default\s*\(?\s*(?:'([^']*)'|\"([^\"]*)\")")


class Placeholder(NamedTuple):
    """A placeholder in a text: its position, its name without the style, and its default value or None.

    `is_word`: the name is a bare word, which may stand for different values in other strings.
    """

    start: int
    end: int
    name: str
    default: str | None = None
    is_word: bool = False


def placeholders(text: str, *, is_image: bool = False) -> tuple[Placeholder, ...]:
    """Return the placeholders in a string in order; for an image name, also those that only images have."""
    if not is_image and not (_may_hold_any if len(text) <= _LONGEST_KEPT else _may_hold_any.__wrapped__)(text):
        return ()
    return _placeholders(text, is_image)


# Cached: shape, values, context and features read the same few strings in succession.
@lru_cache(maxsize=16)
def _placeholders(text: str, is_image: bool) -> tuple[Placeholder, ...]:
    marked = [_marked(match) for match in _MARKED.finditer(text)] if _may_be_marked(text) else []
    if marked:
        return tuple(sorted([*marked, *_words_beside(text, marked, is_image=is_image)]))
    return tuple(_words(text, is_image=is_image))


def may_hold_placeholders(texts: Iterable[str], images: Iterable[str] = ()) -> bool:
    """Return False if texts certainly have no placeholder; much faster than checking each of them separately.

    Placeholders that only image names have are checked in `images`.
    """
    joined = "\0".join(("", *texts, *images, ""))
    if _may_be_marked(joined) or _SUSPICIOUS.search(joined) is not None:
        return True
    return not all(_USUAL_IMAGE.fullmatch(image) or not any(_image_words(image)) for image in images)


def _may_be_marked(text: str) -> bool:
    """Return False if a text certainly has no placeholder that is marked as one."""
    # Each sign is found separately, and without any(): a regular expression takes ten times as long.
    if (
        "$" in text
        or "{" in text
        or "}" in text
        or "<" in text
        or ">" in text
        or "%" in text
        or "@" in text
        or "[" in text
    ):
        return True
    lowered = text.lower()
    return "__" in lowered or "xxxx" in lowered or "replace" in lowered or "change" in lowered


@lru_cache(maxsize=4096)
def _may_hold_any(text: str) -> bool:
    """Return False if a text certainly has no placeholder; cached, since each text is checked several times."""
    return may_hold_placeholders((text,))


def bare_name(text: str) -> str:
    """Return the name of a placeholder with or without its syntax: V for `${V}`, `<V>` and `V`."""
    matches = placeholders(text)
    return matches[0].name if len(matches) == 1 and matches[0].end - matches[0].start == len(text) else text


def tag_start(image: str, inner: Sequence[Placeholder]) -> int:
    """Return the start of the tag or digest in an image's name with these placeholders, or its length without one.

    Permissions do not depend on the tag or digest.
    """
    name = _masked(image, inner).partition("@")[0]
    folder, slash, last = name.rpartition("/")
    return len(folder) + len(slash) + len(last.partition(":")[0])


def _words_beside(text: str, marked: Sequence[Placeholder], *, is_image: bool) -> Iterator[Placeholder]:
    """Yield the words in ARNs and images that are not part of a marked placeholder."""
    yield from _words(_masked(text, marked), is_image=is_image)


def _masked(text: str, inner: Sequence[Placeholder]) -> str:
    """Return a string of the same length with placeholders replaced by null characters."""
    parts: list[str] = []
    end = 0
    for placeholder in inner:
        parts += text[end : placeholder.start], "\0" * (placeholder.end - placeholder.start)
        end = placeholder.end
    return "".join([*parts, text[end:]])


def _words(text: str, *, is_image: bool) -> Iterator[Placeholder]:
    if text.startswith(_ARN_PREFIXES):
        yield from _arn_words(text)
    elif is_image:
        yield from _image_words(text)
    elif _WORD.fullmatch(text):
        yield Placeholder(0, len(text), text, is_word=True)


def _arn_words(text: str) -> Iterator[Placeholder]:
    start = text.index("arn:")
    parts = text[start:].split(":", 5)
    for index, part in enumerate(parts[:5]):
        is_word = (index == 3 and _REGION_WORD.fullmatch(part)) or (
            index == 4 and _ACCOUNT_WORD.fullmatch(part) and part not in _ACCOUNTS_OF_AWS
        )
        if is_word:
            yield Placeholder(start, start + len(part), part, is_word=True)
        start += len(part) + 1


def _image_words(text: str) -> Iterator[Placeholder]:
    host = _ECR_HOST_WORDS.match(text)
    if host:
        if _ACCOUNT_WORD.fullmatch(host["account"]):
            yield Placeholder(*host.span("account"), host["account"], is_word=True)
        if _REGION_WORD.fullmatch(host["region"]):
            yield Placeholder(*host.span("region"), host["region"], is_word=True)
    name = text.partition("@")[0]
    start = 0
    *folders, last = name.split("/")
    for part in (*folders, last.partition(":")[0]):
        if _IMAGE_WORD.fullmatch(part):
            yield Placeholder(start, start + len(part), part, is_word=True)
        start += len(part) + 1


def _marked(match: re.Match[str]) -> Placeholder:
    style = match.lastgroup or ""
    content = match[style].strip()
    start, end = match.span()
    if style == "shell" and (with_default := _SHELL_DEFAULT.fullmatch(content)):
        return Placeholder(start, end, with_default["name"].strip(), with_default["default"])
    if style == "template":
        return Placeholder(start, end, *_template(content))
    return Placeholder(start, end, content, is_word=style in ("letters", "command"))


def _template(content: str) -> tuple[str, str | None]:
    """Return the name and default of a placeholder in double braces, from the text between the braces."""
    content = content.strip("- \t\r\n")
    if jinja := _JINJA_DEFAULT.match(content):
        return jinja["name"], jinja[2] if jinja[2] is not None else jinja[3]
    function = content.split(None, 1)[0] if content else ""
    arguments = ["".join(filter(None, groups)) for groups in _ARGUMENT.findall(content)]
    if arguments and function in ("env", "must_env"):
        return arguments[0], arguments[1] if function == "env" and len(arguments) > 1 else None
    if arguments and function in ("tfstate", "tfstatef"):
        return _formatted(arguments), None
    return " ".join([function, *arguments]) if arguments else content.lstrip("."), None


def _formatted(arguments: list[str]) -> str:
    """Return the address in a state: the first argument, with each `%s` replaced by the next of the others."""
    address, *values = arguments
    for value in values:
        address = address.replace("%s", value, 1)
    return address
